CREATE OR REPLACE FUNCTION internal.is_event_time(p_at timestamptz)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT p_at >= timestamptz '1900-01-01 00:00Z' AND p_at < timestamptz '2200-01-01 00:00Z'
$$;
COMMENT ON FUNCTION internal.is_event_time(timestamptz) IS
  'Whether something can have happened then: from 1900 until before 2200, which leaves room for replays of old data '
  'and for contracts that end later, and none for infinity and slips of the hand. NULL: NULL.';
