-- writes market.corporate_actions; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_split(symbol text, ex_date date, numerator numeric, denominator numeric DEFAULT 1)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_split.symbol);
  v_action        market.corporate_actions;
BEGIN
  IF (isfinite(add_split.ex_date) AND add_split.numerator > 0 AND add_split.denominator > 0
      AND add_split.numerator <> add_split.denominator
      AND add_split.numerator / add_split.denominator BETWEEN 0.00001 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a split needs an ex-date and two different positive numbers'
      USING ERRCODE = 'TR106',
            DETAIL = format('%s:%s on %s.', add_split.numerator, add_split.denominator, add_split.ex_date),
            HINT = 'A 2:1 split is numerator => 2, denominator => 1; '
                   'a 1:10 reverse split is numerator => 1, denominator => 10.';
  END IF;
  INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, numerator, denominator)
  VALUES (v_instrument_id, 'split', add_split.ex_date, add_split.numerator, add_split.denominator)
  ON CONFLICT ON CONSTRAINT corporate_actions_instrument_id_kind_ex_date_key DO NOTHING
  RETURNING * INTO v_action;
  IF NOT FOUND THEN
    SELECT * INTO v_action FROM market.corporate_actions AS a
     WHERE a.instrument_id = v_instrument_id AND a.kind = 'split' AND a.ex_date = add_split.ex_date;
    IF v_action.numerator * add_split.denominator <> v_action.denominator * add_split.numerator THEN
      RAISE EXCEPTION 'another split of % on % is known', add_split.symbol, add_split.ex_date
        USING ERRCODE = 'TR106', DETAIL = format('Known is %s:%s.', v_action.numerator, v_action.denominator),
              HINT = 'Correct market.corporate_actions by hand if no portfolio has met it yet.';
    END IF;
    RETURN v_action;
  END IF;
  -- Runners keep the actions to come in memory; one whose day has come already is theirs to catch up with.
  PERFORM internal.ring_doorbell();
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION market.add_split(text, date, numeric, numeric) IS
  'Announces a split from the open of ex_date on; the same split again is returned unchanged. Errors TR101, TR103, '
  'TR106.';
REVOKE ALL ON FUNCTION market.add_split(text, date, numeric, numeric) FROM PUBLIC;
