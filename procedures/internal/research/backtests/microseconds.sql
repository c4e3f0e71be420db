-- reads nothing
CREATE OR REPLACE FUNCTION internal.microseconds(p_at timestamptz)
RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT (extract(epoch FROM p_at - '2000-01-01Z') * 1000000)::bigint
$$;
COMMENT ON FUNCTION internal.microseconds(timestamptz) IS
  'A time as specifications of backtests have it: microseconds since 2000-01-01T00:00Z.';
