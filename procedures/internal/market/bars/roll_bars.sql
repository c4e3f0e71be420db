-- reads market.bars; writes market.bar_rollups
CREATE OR REPLACE FUNCTION internal.roll_bars(p_instrument_ids int[], p_times timestamptz[], p_resolutions interval[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO market.bar_rollups AS r (instrument_id, minutes, bucket, open, high, low, close, volume, resolution,
                                       vendor)
  SELECT a.instrument_id, a.minutes, a.bucket, b.open, b.high, b.low, b.close, b.volume, source.resolution,
         b.vendor
    FROM (SELECT DISTINCT n.instrument_id, l.minutes, market.candle_bucket(n.ts, l.minutes, i.exchange_id) AS bucket,
                 market.candle_end(n.ts, l.minutes, i.exchange_id) AS ends_at
            FROM unnest(p_instrument_ids, p_times, p_resolutions) AS n (instrument_id, ts, resolution)
            JOIN market.instruments AS i USING (instrument_id)
            JOIN (VALUES (5), (15), (60), (1440)) AS l (minutes) ON n.resolution < l.minutes * interval '1 minute') AS a
    -- Of several lengths the coarsest that divides this one.
    LEFT JOIN LATERAL (
      SELECT d.resolution
        FROM (SELECT m * interval '1 minute' AS resolution
                FROM unnest('{720,480,360,240,180,120,60,30,20,15,12,10,6,5,4,3,2,1}'::int[]) AS m
               WHERE m < a.minutes AND a.minutes % m = 0) AS d
       WHERE EXISTS (SELECT FROM market.bars AS x
                      WHERE x.instrument_id = a.instrument_id AND x.resolution = d.resolution AND x.ts >= a.bucket
                        AND x.ts < a.ends_at)
       ORDER BY d.resolution DESC LIMIT 1) AS source ON true
    LEFT JOIN LATERAL (
      SELECT (array_agg(x.open ORDER BY x.ts))[1] AS open, max(x.high) AS high, min(x.low) AS low,
             (array_agg(x.close ORDER BY x.ts DESC))[1] AS close, sum(x.volume) AS volume,
             CASE WHEN count(DISTINCT coalesce(x.vendor, '')) = 1 THEN min(x.vendor) END AS vendor
        FROM market.bars AS x
       WHERE x.instrument_id = a.instrument_id AND x.resolution = source.resolution AND x.ts >= a.bucket
         AND x.ts < a.ends_at) AS b ON true
   WHERE b.open IS NOT NULL
   ORDER BY 1, 2, 3
  ON CONFLICT ON CONSTRAINT bar_rollups_pkey DO UPDATE
    SET open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
        volume = EXCLUDED.volume, resolution = EXCLUDED.resolution, vendor = EXCLUDED.vendor;
END
$$;
COMMENT ON FUNCTION internal.roll_bars(int[], timestamptz[], interval[]) IS
  'Makes the rolled-up candles that imported bars of these times and lengths belong to anew; the cost follows their '
  'number.';
