-- reads identity.secret_keys, writes identity.credentials, identity.login_failures; locks the name's row of
-- identity.login_failures; errors TR701, TR726, TR730
CREATE OR REPLACE FUNCTION identity.disable_totp(code text DEFAULT NULL, username text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at    timestamptz := internal.clock();
  v_user  identity.users;
  v_proof identity.credentials;
BEGIN
  IF disable_totp.username IS NULL THEN
    v_user := internal.require_login();
  ELSE
    -- Who has lost the device asks an administrator.
    PERFORM internal.require_admin('take away a second factor of others');
    v_user := internal.find_user(disable_totp.username);
  END IF;
  v_proof := internal.proof_of(v_user.user_id);
  IF v_proof.totp_enabled_at IS NULL THEN
    RAISE EXCEPTION 'no second factor is enabled'
      USING ERRCODE = 'TR730', DETAIL = format('The user is %s.', v_user.username),
            HINT = 'identity.begin_totp() and identity.enable_totp(code) make one.';
  END IF;
  IF disable_totp.username IS NULL THEN
    IF internal.lock_name(lower(v_user.username), v_at) IS NOT NULL THEN
      RETURN false;
    ELSIF NOT internal.accept_totp(v_proof, disable_totp.code, v_at) THEN
      PERFORM internal.count_failure(lower(v_user.username), v_at);
      RETURN false;
    END IF;
  END IF;
  UPDATE identity.credentials AS c
     SET totp_secret = NULL, totp_key_id = NULL, totp_enabled_at = NULL, totp_last_step = NULL
   WHERE c.user_id = v_user.user_id;
  PERFORM internal.audit('totp.disabled', v_user.username);
  RETURN true;
END
$$;
COMMENT ON FUNCTION identity.disable_totp(text, text) IS
  'Takes the second factor away: by a code of it, or by an administrator who names the user. False when the code does '
  'not count, or the name is locked. Errors TR701, TR726, TR730.';
REVOKE ALL ON FUNCTION identity.disable_totp(text, text) FROM PUBLIC;
