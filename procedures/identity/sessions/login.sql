-- reads identity.users, identity.credentials, identity.settings; writes identity.login_failures, identity.sessions,
-- identity.secrets, identity.users, ops.audit_log; locks the name's row of identity.login_failures: attempts by one
-- name go one by one
CREATE OR REPLACE FUNCTION identity.login(username text, password text, totp text DEFAULT NULL)
RETURNS identity.login_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at      timestamptz := internal.clock();
  v_name    text        := lower(left(coalesce(login.username, ''), 64));
  v_user    identity.users;
  v_proof   identity.credentials;
  v_session identity.sessions;
  v_result  identity.login_result;
BEGIN
  v_result.code := coalesce(internal.lock_name(v_name, v_at),
                            CASE WHEN internal.take_token('login', v_name) IS NOT NULL THEN 'TR755' END);
  IF v_result.code IS NOT NULL THEN
    PERFORM internal.audit('login.failed', v_name, NULL, jsonb_build_object('code', v_result.code));
    RETURN v_result;
  END IF;
  SELECT u.* INTO v_user FROM identity.users AS u WHERE lower(u.username) = v_name AND u.deleted_at IS NULL;
  SELECT c.* INTO v_proof FROM identity.credentials AS c WHERE c.user_id = v_user.user_id;
  v_result.code := CASE WHEN NOT internal.password_is_right(login.password, v_proof.password_hash) THEN 'TR716'
                        WHEN v_user.disabled_at IS NOT NULL THEN 'TR718' END;
  IF v_result.code IS NULL AND v_proof.totp_enabled_at IS NOT NULL THEN
    v_result.code := CASE WHEN login.totp IS NULL THEN 'TR719'
                          WHEN NOT internal.accept_totp(v_proof, login.totp, v_at) THEN 'TR720' END;
  END IF;
  IF v_result.code IS NOT NULL THEN
    -- Whoever has the password did not guess it.
    IF v_result.code IN ('TR716', 'TR720') THEN
      PERFORM internal.count_failure(v_name, v_at);
    END IF;
    PERFORM internal.audit('login.failed', v_name, NULL, jsonb_build_object('code', v_result.code));
    RETURN v_result;
  END IF;
  DELETE FROM identity.login_failures AS f WHERE f.name = v_name;
  UPDATE identity.users AS u SET last_login_at = v_at WHERE u.user_id = v_user.user_id;
  INSERT INTO identity.sessions (session_id, user_id, owner, scopes, created_at, refreshed_at, expires_at,
                                 client_address, application)
  SELECT gen_random_uuid(), v_user.user_id, v_user.username, internal.role_scopes(v_user.role), v_at, v_at,
         v_at + s.session_lifetime, inet_client_addr(), nullif(current_setting('application_name'), '')
    FROM identity.settings AS s
  RETURNING * INTO v_session;
  PERFORM internal.audit('login.succeeded', v_user.username, NULL,
                         jsonb_build_object('session_id', v_session.session_id));
  RETURN internal.session_tokens(v_user, v_session, v_at);
END
$$;
COMMENT ON FUNCTION identity.login(text, text, text) IS
  'Logs a user in: an access token for identity.use_token and a refresh token, or a code that says why not: TR716 the '
  'name or the password is wrong, TR717 the name is locked for a while, TR718 the user is disabled, TR719 a one-time '
  'code is needed, TR720 it does not count, TR755 there are too many attempts by this name (identity.rate_limits). A '
  'refusal is a result, so that it is counted: commit it. An unknown name takes as long as a wrong password, and is '
  'locked like any other. totp is the code, if the user has a second factor.';
REVOKE ALL ON FUNCTION identity.login(text, text, text) FROM PUBLIC;
