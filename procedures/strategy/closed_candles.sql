-- reads candles, market.ticks, market.instruments, market.exchanges, market.sessions, market.holidays; errors TR104
CREATE OR REPLACE FUNCTION strategy.closed_candles(
  p_instrument_id int, p_length interval, p_from timestamptz, p_until timestamptz)
RETURNS TABLE (bucket timestamptz, closes_at timestamptz, seq bigint, open float8, high float8, low float8,
               close float8, volume float8)
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF p_length = interval '0' THEN
    RETURN QUERY
      SELECT t.ts, t.ts, t.seq, t.price, t.price, t.price, t.price, t.size
        FROM market.ticks AS t
       WHERE t.instrument_id = p_instrument_id AND t.ts >= p_from AND t.ts < p_until AND NOT t.suspicious
       ORDER BY t.ts, t.seq;
  ELSIF p_length < interval '1 day' THEN
    RETURN QUERY
      SELECT c.bucket, c.bucket + p_length, 0::bigint, c.open, c.high, c.low, c.close, c.volume
        FROM market.raw_candles(p_instrument_id, p_length, p_from, p_until) AS c;
  ELSE
    -- Days and longer ones are over when their last session closes; where there is none, market.candle_span knows.
    RETURN QUERY
      WITH made AS MATERIALIZED (
        SELECT c.* FROM market.raw_candles(p_instrument_id, p_length, p_from, p_until) AS c
      ), closes AS MATERIALIZED (
        SELECT market.any_bucket(b.opens_at, p_length, r.time_zone, r.day_starts, r.grid_starts) AS bucket,
               max(b.closes_at) AS closes_at
          FROM (SELECT e.*, min((m.bucket AT TIME ZONE e.time_zone)::date) - 1 AS first,
                       max((m.bucket AT TIME ZONE e.time_zone + p_length)::date) + 1 AS last
                  FROM made AS m
                  CROSS JOIN market.instruments AS i
                  JOIN market.exchanges AS e USING (exchange_id)
                 WHERE i.instrument_id = p_instrument_id
                 GROUP BY e.exchange_id) AS r
          CROSS JOIN LATERAL generate_series(r.first, r.last, interval '1 day') AS d
          CROSS JOIN LATERAL market.session_bounds(r.exchange_id, d::date) AS b
         GROUP BY 1
      )
      SELECT m.bucket,
             coalesce(x.closes_at, (SELECT s.closes_at
                                      FROM market.instruments AS i
                                      CROSS JOIN LATERAL market.candle_span(i.exchange_id, p_length, m.bucket) AS s
                                     WHERE i.instrument_id = p_instrument_id)),
             0::bigint, m.open, m.high, m.low, m.close, m.volume
        FROM made AS m LEFT JOIN closes AS x USING (bucket);
  END IF;
END
$$;
COMMENT ON FUNCTION strategy.closed_candles(int, interval, timestamptz, timestamptz) IS
  'Candles of an instrument as traded whose start lies in the span, in order, with the time from which on strategies '
  'see them: their end, and from a day on the close of their last session. Length 0: each tick is a candle, seq orders '
  'those of one time. Error TR104.';
