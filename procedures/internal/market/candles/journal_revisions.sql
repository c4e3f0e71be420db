-- reads market.candle_marks, market.candle_settings, market.tick_candles_1m and the like; writes ops.events
CREATE OR REPLACE FUNCTION internal.journal_revisions(p_instrument_ids int[], p_buckets timestamptz[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_stream_xid xid8;
BEGIN
  -- An import of history revises without a word.
  IF current_setting('bourse.journal_revisions', true) = 'off' THEN
    RETURN;
  END IF;
  v_stream_xid := internal.stream_xid();
  INSERT INTO ops.events (stream_xid, kind, instrument_id, payload, at)
  SELECT v_stream_xid, 'candle.revised', x.instrument_id,
         jsonb_build_object('minutes', x.minutes, 'bucket', c.bucket, 'open', c.open, 'high', c.high, 'low', c.low,
                            'close', c.close, 'volume', c.volume, 'ticks', c.ticks),
         x.ends_at
    FROM (SELECT DISTINCT n.instrument_id, l.minutes,
                 market.candle_bucket(n.bucket, l.minutes, i.exchange_id) AS bucket, m.closed_until,
                 market.candle_end(n.bucket, l.minutes, i.exchange_id) AS ends_at
            FROM unnest(p_instrument_ids, p_buckets) AS n (instrument_id, bucket)
            JOIN market.candle_marks AS m USING (instrument_id)
            JOIN market.instruments AS i USING (instrument_id)
            CROSS JOIN (SELECT unnest(s.journaled) AS minutes FROM market.candle_settings AS s) AS l
           WHERE n.bucket < m.closed_until) AS x
    CROSS JOIN LATERAL market.tick_candles(x.instrument_id, x.minutes, x.bucket, x.ends_at) AS c
   WHERE x.ends_at <= x.closed_until
   ORDER BY x.ends_at, x.instrument_id, x.minutes;
END
$$;
COMMENT ON FUNCTION internal.journal_revisions(int[], timestamptz[]) IS
  'Journals as candle.revised the closed candles that these instruments'' minutes belong to. Nobody trades on it '
  'again.';
