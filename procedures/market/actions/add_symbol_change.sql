-- writes market.corporate_actions, market.instruments; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_symbol_change(
  symbol text, new_symbol text, ex_date date, at timestamptz DEFAULT now())
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_symbol_change.symbol);
  v_action        market.corporate_actions;
BEGIN
  IF (add_symbol_change.ex_date BETWEEN date '1900-01-01' AND date '2199-12-31'
      AND isfinite(add_symbol_change.at)
      AND add_symbol_change.new_symbol ~ '^[A-Za-z0-9^][A-Za-z0-9._/&+=^ -]{0,63}$'
      AND v_instrument_id IS NOT NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'a symbol change needs a readable new symbol and an ex-date from 1900 until 2199'
      USING ERRCODE = 'TR106',
            DETAIL = format('%L on %s.', left(add_symbol_change.new_symbol, 64), add_symbol_change.ex_date),
            HINT = 'The new symbol is written without its exchange: the instrument stays where it trades.';
  END IF;
  SELECT * INTO v_action FROM market.corporate_actions AS a
   WHERE a.instrument_id = v_instrument_id AND a.kind = 'symbol_change' AND a.ex_date = add_symbol_change.ex_date;
  IF NOT FOUND AND NOT EXISTS (SELECT FROM market.corporate_actions AS a
                                WHERE a.instrument_id = v_instrument_id AND a.kind = 'symbol_change'
                                  AND a.ex_date > add_symbol_change.ex_date) THEN
    INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, new_symbol)
    VALUES (v_instrument_id, 'symbol_change', add_symbol_change.ex_date, add_symbol_change.new_symbol)
    RETURNING * INTO v_action;
  END IF;
  IF v_action.new_symbol IS DISTINCT FROM add_symbol_change.new_symbol THEN
    RAISE EXCEPTION 'another symbol change of % on % or later is known',
      add_symbol_change.symbol, add_symbol_change.ex_date
      USING ERRCODE = 'TR106',
            DETAIL = format('It becomes %s.',
                            (SELECT string_agg(format('%s on %s', a.new_symbol, a.ex_date), ', ' ORDER BY a.ex_date)
                               FROM market.corporate_actions AS a
                              WHERE a.instrument_id = v_instrument_id AND a.kind = 'symbol_change'
                                AND a.ex_date >= add_symbol_change.ex_date)),
            HINT = 'Announce changes in the order in which they happen, one a day.';
  END IF;
  PERFORM market.apply_symbol_changes(add_symbol_change.at);
  SELECT * INTO v_action FROM market.corporate_actions AS a WHERE a.action_id = v_action.action_id;
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION market.add_symbol_change(text, text, date, timestamptz) IS
  'Announces that an instrument trades under a new symbol from ex_date on, and makes all changes that are in force at '
  'the time given; later ones wait for market.apply_symbol_changes. The same change again is returned unchanged. '
  'Errors TR101, TR103, TR106.';
REVOKE ALL ON FUNCTION market.add_symbol_change(text, text, date, timestamptz) FROM PUBLIC;
