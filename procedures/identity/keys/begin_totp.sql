-- reads identity.secret_keys, writes identity.credentials; errors TR701, TR726, TR730
CREATE OR REPLACE FUNCTION identity.begin_totp(OUT secret text, OUT uri text)
RETURNS record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_user   identity.users := internal.require_login();
  v_secret bytea := public.gen_random_bytes(20);
BEGIN
  UPDATE identity.credentials AS c
     SET totp_secret = public.pgp_sym_encrypt_bytea(v_secret, encode(k.secret, 'hex'), 'cipher-algo=aes256'),
         totp_key_id = k.key_id, totp_last_step = NULL
    FROM identity.secret_keys AS k
   WHERE k.purpose = 'totp' AND k.retired_at IS NULL AND c.user_id = v_user.user_id AND c.totp_enabled_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a second factor is there already'
      USING ERRCODE = 'TR730', DETAIL = format('The user is %s.', v_user.username),
            HINT = 'identity.disable_totp(code) takes it away, by a code of it.';
  END IF;
  secret := internal.base32(v_secret);
  uri := format('otpauth://totp/bourse:%s?secret=%s&issuer=bourse', replace(v_user.username, '@', '%40'), secret);
END
$$;
COMMENT ON FUNCTION identity.begin_totp() IS
  'A new secret of one-time codes for the user who acts: base32, and as the address that authenticator programs read. '
  'It counts when identity.enable_totp has seen a code of it. Errors TR701, TR726, TR730.';
REVOKE ALL ON FUNCTION identity.begin_totp() FROM PUBLIC;
