-- writes identity.secret_keys; errors TR701
CREATE OR REPLACE FUNCTION identity.rotate_signing_key(revoke boolean DEFAULT false)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at     timestamptz := internal.clock();
  v_key_id int;
BEGIN
  PERFORM internal.require_admin('change the key of tokens');
  UPDATE identity.secret_keys AS k SET retired_at = v_at WHERE k.purpose = 'tokens' AND k.retired_at IS NULL;
  -- No access token lives longer than a day.
  DELETE FROM identity.secret_keys AS k
   WHERE k.purpose = 'tokens' AND (rotate_signing_key.revoke OR k.retired_at < v_at - interval '1 day');
  INSERT INTO identity.secret_keys (purpose, secret, created_at)
  VALUES ('tokens', public.gen_random_bytes(32), v_at) RETURNING key_id INTO v_key_id;
  RETURN v_key_id;
END
$$;
COMMENT ON FUNCTION identity.rotate_signing_key(boolean) IS
  'Signs access tokens with a new key from now on; those that are out count until they expire, or, with revoke, no '
  'more: their owners refresh. Returns the new key''s identifier. Error TR701.';
REVOKE ALL ON FUNCTION identity.rotate_signing_key(boolean) FROM PUBLIC;
