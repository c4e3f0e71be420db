-- writes identity.secrets, identity.users
CREATE OR REPLACE FUNCTION identity.verify_email(token text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at    timestamptz := internal.clock();
  v_spent record;
BEGIN
  v_spent := internal.spend_secret(verify_email.token, 'verify_email', v_at);
  IF v_spent.code IS NULL THEN
    -- A letter to an address that the user has left proves nothing.
    UPDATE identity.users AS u SET email_verified_at = v_at
     WHERE u.user_id = v_spent.user_id AND lower(u.email) = lower(v_spent.email)
       AND u.deleted_at IS NULL;
    IF NOT FOUND THEN
      RETURN 'TR721';
    END IF;
  END IF;
  RETURN v_spent.code;
END
$$;
COMMENT ON FUNCTION identity.verify_email(text) IS
  'Proves a user''s address by the token of a letter to it, which counts once. NULL when it is done, else why not: '
  'TR721 there is no such token, or the address is another now, TR722 it has expired.';
REVOKE ALL ON FUNCTION identity.verify_email(text) FROM PUBLIC;
