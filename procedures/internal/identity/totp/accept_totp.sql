-- reads identity.secret_keys, writes identity.credentials
CREATE OR REPLACE FUNCTION internal.accept_totp(p_proof identity.credentials, p_code text, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_secret bytea := (SELECT public.pgp_sym_decrypt_bytea(p_proof.totp_secret, encode(k.secret, 'hex'))
                       FROM identity.secret_keys AS k WHERE k.key_id = p_proof.totp_key_id);
  v_now    bigint := floor(extract(epoch FROM p_at) / 30);
  v_step   bigint;
BEGIN
  SELECT s.step INTO v_step
    FROM generate_series(v_now - 1, v_now + 1) AS s (step)
   WHERE internal.totp_code(v_secret, s.step) = p_code
   ORDER BY s.step DESC LIMIT 1;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  -- A code counts once: of two logins at once, one.
  UPDATE identity.credentials AS c SET totp_last_step = v_step
   WHERE c.user_id = p_proof.user_id AND (c.totp_last_step < v_step OR c.totp_last_step IS NULL);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION internal.accept_totp(identity.credentials, text, timestamptz) IS
  'Whether a one-time code is that of this half minute or of its neighbours, and later than the last that counted; '
  'then it has counted.';
