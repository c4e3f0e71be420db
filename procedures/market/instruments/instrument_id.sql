-- reads market.instruments, market.exchanges, market.corporate_actions; errors TR101, TR103
CREATE OR REPLACE FUNCTION market.instrument_id(symbol text)
RETURNS int
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange text;
  v_symbol   text := instrument_id.symbol;
  v_id       int;
  v_count    int;
  v_ids      int[];
  v_names    text;
BEGIN
  SELECT count(*), min(i.instrument_id) INTO v_count, v_id
    FROM market.instruments AS i WHERE i.symbol = instrument_id.symbol;
  IF v_count = 1 THEN
    RETURN v_id;
  END IF;
  IF v_symbol LIKE '%:%' THEN
    v_exchange := upper(split_part(v_symbol, ':', 1));
    v_symbol := substr(v_symbol, strpos(v_symbol, ':') + 1);
  END IF;
  SELECT array_agg(i.instrument_id), string_agg(e.code || ':' || i.symbol, ', ' ORDER BY e.code)
    INTO v_ids, v_names
    FROM market.instruments AS i
    JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.symbol = v_symbol AND (v_exchange IS NULL OR e.code = v_exchange);
  IF v_ids IS NULL THEN
    -- Nothing trades under this symbol now: perhaps something did before it was renamed.
    SELECT array_agg(DISTINCT i.instrument_id), string_agg(DISTINCT e.code || ':' || i.symbol, ', ')
      INTO v_ids, v_names
      FROM market.corporate_actions AS a
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
     WHERE a.old_symbol = v_symbol AND (v_exchange IS NULL OR e.code = v_exchange);
  END IF;
  IF v_ids IS NULL THEN
    RAISE EXCEPTION 'unknown instrument "%"', instrument_id.symbol
      USING ERRCODE = 'TR101',
            DETAIL = format('%s instruments are known.', (SELECT count(*) FROM market.instruments)),
            HINT = 'Import its data, or call market.add_instrument(symbol => ..., exchange => ...). '
                   'Symbols are case-sensitive.';
  ELSIF cardinality(v_ids) > 1 THEN
    RAISE EXCEPTION 'the symbol "%" is ambiguous', instrument_id.symbol
      USING ERRCODE = 'TR103', DETAIL = format('It trades as %s.', v_names), HINT = 'Write EXCHANGE:SYMBOL.';
  END IF;
  RETURN v_ids[1];
END
$$;
COMMENT ON FUNCTION market.instrument_id(text) IS
  'Identifier of the instrument that SYMBOL or EXCHANGE:SYMBOL names, or named before it was renamed. Errors TR101, '
  'TR103.';
