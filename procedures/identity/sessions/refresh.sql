-- reads identity.users, identity.settings; writes identity.secrets, identity.sessions; locks the token, then its
-- session
CREATE OR REPLACE FUNCTION identity.refresh(refresh_token text)
RETURNS identity.login_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at      timestamptz := internal.clock();
  v_secret  identity.secrets;
  v_session identity.sessions;
  v_user    identity.users;
  v_result  identity.login_result;
BEGIN
  SELECT s.* INTO v_secret FROM identity.secrets AS s
   WHERE s.hash = internal.secret_hash(refresh.refresh_token) AND s.kind = 'refresh' FOR UPDATE;
  IF NOT FOUND THEN
    v_result.code := 'TR721';
    RETURN v_result;
  END IF;
  SELECT s.* INTO STRICT v_session FROM identity.sessions AS s WHERE s.session_id = v_secret.session_id FOR UPDATE;
  SELECT u.* INTO STRICT v_user FROM identity.users AS u WHERE u.user_id = v_session.user_id;
  v_result.code := CASE
    WHEN v_secret.used_at IS NOT NULL THEN 'TR724'
    WHEN v_session.ended_at IS NOT NULL THEN 'TR723'
    WHEN v_user.disabled_at IS NOT NULL OR v_user.deleted_at IS NOT NULL THEN 'TR718'
    WHEN v_at >= v_secret.expires_at THEN 'TR722' END;
  IF v_result.code = 'TR724' THEN
    -- Somebody has a copy: thief and owner both lose the session.
    PERFORM internal.end_sessions(v_session.user_id, 'reuse', v_at, p_session_id => v_session.session_id),
            internal.audit('token.reused', v_user.username, NULL,
                           jsonb_build_object('session_id', v_session.session_id));
  END IF;
  IF v_result.code IS NOT NULL THEN
    RETURN v_result;
  END IF;
  UPDATE identity.secrets AS s SET used_at = v_at WHERE s.hash = v_secret.hash;
  -- What has expired is not looked for any more: it would be refused as unknown.
  DELETE FROM identity.secrets AS s WHERE s.session_id = v_session.session_id AND s.expires_at < v_at;
  UPDATE identity.sessions AS s SET refreshed_at = v_at WHERE s.session_id = v_session.session_id
  RETURNING * INTO v_session;
  RETURN internal.session_tokens(v_user, v_session, v_at);
END
$$;
COMMENT ON FUNCTION identity.refresh(text) IS
  'New tokens for a refresh token, which counts once: coming again, it ends its session. Or a code: TR718 the user is '
  'disabled, TR721 there is no such token, TR722 it has expired, TR723 its session has ended, TR724 it was used '
  'before. A refusal is a result, so that the session''s end is kept: commit it.';
REVOKE ALL ON FUNCTION identity.refresh(text) FROM PUBLIC;
