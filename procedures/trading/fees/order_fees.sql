-- reads trading.fee_plans, trading.fee_schedules, market.exchanges
CREATE OR REPLACE FUNCTION trading.order_fees(
  p_schedule text, p_at timestamptz, p_side trading.order_side, p_product trading.product, p_quantity numeric,
  p_value numeric, p_maker_value numeric, p_kind market.instrument_kind DEFAULT 'equity',
  p_exchange_id int DEFAULT NULL)
RETURNS numeric[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN trading.fees_of_lines((trading.fee_terms_at(p_schedule, p_kind, p_exchange_id, p_at)).lines, p_side, p_product,
                               p_quantity, p_value, p_maker_value);
END
$$;
COMMENT ON FUNCTION trading.order_fees(
  text, timestamptz, trading.order_side, trading.product, numeric, numeric, numeric, market.instrument_kind, int) IS
  'Fee by component, in the order of trading.fee_component, of an order that has filled this quantity for this value '
  'on the trading day of p_at at this exchange (NULL: in UTC), of which p_maker_value rested in the book. It never '
  'falls as they grow: a fill is charged the difference that it makes. NULL when the schedule has no terms for kind '
  'and day.';
