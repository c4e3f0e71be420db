-- reads market.candle_settings; writes market.candle_marks, market.candle_store, ops.events; locks: an advisory lock
-- shared with other writers, against roll_candles; rings the doorbell
CREATE OR REPLACE FUNCTION market.add_candles(
  p_instrument_ids int[], p_buckets timestamptz[], p_open float8[], p_high float8[], p_low float8[], p_close float8[],
  p_volume float8[], p_turnover float8[], p_first_ts timestamptz[], p_last_ts timestamptz[], p_first_seq bigint[],
  p_last_seq bigint[], p_ticks int[])
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Prices in the journal are those of the candles to the last digit, whatever the session writes.
SET extra_float_digits = 1
AS $$
#variable_conflict use_column
DECLARE
  v_isolation constant text := current_setting('transaction_isolation');
  v_is_new  boolean;
  v_is_late boolean;
  v_is_over boolean;
  v_is_closed boolean;
  v_touched int;
BEGIN
  -- While a mark moves nobody adds below it.
  PERFORM pg_advisory_xact_lock_shared(1114599796, 2);
  PERFORM internal.restore_candles(p_instrument_ids, p_buckets, p_buckets);
  FOR v_attempt IN 1..2 LOOP
    SELECT bool_or(m.instrument_id IS NULL), bool_or(n.bucket < m.rolled_5m),
           bool_or(n.bucket >= m.rolled_5m + interval '5 minutes'), bool_or(n.bucket < m.closed_until)
      INTO v_is_new, v_is_late, v_is_over, v_is_closed
      FROM unnest(p_instrument_ids, p_buckets) AS n (instrument_id, bucket)
      LEFT JOIN market.candle_marks AS m USING (instrument_id);
    EXIT WHEN v_is_new IS NOT TRUE;
    INSERT INTO market.candle_marks (instrument_id, rolled_5m, rolled_15m, rolled_1h, rolled_1d)
    SELECT n.instrument_id, market.candle_bucket(n.bucket, 5, i.exchange_id),
           market.candle_bucket(n.bucket, 15, i.exchange_id), market.candle_bucket(n.bucket, 60, i.exchange_id),
           market.candle_bucket(n.bucket, 1440, i.exchange_id)
      FROM (SELECT u.instrument_id, min(u.bucket) AS bucket
              FROM unnest(p_instrument_ids, p_buckets) AS u (instrument_id, bucket)
             GROUP BY 1) AS n
      JOIN market.instruments AS i USING (instrument_id)
     ORDER BY n.instrument_id
    ON CONFLICT ON CONSTRAINT candle_marks_pkey DO NOTHING;
  END LOOP;
  IF v_isolation <> 'read committed' THEN
    -- An old snapshot may show marks from before the lock: then this fails with 40001, and the caller tries again.
    PERFORM FROM market.candle_marks AS m WHERE m.instrument_id = ANY (p_instrument_ids)
      ORDER BY m.instrument_id FOR SHARE;
  END IF;

  INSERT INTO market.candle_store AS c (instrument_id, minutes, bucket, open, high, low, close, volume, turnover,
                                        first_ts, last_ts, first_seq, last_seq, ticks)
  SELECT r.* FROM (
    SELECT n.instrument_id, 1 AS minutes, n.bucket, n.open, n.high, n.low, n.close, n.volume, n.turnover, n.first_ts,
           n.last_ts, n.first_seq, n.last_seq, n.ticks::bigint
      FROM unnest(p_instrument_ids, p_buckets, p_open, p_high, p_low, p_close, p_volume, p_turnover, p_first_ts,
                  p_last_ts, p_first_seq, p_last_seq, p_ticks)
           AS n (instrument_id, bucket, open, high, low, close, volume, turnover, first_ts, last_ts, first_seq,
                 last_seq, ticks)
    UNION ALL
    -- What comes late goes into every coarser candle that is rolled up already.
    SELECT n.instrument_id, l.minutes, b.bucket, (array_agg(n.open ORDER BY n.first_ts, n.first_seq))[1], max(n.high),
           min(n.low), (array_agg(n.close ORDER BY n.last_ts DESC, n.last_seq DESC))[1], sum(n.volume), sum(n.turnover),
           min(n.first_ts), max(n.last_ts), (array_agg(n.first_seq ORDER BY n.first_ts, n.first_seq))[1],
           (array_agg(n.last_seq ORDER BY n.last_ts DESC, n.last_seq DESC))[1], sum(n.ticks)
      FROM unnest(p_instrument_ids, p_buckets, p_open, p_high, p_low, p_close, p_volume, p_turnover, p_first_ts,
                  p_last_ts, p_first_seq, p_last_seq, p_ticks)
           AS n (instrument_id, bucket, open, high, low, close, volume, turnover, first_ts, last_ts, first_seq,
                 last_seq, ticks)
      JOIN market.candle_marks AS m USING (instrument_id)
      JOIN market.instruments AS i USING (instrument_id)
      CROSS JOIN LATERAL (VALUES (5, m.rolled_5m), (15, m.rolled_15m), (60, m.rolled_1h), (1440, m.rolled_1d))
           AS l (minutes, rolled)
      CROSS JOIN LATERAL (SELECT market.candle_bucket(n.bucket, l.minutes, i.exchange_id) AS bucket) AS b
     WHERE v_is_late AND n.bucket < l.rolled
     GROUP BY n.instrument_id, l.minutes, b.bucket
  ) AS r
  ORDER BY 1, 2, 3  -- one lock order for all writers
  ON CONFLICT ON CONSTRAINT candle_store_pkey DO UPDATE
    SET open = CASE WHEN (EXCLUDED.first_ts, EXCLUDED.first_seq) < (c.first_ts, c.first_seq) THEN EXCLUDED.open
                    ELSE c.open END,
        first_seq = CASE WHEN (EXCLUDED.first_ts, EXCLUDED.first_seq) < (c.first_ts, c.first_seq)
                         THEN EXCLUDED.first_seq ELSE c.first_seq END,
        first_ts = least(c.first_ts, EXCLUDED.first_ts),
        close = CASE WHEN (EXCLUDED.last_ts, EXCLUDED.last_seq) > (c.last_ts, c.last_seq) THEN EXCLUDED.close
                     ELSE c.close END,
        last_seq = CASE WHEN (EXCLUDED.last_ts, EXCLUDED.last_seq) > (c.last_ts, c.last_seq)
                        THEN EXCLUDED.last_seq ELSE c.last_seq END,
        last_ts = greatest(c.last_ts, EXCLUDED.last_ts),
        high = greatest(c.high, EXCLUDED.high), low = least(c.low, EXCLUDED.low),
        volume = c.volume + EXCLUDED.volume, turnover = c.turnover + EXCLUDED.turnover,
        ticks = c.ticks + EXCLUDED.ticks;
  GET DIAGNOSTICS v_touched = ROW_COUNT;

  IF v_is_closed THEN
    PERFORM internal.journal_revisions(p_instrument_ids, p_buckets);
  END IF;
  -- Rolling up keeps other writers away until the commit. A runner's batch is short; a session of somebody else may not
  -- be, and leaves it alone until a day has gathered.
  IF v_is_over AND (current_setting('bourse.runner', true) = 'on' OR EXISTS (
       SELECT FROM unnest(p_instrument_ids, p_buckets) AS n (instrument_id, bucket)
         JOIN market.candle_marks AS m USING (instrument_id)
        WHERE n.bucket >= m.rolled_5m + interval '1 day')) THEN
    v_touched := v_touched + internal.roll_candles(p_instrument_ids);
  END IF;
  PERFORM internal.ring_doorbell();
  RETURN v_touched;
END
$$;
COMMENT ON FUNCTION market.add_candles(
  int[], timestamptz[], float8[], float8[], float8[], float8[], float8[], float8[], timestamptz[], timestamptz[],
  bigint[], bigint[], int[]) IS
  'Adds what new ticks make of one-minute candles, one element per instrument and minute, to the kept candles; returns '
  'how many candle rows it wrote, and wakes sleeping runners. The transaction is the ticks'' own.';
REVOKE ALL ON FUNCTION market.add_candles(
  int[], timestamptz[], float8[], float8[], float8[], float8[], float8[], float8[], timestamptz[], timestamptz[],
  bigint[], bigint[], int[])
  FROM PUBLIC;
