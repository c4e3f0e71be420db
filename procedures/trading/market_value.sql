-- reads market.quotes
CREATE OR REPLACE FUNCTION trading.market_value(p_instrument_id int, p_quantity numeric, p_cost numeric, p_multiplier numeric, p_is_future boolean)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_quantity = 0 THEN
    RETURN 0;
  END IF;
  RETURN coalesce(round(p_quantity * (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = p_instrument_id) * p_multiplier, 8), p_cost)
         - CASE WHEN p_is_future THEN p_cost ELSE 0 END;
END
$$;
COMMENT ON FUNCTION trading.market_value(int, numeric, numeric, numeric, boolean) IS
  'What a position counts at the latest quote, at cost without one; a future its gain since the last settlement.';
