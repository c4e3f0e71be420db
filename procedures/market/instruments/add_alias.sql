-- writes market.instrument_aliases; errors TR101, TR103, TR108
CREATE OR REPLACE FUNCTION market.add_alias(broker text, alias text, symbol text)
RETURNS market.instrument_aliases
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_alias.symbol);
  v_alias         market.instrument_aliases;
BEGIN
  IF num_nulls(add_alias.broker, add_alias.alias, v_instrument_id) > 0 THEN
    RAISE EXCEPTION 'an alias needs a broker, the broker''s name for the instrument, and its symbol'
      USING ERRCODE = 'TR108',
            DETAIL = format('broker %s, alias %s, symbol %s.', coalesce(add_alias.broker, 'NULL'),
                            coalesce(add_alias.alias, 'NULL'), coalesce(add_alias.symbol, 'NULL')),
            HINT = 'For example market.add_alias(''zerodha'', ''408065'', ''NSE:INFY'').';
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
