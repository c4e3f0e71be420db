-- reads market.bars, market.instruments, market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.bar_events(
  resolution interval, instrument_ids int[], from_time timestamptz DEFAULT '-infinity',
  until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (instrument_id int, bucket timestamptz, opens_at timestamptz, closes_at timestamptz,
               open float8, high float8, low float8, close float8, volume float8, day date)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  -- A day bar happens from the open of its first session to the close of its last; the usual hours stand in where the
  -- calendar has none for that day.
  SELECT b.instrument_id, b.ts,
         CASE WHEN $1 < interval '1 day' THEN b.ts
              ELSE coalesce((local.day + coalesce(h.opens, s.opens, time '00:00')) AT TIME ZONE e.time_zone, b.ts)
         END AS opens_at,
         CASE WHEN $1 < interval '1 day' THEN b.ts + $1
              WHEN $1 = interval '1 day'
                THEN (local.day + coalesce(h.closes, s.closes, time '24:00')) AT TIME ZONE e.time_zone
              ELSE b.ts + $1 END AS closes_at,
         b.open, b.high, b.low, b.close, b.volume, local.day
    FROM market.bars AS b
    JOIN market.instruments AS i USING (instrument_id)
    JOIN market.exchanges AS e USING (exchange_id)
    CROSS JOIN LATERAL (
      SELECT ((b.ts AT TIME ZONE e.time_zone)
              - CASE WHEN $1 < interval '1 day' THEN interval '0' ELSE e.day_starts END)::date AS day) AS local
    CROSS JOIN LATERAL (
      SELECT min(h.opens) AS opens, max(h.closes) AS closes FROM market.holidays AS h
       WHERE $1 >= interval '1 day' AND h.exchange_id = i.exchange_id AND h.day = local.day) AS h
    CROSS JOIN LATERAL (
      SELECT min(w.opens) AS opens, max(w.closes) AS closes FROM market.sessions AS w
       WHERE $1 >= interval '1 day' AND w.exchange_id = i.exchange_id AND w.weekday = extract(isodow FROM local.day)
         AND local.day >= w.valid_from AND local.day < w.valid_until) AS s
   WHERE b.resolution = $1 AND b.instrument_id = ANY ($2) AND b.ts >= $3 AND b.ts < $4
   ORDER BY opens_at, i.symbol, e.code
$$;
COMMENT ON FUNCTION market.bar_events(interval, int[], timestamptz, timestamptz) IS
  'Imported bars as events in time: when each opened and closed, ordered by opening time and symbol. day is the local '
  'calendar day of the bar''s start, or the trading day of a day bar.';
