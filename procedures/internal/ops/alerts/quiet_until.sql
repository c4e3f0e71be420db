CREATE OR REPLACE FUNCTION internal.quiet_until(p_from time, p_until time, p_zone text, p_at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE WHEN CASE WHEN p_from < p_until THEN l.at::time >= p_from AND l.at::time < p_until
                        ELSE l.at::time >= p_from OR l.at::time < p_until END
              THEN (l.at::date + p_until + CASE WHEN l.at::time >= p_until THEN interval '1 day' ELSE '0' END)
                   AT TIME ZONE p_zone END
    FROM (SELECT p_at AT TIME ZONE p_zone AS at) AS l
$$;
COMMENT ON FUNCTION internal.quiet_until(time, time, text, timestamptz) IS
  'When the quiet hours end in which this time is; NULL: it is in none.';
