-- reads market.candles_1m and the like, market.candle_rows, market.ticks, market.bars; errors TR104
CREATE OR REPLACE FUNCTION market.raw_candles(
  p_instrument_id int, p_resolution interval, p_from timestamptz DEFAULT '-infinity',
  p_until timestamptz DEFAULT 'infinity')
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8,
               ticks bigint, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_exchange market.exchanges;
  v_minutes  numeric;
  v_base     int;
BEGIN
  IF (p_resolution >= interval '1 second' AND p_resolution <= interval '10 years' AND p_from IS NOT NULL
      AND p_until IS NOT NULL
      AND (extract(epoch FROM p_resolution) < 86400 OR date_trunc('day', p_resolution) = p_resolution)
      -- Months have no fixed number of days, and a day none of hours.
      AND (num_nonnulls(nullif(extract(year FROM p_resolution) * 12 + extract(month FROM p_resolution), 0),
                        nullif(extract(day FROM p_resolution), 0),
                        nullif(extract(hour FROM p_resolution) * 3600 + extract(minute FROM p_resolution) * 60
                               + extract(second FROM p_resolution), 0)) = 1)
     ) IS NOT TRUE THEN
    RAISE EXCEPTION 'candles last from a second to 10 years'
      USING ERRCODE = 'TR104', DETAIL = format('The resolution is %s.', coalesce(p_resolution::text, 'NULL')),
            HINT = 'Use seconds, minutes or hours below a day, or days, weeks, months or years, but not a mixture.';
  END IF;
  SELECT e.* INTO v_exchange
    FROM market.exchanges AS e JOIN market.instruments AS i USING (exchange_id)
   WHERE i.instrument_id = p_instrument_id;
  v_minutes := extract(epoch FROM p_resolution) / 60;
  IF p_resolution IN (interval '1 minute', '5 minutes', '15 minutes', '1 hour', '1 day') THEN
    RETURN QUERY SELECT * FROM market.kept_candles(p_instrument_id, v_minutes::int, p_from, p_until);
    RETURN;
  END IF;
  v_base := CASE WHEN p_resolution >= interval '1 day' THEN 1440
                 WHEN v_minutes % 15 = 0 THEN 15
                 WHEN v_minutes % 5 = 0 THEN 5
                 WHEN v_minutes % 1 = 0 THEN 1 END;
  RETURN QUERY
    WITH pieces AS (
      SELECT c.bucket AS piece, c.open, c.high, c.low, c.close, c.volume, coalesce(c.vwap * c.volume, 0) AS turnover,
             c.ticks, 0::bigint AS seq, c.source
        FROM market.kept_candles(p_instrument_id, v_base, p_from, p_until + p_resolution + interval '1 day') AS c
       WHERE v_base IS NOT NULL
      UNION ALL
      SELECT t.ts, t.price, t.price, t.price, t.price, t.size, t.price * t.size, 1, t.seq, 'ticks'
        FROM market.ticks AS t
       WHERE v_base IS NULL AND t.instrument_id = p_instrument_id AND t.ts >= p_from AND t.ts < p_until + p_resolution
         AND NOT t.suspicious
    ), made AS (
      SELECT b.bucket, (array_agg(p.open ORDER BY p.piece, p.seq))[1], max(p.high), min(p.low),
             (array_agg(p.close ORDER BY p.piece DESC, p.seq DESC))[1], sum(p.volume),
             sum(p.turnover) FILTER (WHERE p.ticks IS NOT NULL)
             / nullif(sum(p.volume) FILTER (WHERE p.ticks IS NOT NULL), 0),
             sum(p.ticks)::bigint,
             (SELECT string_agg(DISTINCT w.source, '+' ORDER BY w.source)
                FROM unnest(array_agg(DISTINCT p.source)) AS n (source)
                CROSS JOIN LATERAL string_to_table(n.source, '+') AS w (source))
        FROM pieces AS p
        CROSS JOIN LATERAL (SELECT market.any_bucket(p.piece, p_resolution, v_exchange.time_zone, v_exchange.day_starts,
                                                     v_exchange.grid_starts) AS bucket) AS b
       WHERE b.bucket >= p_from AND b.bucket < p_until
       GROUP BY b.bucket
    ), bars AS (
      -- A vendor's bars of this very length, unless the ticks are complete.
      SELECT v.ts, e.ends_at, v.open, v.high, v.low, v.close, v.volume, coalesce(v.vendor, 'bars') AS source
        FROM market.bars AS v
        CROSS JOIN LATERAL (SELECT CASE WHEN p_resolution < interval '1 day' THEN v.ts + p_resolution
                                        ELSE (v.ts AT TIME ZONE v_exchange.time_zone + p_resolution)
                                             AT TIME ZONE v_exchange.time_zone END AS ends_at) AS e
       WHERE v.instrument_id = p_instrument_id AND v.resolution = p_resolution AND v.ts < p_until
         AND v.ts >= p_from - p_resolution - interval '1 day'
         AND CASE WHEN EXISTS (SELECT FROM market.candle_rows AS s
                                WHERE s.instrument_id = v.instrument_id AND s.minutes = 1 AND s.bucket >= v.ts
                                  AND s.bucket < e.ends_at)
                  THEN NOT market.ticks_are_complete(v.instrument_id, v.ts, e.ends_at, v.high, v.low, v.volume)
                  ELSE true END
    )
    SELECT m.* FROM made AS m
     WHERE NOT EXISTS (SELECT FROM bars AS v WHERE m.bucket >= v.ts AND m.bucket < v.ends_at)
    UNION ALL
    SELECT v.ts, v.open, v.high, v.low, v.close, v.volume, NULL, NULL, v.source FROM bars AS v WHERE v.ts >= p_from
     ORDER BY 1;
END
$$;
COMMENT ON FUNCTION market.raw_candles(int, interval, timestamptz, timestamptz) IS
  'Candles of any length of one instrument, not adjusted, whose start lies in the span, in order: out of kept candles, '
  'or of ticks below a minute; bars of the length itself go before what is made, unless the ticks are complete. Error '
  'TR104.';
