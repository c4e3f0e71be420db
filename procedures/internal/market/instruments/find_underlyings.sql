-- reads market.instruments, market.exchanges, market.underlying_names
CREATE OR REPLACE FUNCTION internal.find_underlyings(p_terms market.instrument_terms[])
RETURNS TABLE (exchange_id int, name text, underlying_id int)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  -- EXCHANGE:SYMBOL as it says; a bare symbol on the same exchange, else wherever it is the only one of its name, else
  -- the index that goes by another name.
  RETURN QUERY
    SELECT n.exchange_id, n.underlying,
           coalesce(max(i.instrument_id) FILTER (WHERE i.exchange_id = n.exchange_id
                                                       AND i.symbol <> coalesce(o.symbol, '')),
                    CASE count(*) FILTER (WHERE i.symbol <> coalesce(o.symbol, ''))
                      WHEN 1 THEN max(i.instrument_id) FILTER (WHERE i.symbol <> coalesce(o.symbol, ''))
                      WHEN 0 THEN CASE WHEN count(*) = 1 THEN max(i.instrument_id) END END)
      FROM (SELECT DISTINCT t.exchange_id, t.underlying, strpos(t.underlying, ':') AS colon
              FROM unnest(p_terms) AS t
             WHERE t.reason IS NULL AND t.underlying IS NOT NULL) AS n
      LEFT JOIN market.underlying_names AS o ON o.name = substr(n.underlying, n.colon + 1)
      JOIN market.instruments AS i ON i.symbol IN (substr(n.underlying, n.colon + 1), o.symbol)
      JOIN market.exchanges AS e ON e.exchange_id = i.exchange_id
     WHERE i.kind <> 'option' AND (n.colon = 0 OR e.code = upper(left(n.underlying, n.colon - 1)))
     GROUP BY n.exchange_id, n.underlying;
END
$$;
COMMENT ON FUNCTION internal.find_underlyings(market.instrument_terms[]) IS
  'What the underlyings of these futures and options are; a name that no instrument has, or several on other '
  'exchanges, is left out or NULL.';
