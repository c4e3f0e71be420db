-- reads identity.settings, identity.secret_keys, writes identity.secrets
CREATE OR REPLACE FUNCTION internal.session_tokens(p_user identity.users, p_session identity.sessions, p_at timestamptz)
RETURNS identity.login_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_settings identity.settings := (SELECT s FROM identity.settings AS s);
  -- To the second, as the claims have it.
  v_expires  timestamptz := date_trunc('second', least(p_at + v_settings.access_lifetime, p_session.expires_at));
  v_result   identity.login_result;
BEGIN
  v_result.access_token := internal.sign_token(json_build_object(
    'iss', 'bourse', 'sub', p_user.username,
    'role', 'bourse_' || internal.role_within(p_user.role, p_session.scopes), 'scopes', p_session.scopes,
    'sid', p_session.session_id, 'jti', gen_random_uuid(), 'iat', floor(extract(epoch FROM p_at)),
    'exp', extract(epoch FROM v_expires)::bigint));
  v_result.refresh_token := internal.new_secret(
    'refresh', p_user.user_id, least(p_at + v_settings.refresh_lifetime, p_session.expires_at),
    p_session_id => p_session.session_id);
  v_result.expires_at := v_expires;
  RETURN v_result;
END
$$;
COMMENT ON FUNCTION internal.session_tokens(identity.users, identity.sessions, timestamptz) IS
  'A new access token and a new refresh token of a session.';
