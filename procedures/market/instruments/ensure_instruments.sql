-- writes market.instruments; errors TR102, TR108
CREATE OR REPLACE FUNCTION market.ensure_instruments(symbols text[], exchange text DEFAULT NULL)
RETURNS TABLE (symbol text, instrument_id int, time_zone text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_symbols text[];
BEGIN
  -- A symbol that is known on any exchange is meant, unless the caller or the symbol itself names the exchange.
  SELECT array_agg(DISTINCT s) INTO v_symbols
    FROM unnest(ensure_instruments.symbols) AS s
   WHERE substr(s, strpos(s, ':') + 1) ~ '^[A-Za-z0-9^][A-Za-z0-9._/&+=^ -]{0,63}$'
     AND (s NOT LIKE '%:%' OR EXISTS (SELECT FROM market.exchanges AS e WHERE e.code = upper(split_part(s, ':', 1))));
  PERFORM market.add_instrument(symbol => n.symbol, exchange => coalesce(n.exchange, 'US'))
    FROM unnest(v_symbols) AS s
    CROSS JOIN LATERAL (
      SELECT substr(s, strpos(s, ':') + 1) AS symbol,
             CASE WHEN s LIKE '%:%' THEN split_part(s, ':', 1) ELSE ensure_instruments.exchange END AS exchange) AS n
   WHERE NOT EXISTS (
       SELECT FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
        WHERE i.symbol = n.symbol AND (n.exchange IS NULL OR e.code = upper(n.exchange)));
  RETURN QUERY
    SELECT s, i.instrument_id, e.time_zone
      FROM unnest(v_symbols) AS s
      JOIN market.instruments AS i ON i.instrument_id = market.instrument_id(
        CASE WHEN s LIKE '%:%' THEN '' ELSE coalesce(ensure_instruments.exchange || ':', '') END || s)
      JOIN market.exchanges AS e USING (exchange_id);
END
$$;
COMMENT ON FUNCTION market.ensure_instruments(text[], text) IS
  'Identifiers of these symbols (SYMBOL or EXCHANGE:SYMBOL, as given) for an importer; unknown ones are added to the '
  'exchange that they name, or else that is named (default US), as equities. Unreadable symbols and unknown exchanges '
  'of theirs are left out. Errors TR102, TR103.';
REVOKE ALL ON FUNCTION market.ensure_instruments(text[], text) FROM PUBLIC;
