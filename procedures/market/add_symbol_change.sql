-- writes market.corporate_actions, and market.instruments when the change is in force; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_symbol_change(symbol text, ex_date date, new_symbol text, at timestamptz DEFAULT now())
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument market.instruments;
  v_action     market.corporate_actions;
BEGIN
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = market.instrument_id(add_symbol_change.symbol) FOR NO KEY UPDATE;
  SELECT * INTO v_action FROM market.corporate_actions AS a
   WHERE a.instrument_id = v_instrument.instrument_id AND a.kind = 'symbol_change' AND a.ex_date = add_symbol_change.ex_date;
  IF FOUND AND v_action.new_symbol = add_symbol_change.new_symbol THEN
    RETURN v_action;
  END IF;
  IF FOUND OR (isfinite(add_symbol_change.ex_date) AND add_symbol_change.new_symbol <> v_instrument.symbol AND isfinite(add_symbol_change.at)) IS NOT TRUE THEN
    RAISE EXCEPTION 'a symbol change needs an ex-date of its own and another symbol'
      USING ERRCODE = 'TR106', DETAIL = format('%s to %s on %s.', v_instrument.symbol, add_symbol_change.new_symbol, add_symbol_change.ex_date),
            HINT = 'For example market.add_symbol_change(''FB'', ''2022-06-09'', ''META'').';
  END IF;
  INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, old_symbol, new_symbol)
  VALUES (v_instrument.instrument_id, 'symbol_change', add_symbol_change.ex_date, v_instrument.symbol, add_symbol_change.new_symbol)
  RETURNING * INTO v_action;
  PERFORM market.apply_symbol_changes(add_symbol_change.at);
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION market.add_symbol_change(text, date, text, timestamptz) IS
  'Announces that an instrument trades under another symbol from ex_date on; in force by "at", it is renamed at once, unless its successor is an instrument of its own. The same change again is returned unchanged. Errors TR101, TR103, TR106.';
REVOKE ALL ON FUNCTION market.add_symbol_change(text, date, text, timestamptz) FROM PUBLIC;
