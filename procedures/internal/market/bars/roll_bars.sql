-- reads market.bars, market.instruments, market.exchanges; writes market.bar_rollups
CREATE OR REPLACE FUNCTION internal.roll_bars(
  p_instrument_ids int[], p_quarters timestamptz[], p_resolutions interval[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  -- Shorter candles than a day lie within an hour, and each bar within one: an hour's bars are read by the key, and
  -- added up once for all of them. Days are found for the quarters of an hour that occur at an exchange: a function
  -- call for each bar would cost more than all the rest.
  INSERT INTO market.bar_rollups AS r (instrument_id, minutes, bucket, open, high, low, close, volume, resolution,
                                       vendor)
  WITH quarters AS MATERIALIZED (
    SELECT n.instrument_id, i.exchange_id, n.ts, n.resolution
      FROM unnest(p_instrument_ids, p_quarters, p_resolutions) AS n (instrument_id, ts, resolution)
      JOIN market.instruments AS i USING (instrument_id)
  ), days AS MATERIALIZED (
    SELECT DISTINCT d.exchange_id, d.ts, market.candle_bucket(t.ts, 1440, d.exchange_id) AS bucket,
           market.candle_end(t.ts, 1440, d.exchange_id) AS ends_at
      FROM (SELECT DISTINCT q.exchange_id, q.ts FROM quarters AS q) AS d
      CROSS JOIN LATERAL (VALUES (d.ts), (d.ts + interval '14:59.999999')) AS t (ts)
  ), lengths AS MATERIALIZED (
    SELECT i.instrument_id, m AS minutes, m * interval '1 minute' AS resolution
      FROM (SELECT DISTINCT q.instrument_id FROM quarters AS q) AS i
      CROSS JOIN unnest('{720,480,360,240,180,120,60,30,20,15,12,10,6,5,4,3,2,1}'::int[]) AS m
      CROSS JOIN LATERAL (SELECT FROM market.bars AS x
                           WHERE x.instrument_id = i.instrument_id AND x.resolution = m * interval '1 minute'
                           ORDER BY x.ts LIMIT 1) AS known  -- in order: no plan but the key's index
  ), made AS (
    SELECT h.instrument_id, l.minutes, l.bucket, f.resolution, x.open, x.high, x.low, x.close, x.volume,
           x.first_vendor, x.last_vendor
      FROM (SELECT DISTINCT q.instrument_id,
                   date_bin('1 hour', q.ts, timestamptz '2000-01-01Z' + e.hour_offset * interval '1 minute') AS bucket
              FROM quarters AS q
              JOIN market.exchanges AS e USING (exchange_id)
             WHERE q.resolution < interval '1 hour') AS h
      JOIN lengths AS f ON f.instrument_id = h.instrument_id AND f.minutes < 60
      CROSS JOIN LATERAL (
        SELECT b.fifteen, b.five, (array_agg(b.open))[1] AS open, max(b.high) AS high, min(b.low) AS low,
               (array_agg(b.close))[count(*)] AS close, sum(b.volume) AS volume,
               min(coalesce(b.vendor, '')) AS first_vendor, max(coalesce(b.vendor, '')) AS last_vendor
          FROM (SELECT y.*, date_bin('15 minutes', y.ts, '2000-01-01Z') AS fifteen,
                       date_bin('5 minutes', y.ts, '2000-01-01Z') AS five
                  FROM market.bars AS y
                 WHERE y.instrument_id = h.instrument_id AND y.resolution = f.resolution AND y.ts >= h.bucket
                   AND y.ts < h.bucket + interval '1 hour'
                 ORDER BY fifteen, five, y.ts) AS b
         GROUP BY ROLLUP (b.fifteen, b.five)
        HAVING count(*) > 0) AS x
      CROSS JOIN LATERAL (
        SELECT CASE WHEN x.five IS NOT NULL THEN 5 WHEN x.fifteen IS NOT NULL THEN 15 ELSE 60 END AS minutes,
               coalesce(x.five, x.fifteen, h.bucket) AS bucket) AS l
     WHERE f.minutes < l.minutes AND l.minutes % f.minutes = 0
    UNION ALL
    SELECT s.instrument_id, 1440, s.bucket, f.resolution, x.*
      FROM (SELECT DISTINCT q.instrument_id, d.bucket, d.ends_at
              FROM quarters AS q JOIN days AS d USING (exchange_id, ts)) AS s
      JOIN lengths AS f ON f.instrument_id = s.instrument_id
      CROSS JOIN LATERAL (
        SELECT (array_agg(b.open))[1], max(b.high), min(b.low), (array_agg(b.close))[count(*)], sum(b.volume),
               min(coalesce(b.vendor, '')), max(coalesce(b.vendor, ''))
          FROM (SELECT y.* FROM market.bars AS y
                 WHERE y.instrument_id = s.instrument_id AND y.resolution = f.resolution AND y.ts >= s.bucket
                   AND y.ts < s.ends_at
                 ORDER BY y.ts) AS b
        HAVING count(*) > 0) AS x
  )
  -- Of several lengths the coarsest that divides this one.
  SELECT DISTINCT ON (m.instrument_id, m.minutes, m.bucket)
         m.instrument_id, m.minutes, m.bucket, m.open, m.high, m.low, m.close, m.volume, m.resolution,
         CASE WHEN m.first_vendor = m.last_vendor THEN nullif(m.first_vendor, '') END
    FROM made AS m
   ORDER BY m.instrument_id, m.minutes, m.bucket, m.resolution DESC
  ON CONFLICT ON CONSTRAINT bar_rollups_pkey DO UPDATE
    SET open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
        volume = EXCLUDED.volume, resolution = EXCLUDED.resolution, vendor = EXCLUDED.vendor;
END
$$;
COMMENT ON FUNCTION internal.roll_bars(int[], timestamptz[], interval[]) IS
  'Makes the rolled-up candles anew that bars belong to: their instruments, the quarters of an hour (UTC) in which '
  'they start, and the shortest length in each; the cost follows their number.';
