-- writes market.instrument_aliases; errors TR101, TR103, TR108
CREATE OR REPLACE FUNCTION market.add_alias(broker text, alias text, symbol text)
RETURNS market.instrument_aliases
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_alias.symbol);
  v_alias         market.instrument_aliases;
  v_fault         text;  -- the term that is wrong
BEGIN
  v_fault := CASE WHEN add_alias.broker ~ '^[a-z][a-z0-9_.-]{0,62}$' IS NOT TRUE THEN 'broker'
                  WHEN add_alias.alias ~ '^[[:graph:]]([[:print:]]{0,126}[[:graph:]])?$' IS NOT TRUE THEN 'alias'
                  WHEN v_instrument_id IS NULL THEN 'symbol' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'an alias cannot have this %', v_fault
      USING ERRCODE = 'TR108',
            DETAIL = format('%s is %s.', v_fault,
                            coalesce(quote_literal(left(CASE v_fault WHEN 'broker' THEN add_alias.broker
                                                                     WHEN 'alias' THEN add_alias.alias END, 64)),
                                     'NULL')),
            HINT = 'A broker is a word in small letters of up to 63 characters, its name for the instrument has 1 to '
                   '128 printable ones: market.add_alias(''zerodha'', ''408065'', ''NSE:INFY'').';
  END IF;
  INSERT INTO market.instrument_aliases (broker, alias, instrument_id)
  VALUES (add_alias.broker, add_alias.alias, v_instrument_id)
  ON CONFLICT ON CONSTRAINT instrument_aliases_pkey DO UPDATE SET instrument_id = EXCLUDED.instrument_id
  RETURNING * INTO v_alias;
  RETURN v_alias;
END
$$;
COMMENT ON FUNCTION market.add_alias(text, text, text) IS
  'Says what a broker calls an instrument; a name that meant another one means this one from now on. Errors TR101, '
  'TR103, TR108.';
REVOKE ALL ON FUNCTION market.add_alias(text, text, text) FROM PUBLIC;
