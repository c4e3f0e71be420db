CREATE OR REPLACE FUNCTION internal.iso_time(p_at timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
COMMENT ON FUNCTION internal.iso_time(timestamptz) IS 'A time in UTC as programs read it, to a millisecond.';
