-- reads nothing
CREATE OR REPLACE FUNCTION internal.instant(p_microseconds bigint)
RETURNS timestamptz
LANGUAGE sql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT timestamptz '2000-01-01Z' + p_microseconds * interval '1 microsecond'
$$;
COMMENT ON FUNCTION internal.instant(bigint) IS
  'The time that specifications and results of backtests mean by so many microseconds since 2000-01-01T00:00Z.';
