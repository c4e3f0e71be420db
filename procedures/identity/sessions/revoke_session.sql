-- writes identity.sessions; errors TR733
CREATE OR REPLACE FUNCTION identity.revoke_session(session uuid)
RETURNS identity.sessions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_session identity.sessions;
BEGIN
  UPDATE identity.sessions AS s SET ended_at = internal.clock(), end_reason = 'revoked'
   WHERE s.session_id = revoke_session.session AND s.ended_at IS NULL
     AND (s.owner = ops.actor() OR identity.actor_role() = 'admin')
  RETURNING * INTO v_session;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no session of yours goes on under this identifier'
      USING ERRCODE = 'TR733', DETAIL = format('session is %s.', coalesce(revoke_session.session::text, 'NULL')),
            HINT = 'SELECT * FROM identity.sessions WHERE ended_at IS NULL shows them.';
  END IF;
  PERFORM internal.audit('session.revoked', v_session.owner, NULL,
                         jsonb_build_object('session_id', v_session.session_id));
  RETURN v_session;
END
$$;
COMMENT ON FUNCTION identity.revoke_session(uuid) IS
  'Ends a session of one''s own, for administrators of anybody: its tokens count no more. Error TR733.';
REVOKE ALL ON FUNCTION identity.revoke_session(uuid) FROM PUBLIC;
