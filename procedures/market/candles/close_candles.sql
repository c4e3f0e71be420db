-- reads market.candle_settings, market.tick_candles_1m and the like; writes market.candle_marks, ops.events
CREATE OR REPLACE FUNCTION market.close_candles(
  p_instrument_ids int[], p_at timestamptz, p_from timestamptz DEFAULT '-infinity')
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
DECLARE
  v_settings market.candle_settings;
  v_until    timestamptz;
  v_ids      int[];
  v_from     timestamptz[];
  v_stream_xid xid8;
  v_closed   int;
BEGIN
  SELECT * INTO v_settings FROM market.candle_settings;
  v_until := date_bin('1 minute', p_at - v_settings.grace, '2000-01-01Z');
  -- The row's lock makes it once: a second caller sees what the first has closed.
  WITH due AS (
    SELECT m.instrument_id, m.closed_until FROM market.candle_marks AS m
     WHERE m.instrument_id = ANY (p_instrument_ids) AND (m.closed_until < v_until OR m.closed_until IS NULL)
     ORDER BY m.instrument_id FOR UPDATE
  ), moved AS (
    UPDATE market.candle_marks AS m SET closed_until = v_until FROM due AS d WHERE m.instrument_id = d.instrument_id
    RETURNING d.instrument_id, coalesce(d.closed_until, p_from) AS from_time
  )
  SELECT array_agg(m.instrument_id), array_agg(m.from_time) INTO v_ids, v_from FROM moved AS m;
  IF v_ids IS NULL OR cardinality(v_settings.journaled) = 0 THEN
    RETURN 0;
  END IF;
  v_stream_xid := internal.stream_xid();
  INSERT INTO ops.events (stream_xid, kind, instrument_id, payload, at)
  WITH due AS MATERIALIZED (
    SELECT u.instrument_id, u.from_time, i.exchange_id, m.rolled_5m, m.rolled_15m, m.rolled_1h, m.rolled_1d
      FROM unnest(v_ids, v_from) AS u (instrument_id, from_time)
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.candle_marks AS m USING (instrument_id)
  ), edges AS MATERIALIZED (
    -- Where coarser candles begin and end is asked once per exchange.
    SELECT d.exchange_id, d.from_time, l.minutes,
           market.candle_bucket(d.from_time, l.minutes, d.exchange_id) AS first_bucket,
           market.candle_bucket(v_until, l.minutes, d.exchange_id) AS next_bucket
      FROM (SELECT DISTINCT x.exchange_id, x.from_time FROM due AS x) AS d
      CROSS JOIN unnest(v_settings.journaled) AS l (minutes)
     WHERE l.minutes > 1
  ), closed AS (
    SELECT d.instrument_id, 1 AS minutes, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks, d.exchange_id
      FROM due AS d
      CROSS JOIN LATERAL (SELECT s.* FROM market.candle_store AS s
                           WHERE s.instrument_id = d.instrument_id AND s.minutes = 1 AND s.bucket >= d.from_time
                             AND s.bucket < v_until OFFSET 0) AS c
     WHERE 1 = ANY (v_settings.journaled)
    UNION ALL
    SELECT d.instrument_id, e.minutes, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks, d.exchange_id
      FROM due AS d
      JOIN edges AS e ON e.exchange_id = d.exchange_id AND e.from_time = d.from_time AND e.first_bucket < e.next_bucket
      CROSS JOIN LATERAL (
        -- What is rolled up is read as it is.
        SELECT s.bucket, s.open, s.high, s.low, s.close, s.volume, s.ticks FROM market.candle_store AS s
         WHERE s.instrument_id = d.instrument_id AND s.minutes = e.minutes AND s.bucket >= e.first_bucket
           AND s.bucket < e.next_bucket
           AND e.next_bucket <= CASE e.minutes WHEN 5 THEN d.rolled_5m WHEN 15 THEN d.rolled_15m
                                               WHEN 60 THEN d.rolled_1h ELSE d.rolled_1d END
        UNION ALL
        SELECT k.bucket, k.open, k.high, k.low, k.close, k.volume, k.ticks
          FROM market.tick_candles(d.instrument_id, e.minutes, e.first_bucket, e.next_bucket) AS k
         WHERE e.next_bucket > CASE e.minutes WHEN 5 THEN d.rolled_5m WHEN 15 THEN d.rolled_15m
                                              WHEN 60 THEN d.rolled_1h ELSE d.rolled_1d END
        OFFSET 0) AS c
  )
  SELECT v_stream_xid, 'candle.closed', c.instrument_id,
         jsonb_build_object('minutes', c.minutes, 'bucket', c.bucket, 'open', c.open, 'high', c.high, 'low', c.low,
                            'close', c.close, 'volume', c.volume, 'ticks', c.ticks),
         CASE c.minutes WHEN 1440 THEN market.candle_end(c.bucket, c.minutes, c.exchange_id)
                        ELSE c.bucket + c.minutes * interval '1 minute' END AS at
    FROM closed AS c
   ORDER BY at, c.instrument_id, c.minutes;
  GET DIAGNOSTICS v_closed = ROW_COUNT;
  RETURN v_closed;
END
$$;
COMMENT ON FUNCTION market.close_candles(int[], timestamptz, timestamptz) IS
  'Event time has come to p_at: journals as candle.closed, once each, the candles of ticks of these instruments that '
  'ended before it by the grace of market.candle_settings; of an instrument that nothing was closed of before, those '
  'that begin at p_from or later. Returns how many.';
REVOKE ALL ON FUNCTION market.close_candles(int[], timestamptz, timestamptz) FROM PUBLIC;
