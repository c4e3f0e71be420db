-- reads market.exchanges, market.sessions, market.holidays
CREATE OR REPLACE FUNCTION internal.session_times(p_exchange_id int, p_from timestamptz, p_until timestamptz)
RETURNS bigint[]
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT array_agg(v.value ORDER BY b.opens_at, v.place)
    FROM market.exchanges AS e
    CROSS JOIN generate_series((p_from AT TIME ZONE e.time_zone)::date - 1,
                               (p_until AT TIME ZONE e.time_zone)::date + 1, interval '1 day') AS d (day)
    CROSS JOIN LATERAL market.session_bounds(e.exchange_id, d.day::date) AS b
    CROSS JOIN LATERAL (VALUES (1, internal.microseconds(b.opens_at)),
                               (2, internal.microseconds(b.closes_at))) AS v (place, value)
   WHERE e.exchange_id = p_exchange_id
$$;
COMMENT ON FUNCTION internal.session_times(int, timestamptz, timestamptz) IS
  'Openings and closes of an exchange''s sessions in a span, in turn; NULL when there is none.';
