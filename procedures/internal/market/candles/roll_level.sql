-- reads and writes market.candle_store
CREATE OR REPLACE FUNCTION internal.roll_level(
  p_minutes int, p_source int, p_instrument_ids int[], p_from timestamptz[], p_until timestamptz[])
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rows int;
BEGIN
  INSERT INTO market.candle_store (instrument_id, minutes, bucket, open, high, low, close, volume, turnover, first_ts,
                                   last_ts, first_seq, last_seq, ticks)
  SELECT s.instrument_id, p_minutes, b.bucket, (array_agg(s.open ORDER BY s.bucket))[1], max(s.high), min(s.low),
         (array_agg(s.close ORDER BY s.bucket DESC))[1], sum(s.volume), sum(s.turnover), min(s.first_ts),
         max(s.last_ts), (array_agg(s.first_seq ORDER BY s.bucket))[1],
         (array_agg(s.last_seq ORDER BY s.bucket DESC))[1], sum(s.ticks)
    FROM unnest(p_instrument_ids, p_from, p_until) AS n (instrument_id, from_time, until_time)
    JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
    -- OFFSET 0: otherwise a planner without statistics reads all candles of the instrument and filters them.
    CROSS JOIN LATERAL (SELECT c.* FROM market.candle_store AS c
                         WHERE c.instrument_id = n.instrument_id AND c.minutes = p_source AND c.bucket >= n.from_time
                           AND c.bucket < n.until_time OFFSET 0) AS s
    CROSS JOIN LATERAL (SELECT CASE WHEN p_minutes <= 15
                                    THEN date_bin(p_minutes * interval '1 minute', s.bucket, '2000-01-01Z')
                                    ELSE market.candle_bucket(s.bucket, p_minutes, i.exchange_id) END AS bucket) AS b
   GROUP BY s.instrument_id, b.bucket;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.roll_level(int, int, int[], timestamptz[], timestamptz[]) IS
  'Makes candles of p_minutes out of those of p_source minutes, for each instrument from one bucket to another, where '
  'there are none; returns how many.';
