-- reads identity.users, writes identity.secrets, identity.outbox
CREATE OR REPLACE FUNCTION identity.request_password_reset(email text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_user identity.users;
BEGIN
  SELECT u.* INTO v_user FROM identity.users AS u
   WHERE lower(u.email) = lower(request_password_reset.email) AND u.deleted_at IS NULL AND u.disabled_at IS NULL;
  IF FOUND THEN
    PERFORM internal.write_letter(v_user, 'reset_password', internal.clock()),
            internal.audit('password.reset_requested', v_user.username);
  END IF;
END
$$;
COMMENT ON FUNCTION identity.request_password_reset(text) IS
  'Puts a letter with a token for identity.reset_password into the outbox, if a user has this address; whether one has '
  'is not said.';
REVOKE ALL ON FUNCTION identity.request_password_reset(text) FROM PUBLIC;
