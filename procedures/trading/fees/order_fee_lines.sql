-- reads trading.fee_plans, trading.fee_schedules, market.exchanges; errors TR102
CREATE OR REPLACE FUNCTION trading.order_fee_lines(
  schedule text, at timestamptz, quantity numeric, value numeric, side trading.order_side DEFAULT 'buy',
  product trading.product DEFAULT 'delivery',
  maker_value numeric DEFAULT 0, kind market.instrument_kind DEFAULT 'equity', exchange text DEFAULT NULL)
RETURNS TABLE (component trading.fee_component, amount numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT c.word, f.amount
      FROM unnest(trading.order_fees(order_fee_lines.schedule, order_fee_lines.at, order_fee_lines.side,
                                     order_fee_lines.product, order_fee_lines.quantity, order_fee_lines.value,
                                     order_fee_lines.maker_value, order_fee_lines.kind,
                                     market.exchange_id(order_fee_lines.exchange))) WITH ORDINALITY AS f (amount, place)
      JOIN unnest(enum_range(NULL::trading.fee_component)) WITH ORDINALITY AS c (word, place) USING (place)
     WHERE f.amount <> 0
     ORDER BY f.place;
END
$$;
COMMENT ON FUNCTION trading.order_fee_lines(
  text, timestamptz, numeric, numeric, trading.order_side, trading.product, numeric, market.instrument_kind, text) IS
  'What an order would be charged, line by line as on a contract note; components that cost nothing are left out. Kind '
  'and exchange as in trading.order_fee. No rows when there are no terms. Error TR102.';
