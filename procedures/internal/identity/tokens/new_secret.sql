-- writes identity.secrets
CREATE OR REPLACE FUNCTION internal.new_secret(
  p_kind identity.secret_kind, p_user_id int, p_expires_at timestamptz, p_session_id uuid DEFAULT NULL,
  p_key_id int DEFAULT NULL, p_email text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_secret text := CASE p_kind WHEN 'api_key' THEN 'bourse_key_' ELSE '' END
                   || internal.base64url(public.gen_random_bytes(32));
BEGIN
  INSERT INTO identity.secrets (hash, kind, user_id, session_id, key_id, email, expires_at)
  VALUES (internal.secret_hash(v_secret), p_kind, p_user_id, p_session_id, p_key_id, p_email, p_expires_at);
  RETURN v_secret;
END
$$;
COMMENT ON FUNCTION internal.new_secret(identity.secret_kind, int, timestamptz, uuid, int, text) IS
  'A new random secret, 256 bits, of which the table keeps the hash: whoever gets it is the only one to have it.';
