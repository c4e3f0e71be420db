-- reads trading.fee_plans, trading.fee_schedules, market.exchanges, trading.fills
CREATE OR REPLACE FUNCTION internal.fill_fees(
  p_schedule text, p_order trading.orders, p_instrument market.instruments, p_at timestamptz, p_quantity numeric,
  p_value numeric, p_maker_value numeric)
RETURNS numeric[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_terms  trading.fee_terms := trading.fee_terms_at(p_schedule, p_instrument.kind, p_instrument.exchange_id,
                                                     greatest(p_at, p_order.submitted_at));
  v_fees   numeric[] := trading.fees_of_lines(v_terms.lines, p_order.side, p_order.product,
                                              p_quantity - p_order.busted_quantity, p_value, p_maker_value);
  v_before numeric[];  -- what the terms of the day would take for what filled before it
BEGIN
  -- Terms of long ago were in force on the days of its other fills, too.
  IF p_order.filled_quantity > p_order.busted_quantity
     AND v_terms.valid_from > (p_order.submitted_at AT TIME ZONE 'UTC')::date - 2
     AND v_terms.valid_from > market.trading_day(p_instrument.exchange_id, p_order.submitted_at) THEN
    v_before := trading.fees_of_lines(
      v_terms.lines, p_order.side, p_order.product, p_order.filled_quantity - p_order.busted_quantity,
      p_order.filled_value, p_order.maker_value);
    FOR n IN 1 .. cardinality(v_before) LOOP
      v_fees[n] := v_fees[n] - v_before[n];
    END LOOP;
    v_fees := internal.add_fee_lines(v_fees, internal.due_fees(p_schedule, p_order, p_instrument));
  END IF;
  FOR n IN 1 .. coalesce(cardinality(v_fees), 0) LOOP
    v_fees[n] := greatest(v_fees[n] - coalesce(p_order.fee_lines[n], 0), 0);
  END LOOP;
  RETURN v_fees;
END
$$;
COMMENT ON FUNCTION internal.fill_fees(
  text, trading.orders, market.instruments, timestamptz, numeric, numeric, numeric) IS
  'Fee of a fill by component: the order pays for all of it that has filled with this fill (quantity, value, and value '
  'that rested in the book), the fill the difference to what the order has paid. Each part of it is charged by the '
  'terms of its own trading day, which is no earlier than that of the order. NULL when there are none.';
