-- Logging in: what is refused is a result and is counted, an unknown name is treated like a known one, and a refresh token counts once.
BEGIN;
SELECT no_plan();
\ir setup/people.sql
SELECT pg_temp.person('ann', email => 'ann@example.com'), pg_temp.person('bob') \g /dev/null

-- Users.
SELECT is((SELECT (u.username, u.role::text, u.tier, u.created_by)::text FROM identity.create_user('Carl', 'carl@example.com', 'äöü äöü äöü') AS u), format('(Carl,trader,free,%s)', session_user), 'a user is created, as a trader of the tier free');
SELECT matches((SELECT c.password_hash FROM identity.credentials AS c JOIN identity.users AS u USING (user_id) WHERE u.username = 'Carl'), '^\$2[aby]\$12\$.{53}$', 'of the password there is a bcrypt hash of cost 12');
SELECT is_empty($$SELECT c.password_hash FROM identity.credentials AS c GROUP BY 1 HAVING count(*) > 3$$, 'with salts of their own');
SELECT throws_ok(format('SELECT identity.create_user(%s)', a), c, NULL, a) FROM (VALUES
  ($$'ann', NULL, 'correct horse'$$, 'TR725'), ($$'ANN', NULL, 'correct horse'$$, 'TR725'), ($$'carl', NULL, 'correct horse'$$, 'TR725'), ($$'eve', 'ANN@example.com', 'correct horse'$$, 'TR725'), ($$'bourse_admin', NULL, 'correct horse'$$, 'TR725'), ($$'PG_monitor', NULL, 'correct horse'$$, 'TR725'), ($$'None', NULL, 'correct horse'$$, 'TR725'),
  ($$'ann/main', NULL, 'correct horse'$$, 'TR725'), ($$'', NULL, 'correct horse'$$, 'TR725'), ($$NULL, NULL, 'correct horse'$$, 'TR725'), ($$'a b', NULL, 'correct horse'$$, 'TR725'), ($$repeat('a', 64), NULL, 'correct horse'$$, 'TR725'), ($$'ännie', NULL, 'correct horse'$$, 'TR725'),
  ($$'eve', 'eve', 'correct horse'$$, 'TR725'), ($$'eve', NULL, 'correct horse', 'king'$$, 'TR725'), ($$'eve', NULL, 'correct horse', NULL$$, 'TR725'), ($$'eve', NULL, 'correct horse', tier => 'gold'$$, 'TR725'),
  ($$'eve', NULL, NULL$$, 'TR727'), ($$'eve', NULL, 'short'$$, 'TR727'), ($$'eve', NULL, repeat('a', 73)$$, 'TR727'), ($$'eve', NULL, repeat('ä', 37)$$, 'TR727')) AS x (a, c);
SELECT lives_ok($$SELECT identity.create_user('eve', NULL, repeat('ä', 36))$$, 'a password of 72 bytes is taken');
SELECT is((identity.login('eve', repeat('ä', 36) || 'x')).code, 'TR716', 'what bcrypt would leave out counts');
SELECT is((SELECT count(*) FROM identity.outbox AS o JOIN identity.users AS u USING (user_id) WHERE u.username = 'Carl' AND o.kind = 'verify_email' AND o.token IS NOT NULL AND o.sent_at IS NULL), 1::bigint, 'a letter is to prove the address');

-- A login.
SELECT access_token, refresh_token, expires_at, coalesce(code, '') AS code FROM identity.login('ANN', 'correct horse') \gset l_
SELECT is(:'l_code'::text, '', 'the right password, and the name in whatever letters, logs in');
SELECT ok(:'l_expires_at'::timestamptz BETWEEN now() + interval '14 minutes' AND now() + interval '16 minutes', 'for a quarter of an hour');
SELECT is(pg_temp.outcome_as(:'l_access_token', 'SELECT 1'), '00000', 'its token is accepted');
SELECT ok((SELECT u.last_login_at IS NOT NULL FROM identity.users AS u WHERE u.username = 'ann'), 'the user logged in at that time');
SELECT is((SELECT (s.owner, s.scopes, s.ended_at)::text FROM identity.sessions AS s WHERE s.owner = 'ann'), '(ann,"{read,trade,research}",)', 'and has a session');
SELECT is_empty(format($$SELECT 1 FROM identity.secrets AS s WHERE s::text LIKE %L$$, '%' || :'l_refresh_token' || '%'), 'the refresh token is nowhere');
SELECT isnt((SELECT s.hash FROM identity.secrets AS s WHERE s.kind = 'refresh'), NULL, 'its hash is');

