CREATE OR REPLACE FUNCTION trading.ceil_to_tick(p_price numeric, p_tick_size numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (div(p_price, p_tick_size) + CASE WHEN mod(p_price, p_tick_size) > 0 THEN 1 ELSE 0 END) * p_tick_size;
END
$$;
COMMENT ON FUNCTION trading.ceil_to_tick(numeric, numeric) IS 'The price on the tick grid that is not below this one.';
