-- writes market.corporate_actions; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_dividend(symbol text, amount numeric, ex_date date)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument market.instruments;
  v_action     market.corporate_actions;
BEGIN
  SELECT * INTO v_instrument FROM market.instruments AS i
   WHERE i.instrument_id = market.instrument_id(add_dividend.symbol);
  IF (v_instrument.kind NOT IN ('future', 'option') AND isfinite(add_dividend.ex_date)
      AND round(add_dividend.amount, 8) > 0 AND add_dividend.amount < 1e10) IS NOT TRUE THEN
    RAISE EXCEPTION 'a dividend needs something that pays it, an ex-date and a positive amount per unit'
      USING ERRCODE = 'TR106',
            DETAIL = format('%s, kind %s, on %s.', add_dividend.amount, v_instrument.kind, add_dividend.ex_date),
            HINT = 'The amount is what one share receives, in the currency of the instrument.';
  END IF;
  INSERT INTO market.corporate_actions (instrument_id, kind, ex_date, amount)
  VALUES (v_instrument.instrument_id, 'dividend', add_dividend.ex_date, add_dividend.amount)
  ON CONFLICT ON CONSTRAINT corporate_actions_instrument_id_kind_ex_date_key DO NOTHING
  RETURNING * INTO v_action;
  IF NOT FOUND THEN
    SELECT * INTO v_action FROM market.corporate_actions AS a
     WHERE a.instrument_id = v_instrument.instrument_id AND a.kind = 'dividend' AND a.ex_date = add_dividend.ex_date;
    IF v_action.amount <> round(add_dividend.amount, 8) THEN
      RAISE EXCEPTION 'another dividend of % on % is known', add_dividend.symbol, add_dividend.ex_date
        USING ERRCODE = 'TR106', DETAIL = format('Known is %s.', trim_scale(v_action.amount)),
              HINT = 'Correct market.corporate_actions by hand if no portfolio has met it yet.';
    END IF;
    RETURN v_action;
  END IF;
  PERFORM internal.ring_doorbell();
  RETURN v_action;
END
$$;
COMMENT ON FUNCTION market.add_dividend(text, numeric, date) IS
  'Announces a cash dividend per unit for those who hold the instrument when ex_date begins; the same dividend again '
  'is returned unchanged. Errors TR101, TR103, TR106.';
REVOKE ALL ON FUNCTION market.add_dividend(text, numeric, date) FROM PUBLIC;
