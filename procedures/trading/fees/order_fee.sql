-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.order_fee(
  schedule text, at timestamptz, quantity numeric, value numeric, side trading.order_side DEFAULT 'buy',
  product trading.product DEFAULT 'delivery',
  maker_value numeric DEFAULT 0)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT sum(f) FROM unnest(trading.order_fees(
    order_fee.schedule, order_fee.at, order_fee.side, order_fee.product, order_fee.quantity, order_fee.value,
    order_fee.maker_value)) AS f);
END
$$;
COMMENT ON FUNCTION trading.order_fee(
  text, timestamptz, numeric, numeric, trading.order_side, trading.product, numeric) IS
  'Whole fee of an order that has filled this quantity for this value, of which maker_value rested in the book; '
  'trading.order_fees tells its components. NULL when the schedule has no terms for the day.';
