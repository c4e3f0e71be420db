-- reads pg_roles, pg_namespace, changes a database role; errors TR701, TR726
CREATE OR REPLACE FUNCTION identity.disable_login(username text, disabled boolean DEFAULT true)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.require_admin('disable login roles');
  -- Of the engine's own: in one of its groups, and with no rights over the server.
  IF NOT EXISTS (SELECT FROM pg_roles AS r JOIN pg_auth_members AS m ON m.member = r.oid
                   JOIN pg_roles AS g ON g.oid = m.roleid
                  WHERE r.rolname = disable_login.username AND g.rolname ~ '^bourse_' AND r.rolname !~ '^bourse_'
                    AND NOT r.rolsuper AND NOT r.rolcreaterole
                    AND r.oid <> (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'identity')) THEN
    RAISE EXCEPTION 'no login role of a group of the engine has this name'
      USING ERRCODE = 'TR726',
            DETAIL = format('username is %s.', coalesce(quote_literal(left(disable_login.username, 64)), 'NULL')),
            HINT = 'bourse user list shows them; those with rights over the server are for its superuser.';
  END IF;
  EXECUTE format('ALTER ROLE %I %s', disable_login.username,
                 CASE WHEN disable_login.disabled THEN 'NOLOGIN' ELSE 'LOGIN' END);
  PERFORM internal.audit(CASE WHEN disable_login.disabled THEN 'login_role.disabled' ELSE 'login_role.enabled' END,
                         disable_login.username);
END
$$;
COMMENT ON FUNCTION identity.disable_login(text, boolean) IS
  'Lets a login role of the engine log in no more, or again; connections that it has go on. Errors TR701, TR726.';
REVOKE ALL ON FUNCTION identity.disable_login(text, boolean) FROM PUBLIC;
