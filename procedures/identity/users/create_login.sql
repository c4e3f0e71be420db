-- reads pg_roles, identity.users, identity.login_limits; makes a database role; errors TR701, TR725, TR727
CREATE OR REPLACE FUNCTION identity.create_login(username text, verifier text, role text DEFAULT 'trader')
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.require_admin('create login roles');
  PERFORM internal.refuse_user(NULL, create_login.username, NULL,
                               CASE create_login.role WHEN 'gateway' THEN 'trader' ELSE create_login.role END, 'free');
  IF create_login.verifier !~ ('^SCRAM-SHA-256\$[1-9][0-9]{3,8}:[A-Za-z0-9+/]{16,}={0,2}'
                               '\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$') THEN
    RAISE EXCEPTION 'a login role is created with the verifier of a password, not with the password'
      USING ERRCODE = 'TR727', DETAIL = format('It has %s characters.', length(create_login.verifier)),
            HINT = 'bourse user add --login makes it, and so does libpq''s PQencryptPasswordConn; NULL: no password.';
  END IF;
  -- So neither the server nor its log ever has the password.
  EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L '
                 'IN ROLE %I', create_login.username, create_login.verifier, 'bourse_' || create_login.role);
  PERFORM identity.apply_login_limits();
  IF create_login.role = 'dashboard' THEN
    EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', create_login.username);
  END IF;
  PERFORM internal.audit('login_role.added', create_login.username, NULL,
                         jsonb_build_object('role', create_login.role));
END
$$;
COMMENT ON FUNCTION identity.create_login(text, text, text) IS
  'Makes a database role that logs in by itself, in the group of role, or gateway: a program that serves users by '
  'their tokens. It takes of the server what identity.login_limits says, and one for dashboards only reads. verifier: '
  'of its password, as PostgreSQL keeps it (SCRAM-SHA-256$…); NULL: the server lets it in by other means, or not at '
  'all. Errors TR701, TR725, TR727.';
REVOKE ALL ON FUNCTION identity.create_login(text, text, text) FROM PUBLIC;
