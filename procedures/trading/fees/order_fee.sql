-- reads trading.fee_plans, trading.fee_schedules, market.exchanges; errors TR102
CREATE OR REPLACE FUNCTION trading.order_fee(
  schedule text, at timestamptz, quantity numeric, value numeric, side trading.order_side DEFAULT 'buy',
  product trading.product DEFAULT 'delivery',
  maker_value numeric DEFAULT 0, kind market.instrument_kind DEFAULT 'equity', exchange text DEFAULT NULL)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT sum(f) FROM unnest(trading.order_fees(
    order_fee.schedule, order_fee.at, order_fee.side, order_fee.product, order_fee.quantity, order_fee.value,
    order_fee.maker_value, order_fee.kind, market.exchange_id(order_fee.exchange))) AS f);
END
$$;
COMMENT ON FUNCTION trading.order_fee(
  text, timestamptz, numeric, numeric, trading.order_side, trading.product, numeric, market.instrument_kind, text) IS
  'Whole fee of an order that has filled this quantity for this value, of which maker_value rested in the book; '
  'trading.order_fee_lines tells its components. The schedule or plan is asked for this kind of instrument and, where '
  'an exchange is named, for its trading day; else the day is that of UTC. NULL when there are no terms. Error TR102.';
