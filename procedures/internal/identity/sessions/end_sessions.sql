-- writes identity.sessions
CREATE OR REPLACE FUNCTION internal.end_sessions(
  p_user_id int, p_reason text, p_at timestamptz, p_session_id uuid DEFAULT NULL, p_except uuid DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_count int;
BEGIN
  UPDATE identity.sessions AS s SET ended_at = p_at, end_reason = p_reason
   WHERE s.user_id = p_user_id AND s.ended_at IS NULL AND s.session_id = coalesce(p_session_id, s.session_id)
     AND s.session_id IS DISTINCT FROM p_except;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.end_sessions(int, text, timestamptz, uuid, uuid) IS
  'Ends one session of a user, or all but one; how many there were. Their tokens count no more from now on.';
