-- reads candles, market.exchanges, market.sessions, market.holidays; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.gaps(
  symbol text, resolution interval DEFAULT '1 day', "from" timestamptz DEFAULT '-infinity',
  until timestamptz DEFAULT 'infinity')
RETURNS TABLE (from_time timestamptz, until_time timestamptz, candles bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(gaps.symbol);
  v_exchange      market.exchanges;
  v_covered       tstzmultirange;
  v_sessions      tstzmultirange;
  v_from          timestamptz;
  v_until         timestamptz;
BEGIN
  IF (v_instrument_id IS NOT NULL AND gaps.resolution BETWEEN interval '1 second' AND interval '10 years'
      AND gaps."from" < gaps.until) IS NOT TRUE THEN
    RAISE EXCEPTION 'gaps are looked for in the candles of a symbol, at a resolution, between two times'
      USING ERRCODE = 'TR104',
            DETAIL = format('Symbol %s, resolution %s, from %s until %s.', gaps.symbol, gaps.resolution, gaps."from",
                            gaps.until),
            HINT = 'For example market.gaps(''IBM'', ''1 minute'', ''2013-10-07'', ''2013-10-08'').';
  END IF;
  SELECT e.* INTO v_exchange
    FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id = v_instrument_id;
  -- The ends of days are reckoned in local time, so that one has 23 or 25 hours where clocks change; an hour always has
  -- one.
  SELECT range_agg(tstzrange(c.bucket, x.ends_at)), min(c.bucket), max(x.ends_at)
    INTO v_covered, v_from, v_until
    FROM market.candles(gaps.symbol, gaps.resolution, gaps."from", gaps.until) AS c
    CROSS JOIN LATERAL (
      SELECT CASE WHEN gaps.resolution < interval '1 day' THEN c.bucket + gaps.resolution
                  ELSE (c.bucket AT TIME ZONE v_exchange.time_zone + gaps.resolution) AT TIME ZONE v_exchange.time_zone
             END AS ends_at) AS x;
  -- Open ends are those of the data.
  v_from := CASE WHEN isfinite(gaps."from") THEN gaps."from" ELSE v_from END;
  v_until := CASE WHEN isfinite(gaps.until) THEN gaps.until ELSE v_until END;
  IF v_until > v_from + interval '100 years' THEN
    RAISE EXCEPTION 'gaps are looked for in at most a hundred years'
      USING ERRCODE = 'TR104', DETAIL = format('From %s until %s.', v_from, v_until), HINT = 'Look piece by piece.';
  END IF;
  SELECT range_agg(tstzrange(b.opens_at, b.closes_at)) INTO v_sessions
    FROM generate_series((v_from AT TIME ZONE v_exchange.time_zone)::date,
                         (v_until AT TIME ZONE v_exchange.time_zone)::date, interval '1 day') AS d
    CROSS JOIN LATERAL market.session_bounds(v_exchange.exchange_id, d::date) AS b;
  RETURN QUERY
    SELECT lower(g), upper(g),
           ceil(extract(epoch FROM upper(g) - lower(g)) / extract(epoch FROM gaps.resolution))::bigint
      FROM unnest(v_sessions * tstzmultirange(tstzrange(v_from, v_until)) - coalesce(v_covered, '{}')) AS g
     ORDER BY 1;
END
$$;
COMMENT ON FUNCTION market.gaps(text, interval, timestamptz, timestamptz) IS
  'Stretches of trading sessions in which no candle of this resolution exists, and how many candles would fill each; '
  'nights, weekends and holidays are no gaps. Open ends are those of the data. An instrument that trades seldom has '
  'minutes without a trade: choose a resolution at which it should always have one. Errors TR101, TR103, TR104.';
