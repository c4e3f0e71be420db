-- reads identity.secret_keys, writes identity.credentials; errors TR701, TR726, TR730
CREATE OR REPLACE FUNCTION identity.enable_totp(code text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at    timestamptz := internal.clock();
  v_user  identity.users := internal.require_login();
  v_proof identity.credentials := internal.proof_of(v_user.user_id);
BEGIN
  IF v_proof.totp_secret IS NULL OR v_proof.totp_enabled_at IS NOT NULL THEN
    RAISE EXCEPTION 'no secret of one-time codes waits to be enabled'
      USING ERRCODE = 'TR730',
            DETAIL = CASE WHEN v_proof.totp_secret IS NULL THEN 'There is none.' ELSE 'It is enabled already.' END,
            HINT = 'identity.begin_totp() makes one.';
  END IF;
  IF NOT internal.accept_totp(v_proof, enable_totp.code, v_at) THEN
    RETURN false;
  END IF;
  UPDATE identity.credentials AS c SET totp_enabled_at = v_at WHERE c.user_id = v_user.user_id;
  PERFORM internal.audit('totp.enabled', v_user.username);
  RETURN true;
END
$$;
COMMENT ON FUNCTION identity.enable_totp(text) IS
  'Asks for a one-time code at each login from now on, if this is one of the secret that identity.begin_totp made; '
  'false when it is not. Errors TR701, TR726, TR730.';
REVOKE ALL ON FUNCTION identity.enable_totp(text) FROM PUBLIC;
