-- writes market.corporate_actions; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_bonus(symbol text, ex_date date, new_shares numeric, held numeric DEFAULT 1)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_bonus.symbol);
BEGIN
  IF (v_instrument_id IS NOT NULL AND isfinite(add_bonus.ex_date) AND add_bonus.new_shares > 0
      AND add_bonus.held > 0
      AND (add_bonus.new_shares + add_bonus.held) / add_bonus.held BETWEEN 1.00001 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a bonus needs a symbol, an ex-date and two positive numbers'
      USING ERRCODE = 'TR106',
            DETAIL = format('%s:%s on %s.', add_bonus.new_shares, add_bonus.held, add_bonus.ex_date),
            HINT = 'A 1:1 bonus, a new share for each that is held, is new_shares => 1, held => 1; '
                   'a 3:2 bonus is new_shares => 3, held => 2.';
  END IF;
  RETURN internal.announce_split('bonus', v_instrument_id, add_bonus.symbol, add_bonus.ex_date,
                                 add_bonus.new_shares + add_bonus.held, add_bonus.held);
END
$$;
COMMENT ON FUNCTION market.add_bonus(text, date, numeric, numeric) IS
  'Announces a bonus issue from the open of ex_date on: so many new shares, without payment, for each so many that are '
  'held. A 1:1 bonus doubles a holding, as a 2:1 split does, and is kept as such (numerator 2, denominator 1). The '
  'same bonus again is returned unchanged. Errors TR101, TR103, TR106.';
REVOKE ALL ON FUNCTION market.add_bonus(text, date, numeric, numeric) FROM PUBLIC;
