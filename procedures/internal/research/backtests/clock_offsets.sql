-- reads nothing
CREATE OR REPLACE FUNCTION internal.clock_offsets(p_time_zone text, p_from timestamptz, p_until timestamptz)
RETURNS bigint[]
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  -- Days at whose ends clocks differ, and within them the hour at which they were changed.
  WITH days AS (
    SELECT d.at, (d.at AT TIME ZONE p_time_zone) - (d.at AT TIME ZONE 'UTC') AS ahead
      FROM generate_series(date_trunc('hour', p_from), p_until + interval '1 day', interval '1 day') AS d (at)
  ), steps AS (
    SELECT d.at, d.ahead, lag(d.ahead) OVER (ORDER BY d.at) AS before FROM days AS d
  ), changes AS (
    SELECT s.at, s.ahead FROM steps AS s WHERE s.before IS NULL
    UNION ALL
    SELECT h.at, s.ahead
      FROM steps AS s
      CROSS JOIN LATERAL (
        SELECT min(g.at) AS at
          FROM generate_series(s.at - interval '23 hours', s.at, interval '1 hour') AS g (at)
         WHERE (g.at AT TIME ZONE p_time_zone) - (g.at AT TIME ZONE 'UTC') = s.ahead) AS h
     WHERE s.ahead <> s.before
  )
  SELECT array_agg(v.value ORDER BY c.at, v.place)
    FROM changes AS c
    CROSS JOIN LATERAL (VALUES (1, internal.microseconds(c.at)),
                               (2, (extract(epoch FROM c.ahead) * 1000000)::bigint)) AS v (place, value)
$$;
COMMENT ON FUNCTION internal.clock_offsets(text, timestamptz, timestamptz) IS
  'Pairs of a time and the microseconds that the clocks of a time zone are ahead of UTC from then on, for a span.';
