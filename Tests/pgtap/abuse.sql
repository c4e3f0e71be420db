-- What keeps one user from taking the server from the others: buckets of tokens, places for heavy queries, what a login may take.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- Tokens: as many as the bucket holds, then one for each interval, never more than it holds.
INSERT INTO identity.rate_limits (bucket, capacity, refill) VALUES ('test', 3, '10 seconds');
CREATE FUNCTION pg_temp.take(seconds numeric, actor text DEFAULT 'ann') RETURNS text LANGUAGE sql
AS $$ SELECT coalesce(extract(epoch FROM internal.take_token('test', actor, timestamptz '2024-01-08 00:00Z' + make_interval(secs => seconds::float8)) - '2024-01-08 00:00Z')::numeric(9, 3)::text, 'taken') $$;
SELECT is(pg_temp.take(t.at), t.want, format('after %s seconds', t.at)) FROM (VALUES
  (1, 0, 'taken'), (2, 0, 'taken'), (3, 0, 'taken'), (4, 0, '10.000'), (5, 4, '10.000'), (6, 9.999, '10.000'), (7, 10, 'taken'), (8, 10, '20.000'), (9, 35, 'taken'), (10, 35, 'taken'), (11, 35, '40.000'),
  (12, 1000, 'taken'), (13, 1000, 'taken'), (14, 1000, 'taken'), (15, 1000, '1010.000'), (16, 500, '1010.000'), (17, 1009, '1010.000'), (18, 1011, 'taken')) AS t (place, at, want) ORDER BY t.place;
SELECT is(pg_temp.take(1011, 'bob'), 'taken', 'each has a bucket of their own');
SELECT is((SELECT array_agg(pg_temp.take(5000 + n, 'name ' || n)) FROM generate_series(1, 20) AS n), array_fill('taken'::text, '{20}'), 'names that are tried once');
SELECT is((SELECT array_agg(pg_temp.take(9000 + n, 'other ' || n)) FROM generate_series(1, 20) AS n), array_fill('taken'::text, '{20}'), 'are forgotten');
SELECT cmp_ok((SELECT count(*) FROM identity.token_buckets), '<=', 21::bigint, 'while others come');
SELECT is(internal.take_token('nothing', 'ann'), NULL, 'a bucket that nobody has set is never empty');
SELECT is(pg_temp.take(1, repeat('x', 10000)), 'taken', 'a name of any length');

-- The door: a user is refused with a code and when to come again, each key by itself; administrators and runners never.
UPDATE identity.rate_limits SET capacity = 2, refill = '1 hour', concurrent = NULL WHERE bucket = 'backtest';
SELECT lives_ok('SELECT internal.require_capacity(''backtest'') FROM generate_series(1, 5)', 'an administrator may always');
CREATE FUNCTION pg_temp.ask() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ SELECT internal.require_capacity('backtest') $$;
CREATE ROLE bourse_test_abuse LOGIN IN ROLE bourse_trader;
SET SESSION AUTHORIZATION bourse_test_abuse;
SELECT lives_ok('SELECT pg_temp.ask(), pg_temp.ask()', 'a user may ask twice');
SELECT throws_ok('SELECT pg_temp.ask()', 'TR755', NULL, 'and is refused then');
SELECT throws_ok('UPDATE identity.rate_limits SET capacity = 1000', '42501', NULL, 'and cannot change that');
SELECT throws_ok('DELETE FROM identity.token_buckets', '42501', NULL, 'nor fill the bucket');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(b.actor) FROM identity.token_buckets AS b WHERE b.bucket = 'backtest'), '{bourse_test_abuse}', 'under the user''s own name');

-- Logins: attempts by one name, whoever has it. A refusal is a result, which commits with its row of the audit.
SELECT identity.create_user('abe', NULL, 'correct horse') \g /dev/null
UPDATE identity.rate_limits SET capacity = 3, refill = '1 hour' WHERE bucket = 'login';
CREATE FUNCTION pg_temp.tries(name text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(coalesce((identity.login(name, 'correct horse')).code, 'in'), ' ') FROM generate_series(1, 4) $$;
SELECT is(pg_temp.tries('abe'), 'in in in TR755', 'a user');
SELECT is(pg_temp.tries('nobody'), 'TR716 TR716 TR716 TR755', 'or a name that no user has');
SELECT is((SELECT (l.access_token, l.refresh_token, l.expires_at)::text FROM identity.login('ABE', 'correct horse') AS l), '(,,)', 'without tokens, however the name is written');
SELECT is((SELECT count(*) FROM ops.audit_log AS a WHERE a.act = 'login.failed' AND a.after ->> 'code' = 'TR755'), 3::bigint, 'and audited');

-- What a login may take is set on each role that logs in, since members inherit no settings.
CREATE ROLE bourse_test_abuse_two LOGIN IN ROLE bourse_analyst, bourse_dashboard;
CREATE ROLE bourse_test_abuse_other LOGIN;
SELECT ok('{bourse_test_abuse,bourse_test_abuse_two}'::text[] <@ array_agg(l) AND NOT 'bourse_test_abuse_other' = ANY (array_agg(l)), 'members of the groups get limits, others none') FROM identity.apply_login_limits() AS l;
SELECT is((SELECT (r.rolconnlimit, r.rolconfig)::text FROM pg_roles AS r WHERE r.rolname = 'bourse_test_abuse'),
          '(10,"{statement_timeout=60000,idle_in_transaction_session_timeout=60000,work_mem=16384kB,temp_file_limit=1024MB}")', 'those of a trader');
SELECT is((SELECT r.rolconfig[1] FROM pg_roles AS r WHERE r.rolname = 'bourse_test_abuse_two'), 'statement_timeout=300000', 'of several groups those of the first');
UPDATE identity.login_limits SET connections = 3 WHERE group_role = 'bourse_trader';
SELECT identity.apply_login_limits() \g /dev/null
SELECT is((SELECT r.rolconnlimit FROM pg_roles AS r WHERE r.rolname = 'bourse_test_abuse'), 3, 'a changed row counts when they are applied again');
SELECT is((SELECT array_agg(a.act ORDER BY a.act) FROM ops.audit_log AS a WHERE a.act LIKE '%_limit.%'), '{login_limit.changed,rate_limit.added,rate_limit.changed,rate_limit.changed}', 'changes of all these are audited');
SELECT * FROM finish();
ROLLBACK;
