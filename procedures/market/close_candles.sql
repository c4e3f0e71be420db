-- reads market.candle_settings, market.candles_*; writes market.candle_marks, ops.events
CREATE OR REPLACE FUNCTION market.close_candles(p_instrument_ids int[], p_at timestamptz)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_settings market.candle_settings;
  v_until    timestamptz;
  v_ids      int[];
  v_from     timestamptz[];
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
    RETURNING d.instrument_id, coalesce(d.closed_until, '-infinity') AS from_time
  )
  SELECT array_agg(m.instrument_id), array_agg(m.from_time) INTO v_ids, v_from FROM moved AS m;
  IF v_ids IS NULL OR cardinality(v_settings.journaled) = 0 THEN
    RETURN 0;
  END IF;
  INSERT INTO ops.events (stream_xid, kind, instrument_id, payload, at)
  SELECT pg_current_xact_id(), 'candle.closed', n.instrument_id,
         jsonb_build_object('minutes', n.minutes, 'bucket', c.bucket, 'open', c.open, 'high', c.high, 'low', c.low, 'close', c.close, 'volume', c.volume, 'ticks', c.ticks),
         market.candle_end(c.bucket, n.minutes, n.exchange_id)
    FROM (SELECT u.instrument_id, u.from_time, i.exchange_id, l.minutes,
                 market.candle_bucket(u.from_time, l.minutes, i.exchange_id) AS first_bucket,
                 market.candle_bucket(v_until, l.minutes, i.exchange_id) AS next_bucket
            FROM unnest(v_ids, v_from) AS u (instrument_id, from_time)
            JOIN market.instruments AS i USING (instrument_id)
            CROSS JOIN unnest(v_settings.journaled) AS l (minutes)) AS n
    -- A candle that ends exactly there has been closed before.
    CROSS JOIN LATERAL market.kept_candles(n.instrument_id, n.minutes, n.first_bucket, n.next_bucket) AS c
   WHERE n.first_bucket < n.next_bucket AND c.ticks IS NOT NULL
   ORDER BY 5, 3, n.minutes;
  GET DIAGNOSTICS v_closed = ROW_COUNT;
  RETURN v_closed;
END
$$;
COMMENT ON FUNCTION market.close_candles(int[], timestamptz) IS
  'Event time has come to p_at: journals as candle.closed, once each, the candles of ticks of these instruments that ended before it by the grace of market.candle_settings. Returns how many.';
REVOKE ALL ON FUNCTION market.close_candles(int[], timestamptz) FROM PUBLIC;
