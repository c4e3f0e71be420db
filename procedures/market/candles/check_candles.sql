-- reads market.ticks, market.tick_candles_1m and the like
CREATE OR REPLACE FUNCTION market.check_candles(
  instrument_id int, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (minutes int, bucket timestamptz, kept text, expected text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_exchange_id int := (SELECT i.exchange_id FROM market.instruments AS i
                         WHERE i.instrument_id = check_candles.instrument_id);
BEGIN
  FOREACH minutes IN ARRAY '{1,5,15,60,1440}'::int[] LOOP
    RETURN QUERY
      SELECT check_candles.minutes, coalesce(k.bucket, x.bucket), k::text, x::text
        FROM market.tick_candles(check_candles.instrument_id, check_candles.minutes, from_time, until_time) AS k
        FULL JOIN (
          SELECT b.bucket, (array_agg(t.price ORDER BY t.ts, t.seq))[1] AS open, max(t.price) AS high,
                 min(t.price) AS low, (array_agg(t.price ORDER BY t.ts DESC, t.seq DESC))[1] AS close,
                 sum(t.size) AS volume, sum(t.price * t.size) / nullif(sum(t.size), 0) AS vwap, count(*) AS ticks
            FROM market.ticks AS t
            CROSS JOIN LATERAL (SELECT market.candle_bucket(t.ts, check_candles.minutes, v_exchange_id) AS bucket) AS b
           WHERE t.instrument_id = check_candles.instrument_id AND NOT t.suspicious AND b.bucket >= from_time
             AND b.bucket < until_time
           GROUP BY b.bucket) AS x USING (bucket)
       -- Sums of floating numbers depend on their order in the last digits.
       WHERE (k.open, k.high, k.low, k.close, k.ticks) IS DISTINCT FROM (x.open, x.high, x.low, x.close, x.ticks)
          OR abs(k.volume - x.volume) > 1e-9 * x.volume OR abs(k.vwap - x.vwap) > 1e-9 * x.vwap
          OR (k.vwap IS NULL) <> (x.vwap IS NULL);
  END LOOP;
END
$$;
COMMENT ON FUNCTION market.check_candles(int, timestamptz, timestamptz) IS
  'Kept candles of an instrument that differ from an aggregate of its ticks, of all five lengths: none when all is '
  'well. Where ticks were dropped, candles without ticks are shown.';
