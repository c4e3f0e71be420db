-- reads market.bar_rollups, market.bars, market.candle_rows, market.instruments
CREATE OR REPLACE FUNCTION market.mixed_candle(p_instrument_id int, p_minutes int, p_bucket timestamptz)
RETURNS TABLE (open float8, high float8, low float8, close float8, volume float8, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_until timestamptz;
  v_bars  market.bar_rollups;
BEGIN
  SELECT market.candle_end(p_bucket, p_minutes, i.exchange_id) INTO v_until
    FROM market.instruments AS i
   WHERE i.instrument_id = p_instrument_id;
  SELECT r.* INTO v_bars
    FROM market.bar_rollups AS r
   WHERE r.instrument_id = p_instrument_id AND r.minutes = p_minutes AND r.bucket = p_bucket;
  IF market.ticks_are_complete(p_instrument_id, p_bucket, v_until, v_bars.high, v_bars.low, v_bars.volume) THEN
    RETURN;
  END IF;
  RETURN QUERY
    WITH bars AS (
      SELECT x.ts, x.ts + x.resolution AS ends_at, x.open, x.high, x.low, x.close, x.volume
        FROM market.bars AS x
       WHERE x.instrument_id = p_instrument_id AND x.resolution = v_bars.resolution AND x.ts >= p_bucket
         AND x.ts < v_until
    ), pieces AS (
      SELECT b.ts, b.open, b.high, b.low, b.close, b.volume, false AS is_tick FROM bars AS b
      UNION ALL
      -- What no bar covers is known from ticks alone.
      SELECT s.bucket, s.open, s.high, s.low, s.close, s.volume, true
        FROM market.candle_rows AS s
       WHERE s.instrument_id = p_instrument_id AND s.minutes = 1 AND s.bucket >= p_bucket AND s.bucket < v_until
         AND NOT EXISTS (SELECT FROM bars AS b WHERE s.bucket >= b.ts AND s.bucket < b.ends_at)
    )
    SELECT (array_agg(p.open ORDER BY p.ts))[1], max(p.high), min(p.low), (array_agg(p.close ORDER BY p.ts DESC))[1],
           sum(p.volume),
           coalesce(v_bars.vendor, 'bars') || CASE WHEN bool_or(p.is_tick) THEN '+ticks' ELSE '' END
      FROM pieces AS p
    HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION market.mixed_candle(int, int, timestamptz) IS
  'The candle of 5, 15, 60 or 1440 minutes that shorter imported bars make together with the ticks of minutes that '
  'they do not cover; no row when the ticks are complete.';
