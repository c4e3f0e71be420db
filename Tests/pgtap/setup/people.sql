-- Words for tests of users: people with a password that is hashed once, sessions without the work of a login, and tokens that
-- say whatever a test wants. Included by \ir after BEGIN.
SELECT identity.create_user('seed', NULL, 'correct horse', 'investor') \g /dev/null

-- A user with seed's password.
CREATE FUNCTION pg_temp.person(username text, role identity.role DEFAULT 'trader', email text DEFAULT NULL) RETURNS int LANGUAGE sql AS $$
  WITH u AS (INSERT INTO identity.users (username, role, tier, email) VALUES (username, role, 'free', email) RETURNING user_id)
  INSERT INTO identity.credentials (user_id, password_hash, password_changed_at)
  SELECT u.user_id, c.password_hash, c.password_changed_at
    FROM u, identity.credentials AS c JOIN identity.users AS s USING (user_id) WHERE s.username = 'seed'
  RETURNING user_id
$$;
-- What login does once it is satisfied.
CREATE FUNCTION pg_temp.session(username text, scopes identity.scope[] DEFAULT NULL) RETURNS identity.login_result LANGUAGE plpgsql AS $$
DECLARE
  v_user    identity.users := internal.find_user(username);
  v_session identity.sessions;
BEGIN
  INSERT INTO identity.sessions (session_id, user_id, owner, scopes, created_at, refreshed_at, expires_at)
  VALUES (gen_random_uuid(), v_user.user_id, v_user.username, coalesce(scopes, internal.role_scopes(v_user.role)), now(), now(), now() + interval '1 hour')
  RETURNING * INTO v_session;
  RETURN internal.session_tokens(v_user, v_session, now());
END $$;
CREATE FUNCTION pg_temp.token(username text, scopes identity.scope[] DEFAULT NULL) RETURNS text LANGUAGE sql AS $$ SELECT (pg_temp.session(username, scopes)).access_token $$;
-- SQLSTATE of a statement in a transaction that acts for the user of a token; 00000 when it works. Undone in any case.
CREATE FUNCTION pg_temp.outcome_as(token text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    PERFORM identity.use_token(token);
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'P0T00' THEN '00000' ELSE SQLSTATE END;
  END;
END $$;
CREATE FUNCTION pg_temp.b64(t text) RETURNS text LANGUAGE sql AS $$ SELECT internal.base64url(convert_to(t, 'UTF8')) $$;
