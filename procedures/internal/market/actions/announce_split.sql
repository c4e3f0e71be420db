-- writes market.corporate_actions; errors TR106
CREATE OR REPLACE FUNCTION internal.announce_split(
  p_kind market.corporate_action_kind, p_instrument_id int, p_symbol text, p_ex_date date, p_numerator numeric,
  p_denominator numeric)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_action market.corporate_actions;
BEGIN
  INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, numerator, denominator)
  VALUES (p_instrument_id, p_kind, p_ex_date, p_numerator, p_denominator)
  ON CONFLICT DO NOTHING
  RETURNING * INTO v_action;
  IF NOT FOUND THEN
    SELECT * INTO v_action FROM market.corporate_actions AS a
     WHERE a.instrument_id = p_instrument_id AND a.numerator IS NOT NULL AND a.ex_date = p_ex_date;
    IF v_action.kind <> p_kind OR v_action.numerator * p_denominator <> v_action.denominator * p_numerator THEN
      RAISE EXCEPTION 'another split or bonus of % on % is known', p_symbol, p_ex_date
        USING ERRCODE = 'TR106',
              DETAIL = format('Known is a %s of %s:%s.', v_action.kind,
                              trim_scale(v_action.numerator - CASE v_action.kind WHEN 'bonus' THEN v_action.denominator
                                                                                  ELSE 0 END),
                              trim_scale(v_action.denominator)),
              HINT = 'Correct market.corporate_actions by hand if no portfolio has met it yet; '
                     'two of one day are announced as one split.';
    END IF;
    RETURN v_action;
  END IF;
  -- Runners keep the actions to come in memory; one whose day has come already is theirs to catch up with.
  PERFORM internal.ring_doorbell();
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION internal.announce_split(market.corporate_action_kind, int, text, date, numeric, numeric) IS
  'Announces a split or bonus, p_numerator shares after it for p_denominator before; the same again is returned '
  'unchanged, and another of that day is refused. Error TR106.';
