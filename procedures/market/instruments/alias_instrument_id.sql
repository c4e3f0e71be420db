-- reads market.instrument_aliases; errors TR101
CREATE OR REPLACE FUNCTION market.alias_instrument_id(broker text, alias text)
RETURNS int
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int;
BEGIN
  SELECT a.instrument_id INTO v_instrument_id
    FROM market.instrument_aliases AS a
   WHERE a.broker = alias_instrument_id.broker AND a.alias = alias_instrument_id.alias;
  IF v_instrument_id IS NULL THEN
    RAISE EXCEPTION 'broker "%" has no instrument "%"', alias_instrument_id.broker, alias_instrument_id.alias
      USING ERRCODE = 'TR101',
            DETAIL = format('%s aliases of that broker are known.',
                            (SELECT count(*) FROM market.instrument_aliases AS a
                              WHERE a.broker = alias_instrument_id.broker)),
            HINT = 'Import the broker''s instrument master with bourse import instruments --broker, '
                   'or call market.add_alias(...).';
  END IF;
  RETURN v_instrument_id;
END
$$;
COMMENT ON FUNCTION market.alias_instrument_id(text, text) IS
  'Identifier of the instrument that a broker calls so. Error TR101.';
