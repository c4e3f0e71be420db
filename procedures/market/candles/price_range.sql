-- reads market.ticks, market.candle_rows, market.bars, market.bar_rollups
-- Whole days are read as candles, and only what is before and after them in minutes and ticks: a year costs little more
-- than a day.
CREATE OR REPLACE FUNCTION market.price_range(
  p_instrument_id int, p_from timestamptz, p_until timestamptz, OUT lowest float8, OUT highest float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_head       timestamptz;  -- where whole days begin
  v_tail       timestamptz;  -- the last tick of them
  v_piece      record;
  v_resolution interval;
  v_length     interval;
BEGIN
  SELECT min(c.low), max(c.high), coalesce(min(c.bucket), 'infinity'), coalesce(max(c.last_ts), 'infinity')
    INTO lowest, highest, v_head, v_tail
    FROM market.candle_rows AS c
   WHERE c.instrument_id = p_instrument_id AND c.minutes = 1440 AND c.bucket >= p_from AND c.bucket <= p_until
     AND c.last_ts <= p_until;
  -- Minutes before them, and after them. Without a whole day there is but one stretch.
  FOR v_piece IN
    SELECT s.since, s.until, m.low, m.high, m.first_bucket, m.last_tick
      FROM (VALUES (p_from, least(v_head, p_until + interval '1 microsecond')),
                   (v_tail + interval '1 microsecond', p_until + interval '1 microsecond')) AS s (since, until)
      CROSS JOIN LATERAL (
        SELECT min(c.low) AS low, max(c.high) AS high, min(c.bucket) AS first_bucket, max(c.last_ts) AS last_tick
          FROM market.candle_rows AS c
         WHERE c.instrument_id = p_instrument_id AND c.minutes = 1 AND c.bucket >= s.since AND c.bucket < s.until
           AND c.last_ts < s.until) AS m
     WHERE s.since < s.until
  LOOP
    SELECT least(lowest, v_piece.low, min(t.price)), greatest(highest, v_piece.high, max(t.price))
      INTO lowest, highest
      FROM (SELECT k.price FROM market.ticks AS k
             WHERE k.instrument_id = p_instrument_id AND k.ts >= v_piece.since
               AND k.ts < coalesce(v_piece.first_bucket, v_piece.until) AND NOT k.suspicious
            UNION ALL
            SELECT k.price FROM market.ticks AS k
             WHERE k.instrument_id = p_instrument_id AND k.ts > v_piece.last_tick AND k.ts < v_piece.until
               AND NOT k.suspicious) AS t;
  END LOOP;
  -- Bars of a vendor that lie within as a whole; where they were rolled up into days, those days.
  v_head := NULL;
  LOOP
    SELECT b.resolution INTO v_resolution FROM market.bars AS b
     WHERE b.instrument_id = p_instrument_id AND b.resolution > coalesce(v_resolution, '0')
     ORDER BY b.resolution LIMIT 1;
    EXIT WHEN NOT FOUND;
    v_length := make_interval(secs => extract(epoch FROM v_resolution)::float8);
    IF v_head IS NULL THEN
      SELECT least(lowest, min(r.low)), greatest(highest, max(r.high)), coalesce(min(r.bucket), 'infinity'),
             coalesce(max(r.bucket) + interval '23 hours', 'infinity')
        INTO lowest, highest, v_head, v_tail
        FROM market.bar_rollups AS r
       WHERE r.instrument_id = p_instrument_id AND r.minutes = 1440 AND r.bucket >= p_from
         AND r.bucket <= p_until - interval '25 hours';  -- as long as a day can be
    END IF;
    SELECT least(lowest, min(n.low)), greatest(highest, max(n.high)) INTO lowest, highest
      FROM (SELECT b.low, b.high FROM market.bars AS b
             WHERE b.instrument_id = p_instrument_id AND b.resolution = v_resolution AND b.ts >= p_from
               AND b.ts <= p_until - v_length
               AND b.ts < CASE WHEN v_length < interval '1 day' THEN v_head ELSE 'infinity' END
            UNION ALL
            SELECT b.low, b.high FROM market.bars AS b
             WHERE b.instrument_id = p_instrument_id AND b.resolution = v_resolution AND b.ts >= v_tail
               AND b.ts <= p_until - v_length) AS n;
  END LOOP;
END
$$;
COMMENT ON FUNCTION market.price_range(int, timestamptz, timestamptz) IS
  'Lowest and highest price of an instrument between two times, both included: of ticks, and of bars that lie within '
  'as a whole, short ones of whole days by the day''s that they were rolled up into. NULL when there is none.';
