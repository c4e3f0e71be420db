-- reads market.bars, market.instruments, market.exchanges; writes market.bar_rollups
CREATE OR REPLACE FUNCTION internal.roll_bars(p_instrument_ids int[], p_times timestamptz[], p_resolutions interval[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  -- Shorter candles than a day lie within an hour, and each bar within one: hours are read once for all of them. Days
  -- are found for the quarters of an hour that occur at an exchange: a function call for each bar would cost more than
  -- all the rest.
  INSERT INTO market.bar_rollups AS r (instrument_id, minutes, bucket, open, high, low, close, volume, resolution,
                                       vendor)
  WITH quarters AS MATERIALIZED (
    SELECT n.instrument_id, i.exchange_id, date_bin('15 minutes', n.ts, '2000-01-01Z') AS ts,
           min(n.resolution) AS resolution
      FROM unnest(p_instrument_ids, p_times, p_resolutions) AS n (instrument_id, ts, resolution)
      JOIN market.instruments AS i USING (instrument_id)
     GROUP BY 1, 2, 3
  ), days AS MATERIALIZED (
    SELECT DISTINCT d.exchange_id, d.ts, market.candle_bucket(t.ts, 1440, d.exchange_id) AS bucket,
           market.candle_end(t.ts, 1440, d.exchange_id) AS ends_at
      FROM (SELECT DISTINCT q.exchange_id, q.ts FROM quarters AS q) AS d
      CROSS JOIN LATERAL (VALUES (d.ts), (d.ts + interval '14:59.999999')) AS t (ts)
  ), spans AS (
    SELECT DISTINCT q.instrument_id, 60 AS minutes, b.bucket, b.bucket + interval '1 hour' AS ends_at
      FROM quarters AS q
      JOIN market.exchanges AS e USING (exchange_id)
      CROSS JOIN LATERAL (
        SELECT date_bin('1 hour', q.ts, timestamptz '2000-01-01Z' + e.hour_offset * interval '1 minute') AS bucket) AS b
     WHERE q.resolution < interval '1 hour'
    UNION
    SELECT q.instrument_id, 1440, d.bucket, d.ends_at FROM quarters AS q JOIN days AS d USING (exchange_id, ts)
  ), lengths AS MATERIALIZED (
    SELECT i.instrument_id, m AS minutes, m * interval '1 minute' AS resolution
      FROM (SELECT DISTINCT q.instrument_id FROM quarters AS q) AS i
      CROSS JOIN unnest('{720,480,360,240,180,120,60,30,20,15,12,10,6,5,4,3,2,1}'::int[]) AS m
      CROSS JOIN LATERAL (SELECT FROM market.bars AS x
                           WHERE x.instrument_id = i.instrument_id AND x.resolution = m * interval '1 minute'
                           ORDER BY x.ts LIMIT 1) AS known  -- in order: no plan but the key's index
  ), made AS (
    SELECT s.instrument_id, l.minutes, l.bucket, f.resolution, (array_agg(x.open ORDER BY x.ts))[1] AS open,
           max(x.high) AS high, min(x.low) AS low, (array_agg(x.close ORDER BY x.ts DESC))[1] AS close,
           sum(x.volume) AS volume,
           CASE WHEN min(coalesce(x.vendor, '')) = max(coalesce(x.vendor, '')) THEN min(x.vendor) END AS vendor
      FROM spans AS s
      JOIN lengths AS f ON f.instrument_id = s.instrument_id AND f.minutes < s.minutes
      CROSS JOIN LATERAL (
        SELECT b.* FROM market.bars AS b
         WHERE b.instrument_id = s.instrument_id AND b.resolution = f.resolution AND b.ts >= s.bucket
           AND b.ts < s.ends_at OFFSET 0) AS x
      CROSS JOIN LATERAL (
        SELECT s.minutes, s.bucket
        UNION ALL
        SELECT v.minutes, date_bin(v.minutes * interval '1 minute', x.ts, '2000-01-01Z')
          FROM (VALUES (5), (15)) AS v (minutes)
         WHERE s.minutes = 60) AS l (minutes, bucket)
     WHERE f.minutes < l.minutes AND l.minutes % f.minutes = 0
     GROUP BY 1, 2, 3, 4
  )
  -- Of several lengths the coarsest that divides this one.
  SELECT DISTINCT ON (m.instrument_id, m.minutes, m.bucket)
         m.instrument_id, m.minutes, m.bucket, m.open, m.high, m.low, m.close, m.volume, m.resolution, m.vendor
    FROM made AS m
   ORDER BY m.instrument_id, m.minutes, m.bucket, m.resolution DESC
  ON CONFLICT ON CONSTRAINT bar_rollups_pkey DO UPDATE
    SET open = EXCLUDED.open, high = EXCLUDED.high, low = EXCLUDED.low, close = EXCLUDED.close,
        volume = EXCLUDED.volume, resolution = EXCLUDED.resolution, vendor = EXCLUDED.vendor;
END
$$;
COMMENT ON FUNCTION internal.roll_bars(int[], timestamptz[], interval[]) IS
  'Makes the rolled-up candles that imported bars of these times and lengths belong to anew; the cost follows their '
  'number.';
