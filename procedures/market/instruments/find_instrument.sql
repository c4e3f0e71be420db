-- reads what market.instrument_id reads
CREATE OR REPLACE FUNCTION market.find_instrument(symbol text)
RETURNS int
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN market.instrument_id(find_instrument.symbol);
EXCEPTION WHEN SQLSTATE 'TR101' OR SQLSTATE 'TR103' THEN
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.find_instrument(text) IS
  'The same as market.instrument_id, but NULL when the symbol names no instrument, or several.';
