-- Who acts: the login role, or whom the owner of the database has noted for this transaction, and nobody else.
BEGIN;
SELECT no_plan();
CREATE FUNCTION pg_temp.note(username text, role text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO identity.acting VALUES (pg_backend_pid(), pg_current_xact_id(), pg_postmaster_start_time(), username, role, '{read}')
  ON CONFLICT (pid) DO UPDATE SET xid = EXCLUDED.xid, username = EXCLUDED.username, role = EXCLUDED.role $$;
SELECT is(ops.actor(), session_user::text, 'without a token it is the role that logged in');
SELECT is(identity.actor_role(), 'admin', 'and a superuser is an administrator');
SET LOCAL ROLE bourse_trader;
SELECT is(ops.actor() || ' ' || identity.actor_role(), session_user || ' trader', 'SET ROLE does not change who acts, and acts as no more than that role');
RESET ROLE;

-- A login role is what its groups make it; a gateway is nothing by itself.
CREATE ROLE test_ann LOGIN IN ROLE bourse_trader;
CREATE ROLE test_hub LOGIN IN ROLE bourse_gateway;
CREATE ROLE test_nobody LOGIN;
CREATE ROLE test_eve LOGIN IN ROLE bourse_dashboard, bourse_analyst;
GRANT EXECUTE ON FUNCTION identity.actor_role() TO PUBLIC;
GRANT USAGE ON SCHEMA identity TO PUBLIC;
CREATE FUNCTION pg_temp.role_of(login text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', login);
  RETURN identity.actor_role();
END $$;
SELECT is(pg_temp.role_of(l), r, l) FROM (VALUES ('test_ann', 'trader'), ('test_hub', NULL), ('test_nobody', NULL), ('test_eve', 'analyst')) AS x (l, r);
SELECT is(pg_has_role('test_hub', r, 'MEMBER'), r NOT IN ('bourse_admin', 'bourse_runner'), 'a gateway takes on ' || r)
  FROM unnest('{bourse_admin,bourse_runner,bourse_trader,bourse_investor,bourse_analyst,bourse_dashboard}'::text[]) AS r;
RESET SESSION AUTHORIZATION;

SAVEPOINT noted;
SELECT pg_temp.note('ann', 'investor') \g /dev/null
SELECT is(ops.actor() || ' ' || identity.actor_role(), 'ann investor', 'the user that was noted acts, as what was noted');
SAVEPOINT deeper;
SELECT is(ops.actor(), 'ann', 'below a savepoint, too');
SELECT pg_temp.note('bob', 'trader') \g /dev/null
SELECT is(ops.actor(), 'bob', 'or another one');
ROLLBACK TO deeper;
SELECT is(ops.actor(), 'ann', 'until it is rolled back');
RESET ALL;
SELECT is(ops.actor(), 'ann', 'no setting ends it');
UPDATE identity.acting SET xid = '3';
SELECT is(ops.actor(), session_user::text, 'what another transaction noted does not count');
UPDATE identity.acting SET xid = pg_current_xact_id(), server_started = '2024-01-08';
SELECT is(ops.actor(), session_user::text, 'nor what another server did');
ROLLBACK TO noted;
SELECT is(ops.actor(), session_user::text, 'what is rolled back leaves nothing');
SELECT is_empty($$SELECT r FROM unnest('{bourse_admin,bourse_runner,bourse_trader,bourse_gateway}'::text[]) AS r
                   WHERE has_table_privilege(r, 'identity.acting', CASE r WHEN 'bourse_admin' THEN 'INSERT, UPDATE, DELETE' ELSE 'SELECT, INSERT, UPDATE, DELETE' END)$$, 'nobody but the owner touches the notes');
SELECT * FROM finish();
ROLLBACK;
