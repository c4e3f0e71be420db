-- reads identity.secrets, writes identity.sessions
CREATE OR REPLACE FUNCTION identity.logout(refresh_token text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_secret identity.secrets;
BEGIN
  SELECT s.* INTO v_secret FROM identity.secrets AS s
   WHERE s.hash = internal.secret_hash(logout.refresh_token) AND s.kind = 'refresh';
  RETURN FOUND AND internal.end_sessions(v_secret.user_id, 'logout', internal.clock(),
                                         p_session_id => v_secret.session_id) > 0;
END
$$;
COMMENT ON FUNCTION identity.logout(text) IS
  'Ends the session of a refresh token, used or not; false when there is none, or it has ended before.';
REVOKE ALL ON FUNCTION identity.logout(text) FROM PUBLIC;
