-- reads trading.fills, trading.fee_plans, trading.fee_schedules, market.exchanges
CREATE OR REPLACE FUNCTION internal.due_fees(
  p_schedule text, p_order trading.orders, p_instrument market.instruments)
RETURNS numeric[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_day      record;
  v_quantity numeric := 0;
  v_value    numeric := 0;
  v_maker    numeric := 0;
  v_lines    trading.fee_line[];
  v_before   numeric[];
  v_fees     numeric[];
  v_due      numeric[] := ARRAY[]::numeric[];
BEGIN
  FOR v_day IN
    WITH RECURSIVE known AS (
      SELECT f.* FROM trading.fills AS f
       WHERE f.portfolio_id = p_order.portfolio_id AND f.order_id = p_order.order_id AND f.busts_fill_id IS NULL
    ), places AS (  -- a correction is of the day of the fill that it corrects
      SELECT k.fill_id, k.at FROM known AS k WHERE k.corrects_fill_id IS NULL
      UNION ALL
      SELECT k.fill_id, n.at FROM known AS k JOIN places AS n ON n.fill_id = k.corrects_fill_id
    )
    SELECT market.trading_day(p_instrument.exchange_id, greatest(n.at, p_order.submitted_at)) AS day, max(n.at) AS at,
           sum(k.quantity) AS quantity, sum(k.value) AS value,
           coalesce(sum(k.value) FILTER (WHERE k.liquidity = 'maker'), 0) AS maker_value
      FROM known AS k JOIN places AS n USING (fill_id)
     WHERE NOT EXISTS (SELECT FROM trading.fills AS b
                        WHERE b.portfolio_id = p_order.portfolio_id AND b.busts_fill_id = k.fill_id)
     GROUP BY 1 ORDER BY 1
  LOOP
    v_lines := (trading.fee_terms_at(p_schedule, p_instrument.kind, p_instrument.exchange_id,
                                     greatest(v_day.at, p_order.submitted_at))).lines;
    v_before := trading.fees_of_lines(v_lines, p_order.side, p_order.product, v_quantity, v_value, v_maker);
    v_fees := trading.fees_of_lines(v_lines, p_order.side, p_order.product, v_quantity + v_day.quantity,
                                    v_value + v_day.value, v_maker + v_day.maker_value);
    FOR n IN 1 .. cardinality(v_fees) LOOP
      v_fees[n] := v_fees[n] - coalesce(v_before[n], 0);
    END LOOP;
    v_due := internal.add_fee_lines(v_due, v_fees);
    v_quantity := v_quantity + v_day.quantity;
    v_value := v_value + v_day.value;
    v_maker := v_maker + v_day.maker_value;
  END LOOP;
  RETURN v_due;
END
$$;
COMMENT ON FUNCTION internal.due_fees(text, trading.orders, market.instruments) IS
  'What an order owes by component for all that has filled of it and was not taken back, each trading day of the '
  'exchange by its own terms: the difference that the fills of that day make to what filled before.';
