-- writes identity.users, identity.credentials, identity.secrets, identity.outbox; errors TR701, TR725, TR727
CREATE OR REPLACE FUNCTION identity.create_user(
  username text, email text, password text, role text DEFAULT 'trader', tier text DEFAULT 'free')
RETURNS identity.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at   timestamptz := internal.clock();
  v_user identity.users;
BEGIN
  PERFORM internal.require_admin('create users');
  PERFORM internal.refuse_user(NULL, create_user.username, create_user.email, create_user.role, create_user.tier);
  INSERT INTO identity.users (username, email, role, tier, created_at)
  VALUES (create_user.username, create_user.email, create_user.role::identity.role, create_user.tier, v_at)
  RETURNING * INTO v_user;
  INSERT INTO identity.credentials (user_id, password_hash, password_changed_at)
  VALUES (v_user.user_id, internal.password_hash(create_user.password), v_at);
  PERFORM internal.write_letter(v_user, 'verify_email', v_at);
  RETURN v_user;
END
$$;
COMMENT ON FUNCTION identity.create_user(text, text, text, text, text) IS
  'Creates a user who logs in by identity.login, and a letter that proves the address. role is what the user may be, '
  'tier what the subscription allows. The password has at most 72 bytes. Errors TR701, TR725, TR727.';
REVOKE ALL ON FUNCTION identity.create_user(text, text, text, text, text) FROM PUBLIC;
