-- reads identity.secrets, writes it
CREATE OR REPLACE FUNCTION internal.spend_secret(
  p_secret text, p_kind identity.secret_kind, p_at timestamptz, OUT user_id int, OUT email text, OUT code text)
RETURNS record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_secret identity.secrets;
BEGIN
  DELETE FROM identity.secrets AS s WHERE s.hash = internal.secret_hash(p_secret) AND s.kind = p_kind
  RETURNING s.* INTO v_secret;
  code := CASE WHEN NOT FOUND THEN 'TR721' WHEN p_at >= v_secret.expires_at THEN 'TR722' END;
  user_id := v_secret.user_id;
  email := v_secret.email;
END
$$;
COMMENT ON FUNCTION internal.spend_secret(text, identity.secret_kind, timestamptz) IS
  'Uses up the secret of a letter; code says why it does not count: TR721 there is none such, TR722 it has expired.';
