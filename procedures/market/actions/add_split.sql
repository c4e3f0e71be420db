-- writes market.corporate_actions; errors TR101, TR103, TR106
CREATE OR REPLACE FUNCTION market.add_split(symbol text, ex_date date, numerator numeric, denominator numeric DEFAULT 1)
RETURNS market.corporate_actions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument_id int := market.instrument_id(add_split.symbol);
BEGIN
  IF (v_instrument_id IS NOT NULL AND isfinite(add_split.ex_date) AND add_split.numerator > 0
      AND add_split.denominator > 0 AND add_split.numerator <> add_split.denominator
      AND add_split.numerator / add_split.denominator BETWEEN 0.00001 AND 100000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a split needs a symbol, an ex-date and two different positive numbers'
      USING ERRCODE = 'TR106',
            DETAIL = format('%s:%s of %s on %s.', left(add_split.numerator::text, 40),
                            left(add_split.denominator::text, 40), coalesce(left(add_split.symbol, 64), 'NULL'),
                            add_split.ex_date),
            HINT = 'A 2:1 split is numerator => 2, denominator => 1; '
                   'a 1:10 reverse split is numerator => 1, denominator => 10.';
  END IF;
  RETURN internal.announce_split('split', v_instrument_id, add_split.symbol, add_split.ex_date, add_split.numerator,
                                 add_split.denominator);
END
$$;
COMMENT ON FUNCTION market.add_split(text, date, numeric, numeric) IS
  'Announces a split from the open of ex_date on; the same split again is returned unchanged. Errors TR101, TR103, '
  'TR106.';
REVOKE ALL ON FUNCTION market.add_split(text, date, numeric, numeric) FROM PUBLIC;
