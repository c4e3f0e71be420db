-- reads market.history; writes market.candle_store, market.archived_days; locks: tries the advisory lock that
-- writers of candles share, until commit
CREATE OR REPLACE FUNCTION internal.archive_day(p_instrument_id int, p_day timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_until constant timestamptz := p_day + interval '1 day';
BEGIN
  IF NOT pg_try_advisory_xact_lock(1114599796, 2) THEN
    RETURN NULL;
  END IF;
  -- Ticks that have come since the refresh are missing in the aggregates: then the day stays where it is until the next
  -- one. Sums of floating numbers depend on their order in the last digits.
  IF EXISTS (
    SELECT FROM (SELECT * FROM market.candle_store AS c
                  WHERE c.instrument_id = p_instrument_id AND c.minutes < 60
                    AND c.bucket >= p_day AND c.bucket < v_until) AS s
      FULL JOIN (SELECT * FROM market.history AS c
                  WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_day AND c.bucket < v_until) AS h
             USING (minutes, bucket)
     WHERE (s.open, s.high, s.low, s.close, s.ticks, s.first_ts, s.first_seq, s.last_ts, s.last_seq)
           IS DISTINCT FROM (h.open, h.high, h.low, h.close, h.ticks, h.first_ts, h.first_seq, h.last_ts, h.last_seq)
        OR abs(s.volume - h.volume) > 1e-9 * h.volume OR abs(s.turnover - h.turnover) > 1e-9 * h.turnover)
  THEN
    RETURN false;
  END IF;
  DELETE FROM market.candle_store AS c
   WHERE c.instrument_id = p_instrument_id AND c.minutes < 60 AND c.bucket >= p_day AND c.bucket < v_until;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO market.archived_days (instrument_id, day) VALUES (p_instrument_id, p_day);
  -- A transaction with an older snapshot fails when it adds to these candles, and tries again.
  UPDATE market.candle_marks AS m SET rolled_1d = m.rolled_1d WHERE m.instrument_id = p_instrument_id;
  RETURN true;
END
$$;
COMMENT ON FUNCTION internal.archive_day(int, timestamptz) IS
  'Leaves the candles of 1, 5 and 15 minutes of an instrument and a UTC day to the continuous aggregates, if these say '
  'the same: false if not, NULL when somebody is adding candles.';
