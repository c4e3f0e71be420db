-- reads identity.users, identity.acting; errors TR701, TR726
CREATE OR REPLACE FUNCTION internal.require_login()
RETURNS identity.users
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
BEGIN
  IF EXISTS (SELECT FROM identity.acting AS a
              WHERE a.pid = pg_backend_pid() AND a.xid = pg_current_xact_id_if_assigned() AND a.key_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a program that has an API key does not change what proves who its user is'
      USING ERRCODE = 'TR701', DETAIL = format('It acts for the user %s.', ops.actor()),
            HINT = 'Log in with the password.';
  END IF;
  RETURN internal.find_user(ops.actor());
END
$$;
COMMENT ON FUNCTION internal.require_login() IS
  'The user who acts by a login of his own. An API key is none, and a login role is no user. Errors TR701, TR726.';
