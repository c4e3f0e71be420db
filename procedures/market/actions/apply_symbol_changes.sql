-- writes market.instruments, market.corporate_actions; errors TR106
CREATE OR REPLACE FUNCTION market.apply_symbol_changes(at timestamptz DEFAULT now())
RETURNS SETOF market.instruments
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_action     market.corporate_actions;
  v_instrument market.instruments;
BEGIN
  IF isfinite(apply_symbol_changes.at) IS NOT TRUE THEN
    RAISE EXCEPTION 'symbol changes are made as of a time'
      USING ERRCODE = 'TR106', DETAIL = format('It is %s.', coalesce(apply_symbol_changes.at::text, 'NULL')),
            HINT = 'Leave it out to make those that are in force now.';
  END IF;
  FOR v_action IN
    SELECT a.* FROM market.corporate_actions AS a JOIN market.instruments AS i USING (instrument_id)
     WHERE a.kind = 'symbol_change' AND a.old_symbol IS NULL
       AND market.day_start(i.exchange_id, a.ex_date) <= apply_symbol_changes.at
     ORDER BY a.ex_date, a.action_id
       FOR UPDATE OF a
  LOOP
    SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_action.instrument_id FOR UPDATE;
    IF EXISTS (SELECT FROM market.instruments AS i
                WHERE i.exchange_id = v_instrument.exchange_id AND i.symbol = v_action.new_symbol
                  AND i.instrument_id <> v_instrument.instrument_id) THEN
      RAISE EXCEPTION '% cannot become %', v_instrument.symbol, v_action.new_symbol
        USING ERRCODE = 'TR106',
              DETAIL = format('Another instrument of its exchange has that symbol on %s.', v_action.ex_date),
              HINT = 'Announce the change of the other one first: '
                     'market.add_symbol_change(symbol, new_symbol, ex_date).';
    END IF;
    UPDATE market.corporate_actions AS a SET old_symbol = v_instrument.symbol WHERE a.action_id = v_action.action_id;
    UPDATE market.instruments AS i
       SET symbol = v_action.new_symbol
     WHERE i.instrument_id = v_action.instrument_id
    RETURNING * INTO v_instrument;
    RETURN NEXT v_instrument;
  END LOOP;
END
$$;
COMMENT ON FUNCTION market.apply_symbol_changes(timestamptz) IS
  'Gives instruments the symbols that are in force by then, once each, and returns them; identifiers stay, and old '
  'symbols still find them. Error TR106.';
REVOKE ALL ON FUNCTION market.apply_symbol_changes(timestamptz) FROM PUBLIC;
