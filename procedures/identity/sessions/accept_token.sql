-- reads identity.users, identity.sessions, identity.secrets, identity.api_keys, identity.secret_keys; writes
-- identity.acting, identity.api_keys; errors TR721, TR722, TR723, TR728, TR734, TR735
CREATE OR REPLACE FUNCTION identity.accept_token(access_token text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at     timestamptz := internal.clock();
  v_bearer internal.bearer;
  v_role   identity.role;
BEGIN
  IF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION 'a read-only transaction cannot act for a user'
      USING ERRCODE = 'TR734',
            DETAIL = format('Whom a transaction acts for is written down, and this one %s.',
                            CASE WHEN pg_is_in_recovery() THEN 'runs on a standby' ELSE 'is READ ONLY' END),
            HINT = 'Begin it READ WRITE, on the primary; or log in with a role of the database.';
  END IF;
  v_bearer := internal.find_bearer(accept_token.access_token, v_at);
  IF v_bearer.code IS NOT NULL THEN
    RAISE EXCEPTION 'the token is refused: %', CASE v_bearer.code
        WHEN 'TR721' THEN 'it was not made here' WHEN 'TR722' THEN 'it has expired'
        WHEN 'TR718' THEN 'its user is disabled' ELSE 'it was revoked' END
      USING ERRCODE = v_bearer.code,
            DETAIL = format('It is %s.', CASE WHEN v_bearer.username IS NULL THEN 'nobody''s'
                                              ELSE 'of the user ' || v_bearer.username END),
            HINT = 'identity.refresh renews an access token, identity.login makes one, and a token is given in a '
                   'transaction of its own user.';
  END IF;
  -- The other half of the one name space, which CREATE ROLE does not look at.
  IF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE lower(r.rolname) = lower(v_bearer.username)) THEN
    RAISE EXCEPTION 'a database role has the name of this user'
      USING ERRCODE = 'TR735', DETAIL = format('Both are named %s.', v_bearer.username),
            HINT = 'Rename the role, which was created after the user: who acts would not be clear.';
  END IF;
  v_role := internal.role_within(v_bearer.role, v_bearer.scopes);
  IF v_role IS NULL OR NOT pg_has_role(session_user, 'bourse_' || v_role, 'MEMBER') THEN
    RAISE EXCEPTION 'this connection cannot act as %', coalesce(v_role::text, 'somebody without a right')
      USING ERRCODE = 'TR728',
            DETAIL = format('The token''s user is %s, its scopes are %s, and the connection is that of %s.',
                            v_bearer.role, v_bearer.scopes, session_user),
            HINT = format('GRANT bourse_%s TO the connection''s role, or to bourse_gateway.',
                          coalesce(v_role, 'investor'));
  END IF;
  INSERT INTO identity.acting AS a (pid, xid, server_started, username, role, scopes, session_id, key_id)
  VALUES (pg_backend_pid(), pg_current_xact_id(), pg_postmaster_start_time(), v_bearer.username, v_role,
          v_bearer.scopes, v_bearer.session_id, v_bearer.key_id)
  ON CONFLICT ON CONSTRAINT acting_pkey DO UPDATE
     SET xid = EXCLUDED.xid, server_started = EXCLUDED.server_started, username = EXCLUDED.username,
         role = EXCLUDED.role, scopes = EXCLUDED.scopes, session_id = EXCLUDED.session_id, key_id = EXCLUDED.key_id;
  IF ops.actor() <> v_bearer.username THEN
    RAISE EXCEPTION 'the server does not count what transactions write'
      USING ERRCODE = 'TR734', DETAIL = format('track_counts is %s.', current_setting('track_counts')),
            HINT = 'Set track_counts = on: without it nobody could tell that this transaction acts for a user.';
  END IF;
  PERFORM internal.note_key_use(v_bearer.key_id, v_at);
  RETURN v_role;
END
$$;
COMMENT ON FUNCTION identity.accept_token(text) IS
  'Notes whom this transaction acts for, until its end, and says as what. identity.use_token calls it, and takes on '
  'the role. Errors TR718, TR721, TR722, TR723, TR728, TR734, TR735.';
REVOKE ALL ON FUNCTION identity.accept_token(text) FROM PUBLIC;
