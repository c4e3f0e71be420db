-- writes market.corporate_actions; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_dividend(symbol text, ex_date date, amount numeric)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_dividend.symbol);
  v_action        market.corporate_actions;
BEGIN
  IF (v_instrument_id IS NOT NULL AND isfinite(add_dividend.ex_date) AND round(add_dividend.amount, 8) > 0 AND add_dividend.amount < 1e10) IS NOT TRUE THEN
    RAISE EXCEPTION 'a dividend needs a symbol, an ex-date and a positive amount per share'
      USING ERRCODE = 'TR106', DETAIL = format('%s on %s.', add_dividend.amount, add_dividend.ex_date),
            HINT = 'For example market.add_dividend(''AAPL'', ''2012-08-09'', 2.65).';
  END IF;
  INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, amount)
  VALUES (v_instrument_id, 'dividend', add_dividend.ex_date, add_dividend.amount)
  ON CONFLICT ON CONSTRAINT corporate_actions_instrument_id_kind_ex_date_key DO NOTHING
  RETURNING * INTO v_action;
  IF NOT FOUND THEN
    SELECT * INTO v_action FROM market.corporate_actions AS a
     WHERE a.instrument_id = v_instrument_id AND a.kind = 'dividend' AND a.ex_date = add_dividend.ex_date;
    IF v_action.amount <> round(add_dividend.amount, 8) THEN
      RAISE EXCEPTION 'another dividend of % on % is known', add_dividend.symbol, add_dividend.ex_date
        USING ERRCODE = 'TR106', DETAIL = format('Known is %s.', v_action.amount),
              HINT = 'Two payments of one day are announced as their sum; correct market.corporate_actions by hand if no portfolio has met it yet.';
    END IF;
  END IF;
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION market.add_dividend(text, date, numeric) IS
  'Announces a cash dividend per share, in shares of the ex-date; the same dividend again is returned unchanged. Errors TR101, TR103, TR106.';
REVOKE ALL ON FUNCTION market.add_dividend(text, date, numeric) FROM PUBLIC;
