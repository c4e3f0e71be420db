-- reads identity.users, identity.sessions, identity.secrets, identity.api_keys, identity.secret_keys; errors: none
CREATE OR REPLACE FUNCTION internal.find_bearer(p_token text, p_at timestamptz)
RETURNS internal.bearer
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_bearer internal.bearer;
  v_claims jsonb;
BEGIN
  IF p_token ~ '^bourse_key_' THEN
    SELECT CASE WHEN k.revoked_at IS NOT NULL OR u.deleted_at IS NOT NULL THEN 'TR723'
                WHEN u.disabled_at IS NOT NULL THEN 'TR718'
                WHEN p_at >= k.expires_at THEN 'TR722' END,
           u.username, u.role, k.scopes, NULL::uuid, k.key_id
      INTO v_bearer
      FROM identity.secrets AS s JOIN identity.api_keys AS k ON k.key_id = s.key_id
      JOIN identity.users AS u ON u.user_id = k.user_id
     WHERE s.hash = internal.secret_hash(p_token) AND s.kind = 'api_key';
  ELSE
    v_claims := internal.token_claims(p_token);
    -- What the token says was true when it was signed; the user's role and the session's end are those of now.
    SELECT CASE WHEN s.ended_at IS NOT NULL OR u.deleted_at IS NOT NULL THEN 'TR723'
                WHEN u.disabled_at IS NOT NULL THEN 'TR718'
                WHEN (p_at < to_timestamp((v_claims ->> 'exp')::bigint)) IS NOT TRUE THEN 'TR722' END,
           u.username, u.role, s.scopes, s.session_id, NULL::int
      INTO v_bearer
      FROM identity.sessions AS s JOIN identity.users AS u ON u.user_id = s.user_id
     WHERE s.session_id = (v_claims ->> 'sid')::uuid AND u.username = v_claims ->> 'sub';
  END IF;
  IF NOT FOUND THEN
    v_bearer.code := 'TR721';
  END IF;
  RETURN v_bearer;
END
$$;
COMMENT ON FUNCTION internal.find_bearer(text, timestamptz) IS
  'Whose access token or API key it is and what it may be used for; code says why it does not count: TR718, TR721, '
  'TR722, TR723.';
