-- writes market.tick_coverage; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.set_tick_coverage(
  symbol text, from_day date, until_day date DEFAULT NULL, is_complete boolean DEFAULT true)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(set_tick_coverage.symbol);
  v_until_day     date := coalesce(set_tick_coverage.until_day, set_tick_coverage.from_day);
  v_days          int;
BEGIN
  IF (v_instrument_id IS NOT NULL AND set_tick_coverage.from_day BETWEEN date '1900-01-01' AND date '2199-12-31'
      AND v_until_day BETWEEN date '1900-01-01' AND date '2199-12-31'
      AND v_until_day - set_tick_coverage.from_day BETWEEN 0 AND 3660) IS NOT TRUE THEN
    RAISE EXCEPTION 'ticks are complete, or not, on trading days from one to another, at most ten years'
      USING ERRCODE = 'TR104',
            DETAIL = format('Symbol %s, from %s until %s.', coalesce(set_tick_coverage.symbol, 'NULL'),
                            coalesce(set_tick_coverage.from_day::text, 'NULL'), coalesce(v_until_day::text, 'NULL')),
            HINT = 'For example market.set_tick_coverage(''IBM'', ''2013-10-07'', ''2013-10-08'').';
  END IF;
  IF set_tick_coverage.is_complete IS NULL THEN
    DELETE FROM market.tick_coverage AS c
     WHERE c.instrument_id = v_instrument_id AND c.day BETWEEN set_tick_coverage.from_day AND v_until_day;
  ELSE
    INSERT INTO market.tick_coverage AS c (instrument_id, day, is_complete)
    SELECT v_instrument_id, d::date, set_tick_coverage.is_complete
      FROM generate_series(set_tick_coverage.from_day, v_until_day, interval '1 day') AS d
    ON CONFLICT ON CONSTRAINT tick_coverage_pkey DO UPDATE
      SET is_complete = EXCLUDED.is_complete, said_by = EXCLUDED.said_by, said_at = EXCLUDED.said_at;
  END IF;
  GET DIAGNOSTICS v_days = ROW_COUNT;
  RETURN v_days;
END
$$;
COMMENT ON FUNCTION market.set_tick_coverage(text, date, date, boolean) IS
  'Says of the trading days from from_day to until_day (NULL: of from_day alone) that the ticks of an instrument are '
  'complete, or that they are not; NULL takes that back, so that the ticks themselves tell. Candles follow at once. '
  'Returns the number of days. Errors TR101, TR103, TR104.';
REVOKE ALL ON FUNCTION market.set_tick_coverage(text, date, date, boolean) FROM PUBLIC;
