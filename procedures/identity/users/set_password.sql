-- writes as internal.put_password; errors TR701, TR726, TR727
CREATE OR REPLACE FUNCTION identity.set_password(username text, password text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.require_admin('set passwords of others');
  PERFORM internal.put_password(internal.find_user(set_password.username), set_password.password, 'password.set',
                                internal.clock());
END
$$;
COMMENT ON FUNCTION identity.set_password(text, text) IS
  'Gives a user a new password, and ends the sessions. Errors TR701, TR726, TR727.';
REVOKE ALL ON FUNCTION identity.set_password(text, text) FROM PUBLIC;
