-- reads market.bars, market.instruments, market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION market.bar_events(
  resolution interval, instrument_ids int[], from_time timestamptz DEFAULT '-infinity',
  until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (instrument_id int, bucket timestamptz, opens_at timestamptz, closes_at timestamptz,
               open float8, high float8, low float8, close float8, volume float8, day date)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  -- Shorter bars need no calendar, and there are many of them.
  IF bar_events.resolution < interval '1 day' THEN
    RETURN QUERY
      SELECT b.instrument_id, b.ts, b.ts, b.ts + bar_events.resolution, b.open, b.high, b.low, b.close, b.volume,
             (b.ts AT TIME ZONE e.time_zone)::date
        FROM market.bars AS b
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
       WHERE b.resolution = bar_events.resolution AND b.instrument_id = ANY (bar_events.instrument_ids)
         AND b.ts >= bar_events.from_time AND b.ts < bar_events.until_time
       ORDER BY b.ts, i.symbol, e.code;
    RETURN;
  END IF;
  -- A day bar happens from the open of its first session to the close of its last; the usual hours stand in where the
  -- calendar has none for that day.
  RETURN QUERY
    SELECT b.instrument_id, b.ts,
           coalesce((local.day + coalesce(h.opens, s.opens, time '00:00')) AT TIME ZONE e.time_zone, b.ts) AS opens_at,
           CASE WHEN bar_events.resolution = interval '1 day'
                THEN (local.day + coalesce(h.closes, s.closes, time '24:00')) AT TIME ZONE e.time_zone
                ELSE b.ts + bar_events.resolution END,
           b.open, b.high, b.low, b.close, b.volume, local.day
      FROM market.bars AS b
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
      CROSS JOIN LATERAL (SELECT ((b.ts AT TIME ZONE e.time_zone) - e.day_starts)::date AS day) AS local
      CROSS JOIN LATERAL (
        SELECT min(n.opens) AS opens, max(n.closes) AS closes FROM market.holidays AS n
         WHERE n.exchange_id = i.exchange_id AND n.day = local.day) AS h
      CROSS JOIN LATERAL (
        SELECT min(w.opens) AS opens, max(w.closes) AS closes FROM market.sessions AS w
         WHERE w.exchange_id = i.exchange_id AND w.weekday = extract(isodow FROM local.day)
           AND local.day >= w.valid_from AND local.day < w.valid_until) AS s
     WHERE b.resolution = bar_events.resolution AND b.instrument_id = ANY (bar_events.instrument_ids)
       AND b.ts >= bar_events.from_time AND b.ts < bar_events.until_time
     ORDER BY opens_at, i.symbol, e.code;
END
$$;
COMMENT ON FUNCTION market.bar_events(interval, int[], timestamptz, timestamptz) IS
  'Imported bars as events in time: when each opened and closed, ordered by opening time and symbol. day is the local '
  'calendar day of the bar''s start, or the trading day of a day bar, which has the usual hours when the calendar '
  'knows of no session: that there is a bar says that there was trading.';
