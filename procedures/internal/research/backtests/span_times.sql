-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION internal.span_times(
  p_exchange_id int, p_length interval, p_from timestamptz, p_until timestamptz)
RETURNS bigint[]
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH days AS MATERIALIZED (
    SELECT d.day::date AS day,
           market.any_bucket(market.day_start(e.exchange_id, d.day::date), p_length, e.time_zone, e.day_starts,
                             e.grid_starts) AS begins_at
      FROM market.exchanges AS e
      CROSS JOIN generate_series((p_from AT TIME ZONE e.time_zone - p_length)::date - 2,
                                 (p_until AT TIME ZONE e.time_zone + p_length)::date + 2, interval '1 day') AS d (day)
     WHERE e.exchange_id = p_exchange_id
  ), begins AS MATERIALIZED (
    SELECT b.begins_at, lead(b.begins_at) OVER (ORDER BY b.begins_at) AS ends_at
      FROM (SELECT DISTINCT d.begins_at FROM days AS d) AS b
  ), sessions AS MATERIALIZED (
    SELECT s.* FROM (SELECT min(d.day) - 1 AS first, max(d.day) + 1 AS last FROM days AS d) AS r
      CROSS JOIN generate_series(r.first, r.last, interval '1 day') AS g (day)
      CROSS JOIN LATERAL market.session_bounds(p_exchange_id, g.day::date) AS s
  ), hours AS MATERIALIZED (
    -- A session may be of two candles, where a day does not begin at midnight.
    SELECT x.bucket, min(greatest(x.opens_at, x.bucket)) AS opens_at, max(x.closes_at) AS closes_at
      FROM (SELECT market.any_bucket(n.at, p_length, e.time_zone, e.day_starts, e.grid_starts) AS bucket, s.*
              FROM sessions AS s
              CROSS JOIN market.exchanges AS e
              CROSS JOIN LATERAL (VALUES (s.opens_at), (s.closes_at - interval '1 microsecond')) AS n (at)
             WHERE e.exchange_id = p_exchange_id) AS x
     GROUP BY x.bucket
  )
  SELECT array_agg(v.value ORDER BY b.begins_at, v.place)
    FROM begins AS b
    LEFT JOIN hours AS h ON h.bucket = b.begins_at
    CROSS JOIN LATERAL (
      VALUES (1, internal.microseconds(b.begins_at)), (2, internal.microseconds(coalesce(h.opens_at, b.begins_at))),
             (3, internal.microseconds(coalesce(least(h.closes_at, b.ends_at), b.ends_at))),
             (4, internal.microseconds(b.ends_at))) AS v (place, value)
   WHERE b.ends_at IS NOT NULL AND b.ends_at > p_from AND b.begins_at <= p_until
$$;
COMMENT ON FUNCTION internal.span_times(int, interval, timestamptz, timestamptz) IS
  'Of each candle of whole days, weeks or months of an exchange in a span what market.candle_span says: begin, first '
  'opening, last close and begin of the next, in turn.';
