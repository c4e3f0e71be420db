-- reads market.sessions, market.holidays and what market.candles reads; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.candles_filled(
  symbol text, resolution interval, "from" timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity')
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8,
               ticks bigint, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_instrument_id int := market.instrument_id(candles_filled.symbol);
  v_exchange market.exchanges;
BEGIN
  SELECT e.* INTO v_exchange
    FROM market.exchanges AS e JOIN market.instruments AS i USING (exchange_id)
   WHERE i.instrument_id = v_instrument_id;
  RETURN QUERY
    WITH known AS MATERIALIZED (
      SELECT c.*
        FROM market.raw_candles(v_instrument_id, candles_filled.resolution, candles_filled."from",
                                candles_filled.until) AS c
    ), span AS (
      SELECT min(k.bucket) AS from_time,
             CASE WHEN isfinite(candles_filled.until) THEN candles_filled.until
                  ELSE max(k.bucket) + interval '1 microsecond' END AS until_time
        FROM known AS k
    ), hours AS (
      SELECT b.opens_at, b.closes_at
        FROM span AS s
        CROSS JOIN LATERAL generate_series((s.from_time AT TIME ZONE v_exchange.time_zone)::date - 1,
                                           (s.until_time AT TIME ZONE v_exchange.time_zone)::date + 1,
                                           interval '1 day') AS d
        CROSS JOIN LATERAL market.session_bounds(v_exchange.exchange_id, d::date) AS b
       WHERE b.closes_at > s.from_time AND b.opens_at < s.until_time
    ), grid AS (
      SELECT DISTINCT market.any_bucket(t, candles_filled.resolution, v_exchange.time_zone, v_exchange.day_starts,
                                        v_exchange.grid_starts) AS bucket
        FROM hours AS h
        CROSS JOIN LATERAL generate_series(h.opens_at, h.closes_at - interval '1 microsecond',
                                           least(candles_filled.resolution, interval '1 day')) AS t
    ), joined AS (
      SELECT coalesce(g.bucket, k.bucket) AS bucket, k.open, k.high, k.low, k.close, k.volume, k.vwap, k.ticks,
             k.source,
             count(k.close) OVER (ORDER BY coalesce(g.bucket, k.bucket)) AS part
        FROM grid AS g FULL JOIN known AS k USING (bucket)
    )
    SELECT j.bucket, coalesce(j.open, f.close), coalesce(j.high, f.close), coalesce(j.low, f.close), f.close,
           coalesce(j.volume, 0), j.vwap,
           CASE WHEN j.close IS NULL THEN 0 ELSE j.ticks END, coalesce(j.source, 'filled')
      FROM joined AS j
      CROSS JOIN span AS s
      JOIN (SELECT x.part, max(x.close) AS close FROM joined AS x WHERE x.close IS NOT NULL GROUP BY x.part) AS f
        ON f.part = j.part
     WHERE j.bucket >= s.from_time AND j.bucket < s.until_time
     ORDER BY j.bucket;
END
$$;
COMMENT ON FUNCTION market.candles_filled(text, interval, timestamptz, timestamptz) IS
  'Like market.candles from the first candle on to until (to the last one when that is infinite), with buckets inside '
  'sessions in which nothing traded as flat candles at the close before: volume and ticks 0, source filled. Errors '
  'TR101, TR103, TR104.';
