-- reads identity.users; writes identity.secrets and as internal.put_password; errors TR727
CREATE OR REPLACE FUNCTION identity.reset_password(token text, new_password text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at    timestamptz := internal.clock();
  v_spent record;
  v_user  identity.users;
BEGIN
  v_spent := internal.spend_secret(reset_password.token, 'reset_password', v_at);
  IF v_spent.code IS NULL THEN
    SELECT u.* INTO STRICT v_user FROM identity.users AS u WHERE u.user_id = v_spent.user_id;
    IF v_user.disabled_at IS NOT NULL OR v_user.deleted_at IS NOT NULL THEN
      RETURN 'TR718';
    END IF;
    PERFORM internal.put_password(v_user, reset_password.new_password, 'password.reset', v_at);
  END IF;
  RETURN v_spent.code;
END
$$;
COMMENT ON FUNCTION identity.reset_password(text, text) IS
  'Sets a new password by the token of a letter, which counts once, ends the sessions and unlocks the name; a second '
  'factor stays. NULL when it is done, else why not: TR718 the user is disabled, TR721 there is no such token, TR722 '
  'it has expired. Error TR727, which leaves the token as it is.';
REVOKE ALL ON FUNCTION identity.reset_password(text, text) FROM PUBLIC;
