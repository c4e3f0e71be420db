-- writes market.instruments; errors TR102, TR108
CREATE OR REPLACE FUNCTION market.ensure_instruments(symbols text[], exchange text DEFAULT NULL)
RETURNS TABLE (symbol text, instrument_id int, time_zone text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  -- A symbol that is known on any exchange is meant, unless the caller names the exchange.
  PERFORM market.add_instrument(symbol => s, exchange => coalesce(ensure_instruments.exchange, 'US'))
    FROM unnest(ensure_instruments.symbols) AS s
   WHERE s ~ '^[A-Za-z0-9][A-Za-z0-9._/&+ -]{0,63}$'
     AND NOT EXISTS (
       SELECT FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
        WHERE i.symbol = s AND (ensure_instruments.exchange IS NULL OR e.code = upper(ensure_instruments.exchange)));
  RETURN QUERY
    SELECT i.symbol::text, i.instrument_id, e.time_zone
      FROM market.instruments AS i
      JOIN market.exchanges AS e USING (exchange_id)
     WHERE i.instrument_id IN (
       SELECT market.instrument_id(coalesce(ensure_instruments.exchange || ':', '') || s)
         FROM unnest(ensure_instruments.symbols) AS s
        WHERE s ~ '^[A-Za-z0-9][A-Za-z0-9._/&+ -]{0,63}$');
END
$$;
COMMENT ON FUNCTION market.ensure_instruments(text[], text) IS
  'Identifiers of these symbols for an importer; unknown ones are added to the exchange (default US) as equities. '
  'Unreadable symbols are left out. Errors TR102, TR103.';
REVOKE ALL ON FUNCTION market.ensure_instruments(text[], text) FROM PUBLIC;