-- What is refused.
SELECT is((identity.login(u, p)).code, 'TR716', format('%s, %s', u, left(p, 20))) FROM (VALUES ('ann', 'wrong'), ('ann', NULL), ('nobody', 'correct horse'), (NULL, NULL), ($$' OR true --$$, 'correct horse'), ('seed', repeat('x', 1000))) AS x (u, p);
SELECT is((SELECT (r.access_token IS NULL, r.refresh_token IS NULL, r.expires_at IS NULL)::text FROM identity.login('ann', 'wrong') AS r), '(t,t,t)', 'a refusal gives nothing');
SELECT is((SELECT f.failures FROM identity.login_failures AS f WHERE f.name = 'ann'), 3, 'failures are counted');
SELECT is((identity.login('ann', 'correct horse')).code, NULL, 'a success');
SELECT is_empty($$SELECT 1 FROM identity.login_failures AS f WHERE f.name = 'ann'$$, 'forgets them');
UPDATE identity.settings SET failures_to_lock = 2;
SELECT is((identity.login(u, p)).code, c, format('%s: %s', u, c)) FROM (VALUES ('ann', 'wrong', 'TR716'), ('ann', 'wrong', 'TR716'), ('ann', 'wrong', 'TR717'), ('ann', 'correct horse', 'TR717'), ('ghost', 'wrong', 'TR716'), ('ghost', 'wrong', 'TR716'), ('Ghost', 'wrong', 'TR717')) AS x (u, p, c);
SELECT is((identity.login('bob', 'correct horse')).code, NULL, 'others are not locked');
SELECT is(pg_temp.outcome_as(:'l_access_token', 'SELECT 1'), '00000', 'nor are sessions that are there');
UPDATE identity.login_failures SET locked_until = now() - interval '1 second', last_failed_at = now() - interval '1 hour';
SELECT is((identity.login('ann', 'wrong')).code, 'TR716', 'after a while the name is free');
SELECT is((SELECT f.failures FROM identity.login_failures AS f WHERE f.name = 'ann'), 1, 'and counting begins anew');
SELECT is((identity.login('ann', 'correct horse')).code, NULL, 'the password is still right');
INSERT INTO identity.login_failures SELECT 'old' || i, 1, now() - interval '1 year' FROM generate_series(1, 5) AS i;
SELECT is((identity.login('ann', 'wrong')).code, 'TR716', 'a failure');
SELECT is_empty($$SELECT 1 FROM identity.login_failures AS f WHERE f.name ~ '^old'$$, 'forgets names that were tried long ago');
SELECT identity.update_user('bob', disabled => true) \g /dev/null
SELECT is((identity.login('bob', 'correct horse')).code, 'TR718', 'a user who is disabled is told so by the right password');
SELECT is((identity.login('bob', 'wrong')).code, 'TR716', 'and by no other');
SELECT is((SELECT array_agg(s.end_reason) FROM identity.sessions AS s WHERE s.owner = 'bob'), '{disabled}', 'his sessions have ended');
SELECT identity.update_user('bob', disabled => false) \g /dev/null
SELECT is((identity.login('bob', 'correct horse')).code, NULL, 'until he is not any more');

-- As much time: measured as work, the same bcrypt.
SELECT is(internal.password_is_right('abc123xyz', NULL), false, 'no hash is no password''s');

-- Refresh: once.
SELECT access_token, refresh_token, coalesce(code, '') AS code FROM identity.refresh(:'l_refresh_token') \gset r_
SELECT is(:'r_code'::text, '', 'a refresh token gives new tokens');
SELECT is(pg_temp.outcome_as(:'r_access_token', 'SELECT 1'), '00000', 'that are accepted');
SELECT isnt(:'r_refresh_token'::text, :'l_refresh_token', 'and another refresh token');
SELECT is((identity.refresh(:'l_refresh_token')).code, 'TR724', 'the old one counts no more');
SELECT is((SELECT s.end_reason FROM identity.sessions AS s WHERE s.session_id = (internal.token_claims(:'l_access_token') ->> 'sid')::uuid), 'reuse', 'and ends its session');
SELECT is(pg_temp.outcome_as(:'r_access_token', 'SELECT 1'), 'TR723', 'whose access tokens are gone');
SELECT is((identity.refresh(:'r_refresh_token')).code, 'TR723', 'and whose new refresh token is');
SELECT is((identity.refresh(t)).code, 'TR721', 'no refresh token: ' || coalesce(left(t, 12), 'NULL')) FROM unnest(ARRAY[NULL, '', 'none', :'l_access_token', repeat('x', 100000)]) AS t;
SELECT refresh_token AS r2 FROM pg_temp.session('ann') \gset
UPDATE identity.secrets SET expires_at = clock_timestamp() WHERE hash = internal.secret_hash(:'r2');
SELECT is((identity.refresh(:'r2')).code, 'TR722', 'one that has expired');
SELECT refresh_token AS r3, access_token AS a3 FROM pg_temp.session('ann') \gset
SELECT ok(identity.logout(:'r3'), 'logging out ends the session');
SELECT ok(NOT identity.logout(:'r3'), 'once');
SELECT ok(NOT identity.logout('none'), 'and no other');
SELECT is(pg_temp.outcome_as(:'a3', 'SELECT 1'), 'TR723', 'with its tokens');
SELECT ok((SELECT bool_and(s.expires_at <= (SELECT n.expires_at FROM identity.sessions AS n WHERE n.session_id = s.session_id)) FROM identity.secrets AS s WHERE s.kind = 'refresh' AND s.used_at IS NULL), 'no token outlives its session');

-- Changes.
SELECT is((SELECT (u.role::text, u.tier)::text FROM identity.update_user('ann', role => 'analyst', tier => 'pro') AS u), '(analyst,pro)', 'an administrator changes role and tier');
SELECT throws_ok(format('SELECT identity.update_user(%s)', a), c, NULL, a) FROM (VALUES ($$'nobody'$$, 'TR726'), ($$NULL$$, 'TR726'), ($$'ann', role => 'king'$$, 'TR725'), ($$'ann', tier => 'gold'$$, 'TR725'), ($$'ann', email => 'carl@example.com'$$, 'TR725'), ($$'ann', profile => '[]'$$, 'TR725'), ($$'ann', settings => to_jsonb(repeat('x', 20000))$$, 'TR725'), ($$'ann', settings => jsonb_build_object('x', repeat('x', 20000))$$, 'TR725')) AS x (a, c);
SELECT is(pg_temp.outcome_as(pg_temp.token('ann'), s), o, s) FROM (VALUES ($$SELECT identity.update_user('ann', profile => '{"language": "de"}', settings => '{}', email => 'a@example.com')$$, '00000'), ($$SELECT identity.update_user('ann', role => 'admin')$$, 'TR701'), ($$SELECT identity.update_user('ann', tier => 'pro')$$, 'TR701'), ($$SELECT identity.update_user('ann', disabled => false)$$, 'TR701'), ($$SELECT identity.update_user('bob', profile => '{}')$$, 'TR701'), ($$SELECT identity.update_user('nobody', profile => '{}')$$, 'TR701')) AS x (s, o);
SELECT access_token AS a4, refresh_token AS r4 FROM pg_temp.session('ann') \gset
SELECT ok((identity.delete_user('ann')).deleted_at IS NOT NULL, 'a user is deleted');
SELECT is(pg_temp.outcome_as(:'a4', 'SELECT 1'), 'TR723', 'and acts no more');
SELECT is((identity.refresh(:'r4')).code, 'TR723', 'nor refreshes');
SELECT is((identity.login('ann', 'correct horse')).code, 'TR716', 'nor logs in');
SELECT throws_ok($$SELECT identity.delete_user('ann')$$, 'TR726', NULL, 'once');
SELECT throws_ok($$SELECT identity.create_user('Ann', NULL, 'correct horse')$$, 'TR725', NULL, 'nobody gets the name again');
SELECT lives_ok($$SELECT identity.create_user('ann2', 'ann@example.com', 'correct horse')$$, 'somebody may get the address');
SELECT * FROM finish();
ROLLBACK;
