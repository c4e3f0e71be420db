-- What proves who a user is, beside the login: passwords and how they change, letters, keys of programs, the second factor.
BEGIN;
SELECT no_plan();
\ir setup/people.sql
SELECT pg_temp.person('ann', email => 'ann@example.com'), pg_temp.person('bob', email => 'bob@example.com'), pg_temp.person('root', 'admin'), pg_temp.person('bot', 'runner') \g /dev/null
-- The one value of a statement that acts for the user of a token, and stays.
CREATE FUNCTION pg_temp.as(token text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
  PERFORM identity.use_token(token);
  EXECUTE statement INTO v;
  RESET ROLE;
  DELETE FROM identity.acting;
  RETURN v;
END $$;

-- Sessions.
SELECT access_token AS a1 FROM pg_temp.session('ann') \gset
SELECT access_token AS a2 FROM pg_temp.session('ann') \gset
SELECT access_token AS b1 FROM pg_temp.session('bob') \gset
SELECT access_token AS r1 FROM pg_temp.session('root') \gset
SELECT internal.token_claims(:'a2') ->> 'sid' AS sid2, internal.token_claims(:'b1') ->> 'sid' AS sidb \gset
SELECT is(pg_temp.as(:'a1', 'SELECT count(*) FROM identity.sessions'), '2', 'a user sees the sessions of his own');
SELECT is(pg_temp.outcome_as(:'a1', format('SELECT identity.revoke_session(%L)', s)), c, w) FROM (VALUES (:'sidb', 'TR733', 'another''s is not his to end'), (gen_random_uuid()::text, 'TR733', 'an unknown one is told from it by nothing'), (NULL, 'TR733', 'NULL'), (:'sid2', '00000', 'one of his own is')) AS x (s, c, w);
SELECT pg_temp.as(:'a1', format('SELECT identity.revoke_session(%L)', :'sid2')) \g /dev/null
SELECT is(pg_temp.outcome_as(:'a2', 'SELECT 1'), 'TR723', 'its tokens count no more');
SELECT is(pg_temp.outcome_as(:'a1', 'SELECT 1'), '00000', 'those of others do');
SELECT is(pg_temp.outcome_as(:'r1', format('SELECT identity.revoke_session(%L)', :'sidb')), '00000', 'an administrator ends anybody''s');

-- A password that changes.
SELECT access_token AS a2 FROM pg_temp.session('ann') \gset
SELECT is(pg_temp.as(:'a1', $$SELECT identity.change_password('wrong', 'battery staple')$$), 'TR716', 'the old password is asked for');
SELECT is((SELECT f.failures FROM identity.login_failures AS f WHERE f.name = 'ann'), 1, 'and guesses are counted');
SELECT is(pg_temp.outcome_as(:'a1', $$SELECT identity.change_password('correct horse', 'short')$$), 'TR727', 'the new one is what passwords are');
SELECT is(pg_temp.as(:'a1', $$SELECT identity.change_password('correct horse', 'battery staple')$$), NULL, 'it is changed');
SELECT is(pg_temp.outcome_as(:'a1', 'SELECT 1'), '00000', 'this session goes on');
SELECT is(pg_temp.outcome_as(:'a2', 'SELECT 1'), 'TR723', 'the others have ended');
SELECT is((identity.login('ann', p)).code, c, p) FROM (VALUES ('correct horse', 'TR716'), ('battery staple', NULL)) AS x (p, c);
SELECT is(pg_temp.outcome_as(pg_temp.token('ann'), $$SELECT identity.set_password('bob', 'battery staple')$$), '42501', 'only administrators set those of others');
SELECT throws_ok($$SELECT identity.change_password('a', 'b')$$, 'TR726', NULL, 'a login role has no password here');
SELECT identity.set_password('ann', 'correct horse') \g /dev/null
SELECT is((identity.login('ann', 'correct horse')).code, NULL, 'an administrator sets one');
UPDATE identity.login_failures SET locked_until = 'infinity';
INSERT INTO identity.login_failures VALUES ('ann', 0, now(), 'infinity');

-- Letters.
SELECT identity.request_password_reset(e) FROM unnest(ARRAY['nobody@example.com', NULL, 'ANN@example.com', 'ann@example.com']) AS e \g /dev/null
SELECT is((SELECT count(*) FROM identity.outbox AS o WHERE o.kind = 'reset_password'), 1::bigint, 'a letter goes to an address that a user has, and the last one counts');
SELECT is((SELECT count(*) FROM ops.audit_log AS a WHERE a.act = 'password.reset_requested'), 4::bigint, 'whether or not a user has it, it is audited');
CREATE FUNCTION pg_temp.took(statement text) RETURNS numeric LANGUAGE plpgsql AS $$DECLARE v timestamptz := clock_timestamp(); BEGIN EXECUTE statement; RETURN extract(epoch FROM clock_timestamp() - v); END$$;
SELECT cmp_ok(pg_temp.took(format('SELECT identity.request_password_reset(%L)', e)), '>=', 0.1, 'no answer comes before its time: ' || e) FROM unnest('{nobody@example.com,ann@example.com}'::text[]) AS e;
SELECT identity.request_password_reset('carl@example.com') FROM generate_series(1, 7) \g /dev/null
SELECT is((SELECT count(*) FROM ops.audit_log AS a WHERE a.act = 'password.reset_requested' AND a.object = 'carl@example.com'), 5::bigint, 'after so many letters no more are written');
SELECT o.token AS t, o.message_id AS m FROM identity.outbox AS o WHERE o.kind = 'reset_password' \gset
SELECT is_empty(format($$SELECT 1 FROM identity.secrets AS s WHERE s::text LIKE %L$$, '%' || :'t' || '%'), 'beside the letter there is a hash');
SELECT is(pg_temp.outcome_as(pg_temp.token(u), 'SELECT token FROM identity.outbox'), c, u || ' and letters') FROM (VALUES ('ann', '42501'), ('bot', '00000')) AS x (u, c);
SELECT is(pg_temp.as(pg_temp.token(u), $$SELECT count(*) FROM identity.outbox WHERE kind = 'reset_password'$$), n, u || ' has letters to deliver') FROM (VALUES ('root', '0'), ('bot', '1')) AS x (u, n);
SELECT is(identity.letter_sent(:m), true, 'a letter is sent');
SELECT is(identity.letter_sent(:m), false, 'once');
SELECT is((SELECT o.token FROM identity.outbox AS o WHERE o.message_id = :m), NULL, 'and its token is nowhere');
SELECT is(identity.reset_password(x, 'battery staple'), 'TR721', 'no token: ' || coalesce(left(x, 10), 'NULL')) FROM unnest(ARRAY[NULL, '', 'none', :'a1', repeat('x', 1000)]) AS x;
SELECT throws_ok(format('SELECT identity.reset_password(%L, %L)', :'t', 'short'), 'TR727', NULL, 'a password that is none leaves the token');
SELECT access_token AS a3 FROM pg_temp.session('ann') \gset
SELECT is(identity.reset_password(:'t', 'battery staple'), NULL, 'the token sets the password');
SELECT is(identity.reset_password(:'t', 'battery staple 2'), 'TR721', 'once');
SELECT is((identity.login('ann', 'battery staple')).code, NULL, 'and unlocks the name');
SELECT is(pg_temp.outcome_as(:'a3', 'SELECT 1'), 'TR723', 'sessions of before have ended');
SELECT identity.request_password_reset('ann@example.com') \g /dev/null
UPDATE identity.secrets SET expires_at = now() - interval '1 second' WHERE kind = 'reset_password';
SELECT is(identity.reset_password(o.token, 'correct horse'), 'TR722', 'one that has expired') FROM identity.outbox AS o WHERE o.kind = 'reset_password' AND o.sent_at IS NULL;
SELECT identity.request_password_reset('ann@example.com'), identity.update_user('ann', disabled => true) \g /dev/null
SELECT is(identity.reset_password(o.token, 'correct horse'), 'TR718', 'one of a user who was disabled') FROM identity.outbox AS o WHERE o.kind = 'reset_password' AND o.sent_at IS NULL;
SELECT identity.update_user('ann', disabled => false, email => 'ann@example.org') \g /dev/null
SELECT o.token AS v1 FROM identity.outbox AS o JOIN identity.users AS u USING (user_id) WHERE o.kind = 'verify_email' AND u.username = 'ann' \gset
SELECT is(identity.verify_email(:'v1'), NULL, 'a letter proves the address');
SELECT is(identity.verify_email(:'v1'), 'TR721', 'once');
SELECT ok((SELECT u.email_verified_at IS NOT NULL FROM identity.users AS u WHERE u.username = 'ann'), 'and when that was is kept');
SELECT identity.update_user('ann', email => 'ann@example.net') \g /dev/null
SELECT ok((SELECT u.email_verified_at IS NULL FROM identity.users AS u WHERE u.username = 'ann'), 'another address is not proven');
SELECT o.token AS v2 FROM identity.outbox AS o JOIN identity.users AS u USING (user_id) WHERE o.kind = 'verify_email' AND u.username = 'ann' AND o.sent_at IS NULL \gset
UPDATE identity.users SET email = 'new@example.net' WHERE username = 'ann';
SELECT is(identity.verify_email(:'v2'), 'TR721', 'a letter to an address of before proves nothing');

-- Keys of programs.
UPDATE identity.tiers SET api_keys = 2 WHERE tier = 'free';
SELECT access_token AS a4 FROM pg_temp.session('ann') \gset
SELECT pg_temp.as(:'a4', $$SELECT identity.create_api_key('bot', '{read}', NULL)$$) AS key \gset
SELECT matches(:'key'::text, '^bourse_key_[A-Za-z0-9_-]{43}$', 'a key is shown when it is made');
SELECT is_empty(format($$SELECT 1 FROM identity.secrets AS s, identity.api_keys AS k WHERE s::text || k::text LIKE %L$$, '%' || :'key' || '%'), 'and is nowhere after that');
SELECT is(pg_temp.as(:'key', 'SELECT ops.actor() || identity.actor_role()'), 'anninvestor', 'by it the user acts, within its scopes');
SELECT ok((SELECT k.last_used_at IS NOT NULL FROM identity.api_keys AS k WHERE k.name = 'bot'), 'and when it was used is kept');
SELECT is(pg_temp.outcome_as(:'key', s), c, s) FROM (VALUES ('SELECT trading.submit_order(''none'', ''IBM'', ''buy'', 1)', '42501'), ('SELECT identity.create_api_key(''more'', ''{trade}'', NULL)', 'TR701'), ('SELECT identity.change_password(''a'', ''b'')', 'TR701'), ('SELECT identity.begin_totp()', 'TR701')) AS x (s, c);
SELECT is(pg_temp.outcome_as(:'a4', format('SELECT identity.create_api_key(%s)', a)), c, a) FROM (VALUES ($$'bot', '{read}', NULL$$, 'TR729'), ($$'', '{read}', NULL$$, 'TR729'), ($$NULL, '{read}', NULL$$, 'TR729'), ($$'x', '{}', NULL$$, 'TR729'), ($$'x', NULL, NULL$$, 'TR729'), ($$'x', '{NULL}', NULL$$, 'TR729'), ($$'x', '{admin}', NULL$$, 'TR729'), ($$'x', '{everything}', NULL$$, 'TR729'), ($$'x', '{read}', now() - interval '1 day'$$, 'TR729'), ($$'x', '{read}', 'infinity'$$, 'TR729'), ($$'x', '{read,trade,read}', now() + interval '1 day'$$, '00000')) AS x (a, c);
SELECT is(pg_temp.outcome_as(pg_temp.token('ann', '{read}'), $$SELECT identity.create_api_key('x', '{trade}', NULL)$$), 'TR729', 'a key gets no more than the token that makes it has');
SELECT pg_temp.as(:'a4', $$SELECT identity.create_api_key('two', '{trade}', clock_timestamp() + interval '1 hour')$$) AS key2 \gset
SELECT is(pg_temp.outcome_as(:'a4', $$SELECT identity.create_api_key('three', '{read}', NULL)$$), 'TR731', 'the tier allows so many');
UPDATE identity.api_keys SET expires_at = now() - interval '1 second' WHERE name = 'two';
SELECT is(pg_temp.outcome_as(:'key2', 'SELECT 1'), 'TR722', 'a key that has expired');
SELECT is(pg_temp.outcome_as(:'b1', $$SELECT identity.revoke_api_key('bot')$$), 'TR729', 'another''s key is not one''s own');
SELECT is(pg_temp.outcome_as(:'b1', $$SELECT identity.revoke_api_key('bot', 'ann')$$), 'TR729', 'whoever is named');
SELECT is(pg_temp.outcome_as(:'r1', $$SELECT identity.revoke_api_key('bot', 'ann')$$), '00000', 'unless by an administrator');
SELECT pg_temp.as(:'key', $$SELECT identity.revoke_api_key('bot')$$) \g /dev/null
SELECT is(pg_temp.outcome_as(:'key', 'SELECT 1'), 'TR723', 'a key that was revoked');

-- The second factor.
SELECT is(internal.totp_code('12345678901234567890', t / 30, 8), c, 'RFC 6238, ' || t) FROM (VALUES (59::bigint, '94287082'), (1111111109, '07081804'), (1111111111, '14050471'), (1234567890, '89005924'), (2000000000, '69279037'), (20000000000, '65353130')) AS x (t, c);
SELECT is(internal.totp_code('12345678901234567890', i), c, 'RFC 4226, ' || i) FROM (VALUES (0, '755224'), (1, '287082'), (2, '359152'), (7, '162583'), (9, '520489')) AS x (i, c);
SELECT is(internal.base32(convert_to(t, 'UTF8')), b, 'base32 of ' || t) FROM (VALUES ('f', 'MY'), ('fo', 'MZXQ'), ('foo', 'MZXW6'), ('foob', 'MZXW6YQ'), ('fooba', 'MZXW6YTB'), ('foobar', 'MZXW6YTBOI')) AS x (t, b);
SELECT is(pg_temp.outcome_as(:'b1', 'SELECT identity.enable_totp(''000000'')'), 'TR730', 'there is nothing to enable before it is begun');
SELECT pg_temp.as(:'b1', 'SELECT (identity.begin_totp()).uri') AS uri \gset
SELECT matches(:'uri'::text, '^otpauth://totp/bourse:bob\?secret=[A-Z2-7]{32}&issuer=bourse$', 'authenticator programs read the secret');
CREATE FUNCTION pg_temp.secret() RETURNS bytea LANGUAGE sql AS $$
  SELECT public.pgp_sym_decrypt_bytea(c.totp_secret, encode(k.secret, 'hex')) FROM identity.credentials AS c JOIN identity.secret_keys AS k ON k.key_id = c.totp_key_id $$;
SELECT is(internal.base32(pg_temp.secret()), substring(:'uri' FROM 'secret=([A-Z2-7]+)'), 'the table has it, encrypted');
-- Codes of steps from now; the clock moves on while the test runs, so that a neighbour is taken.
CREATE FUNCTION pg_temp.code(steps int) RETURNS text LANGUAGE sql AS $$ SELECT internal.totp_code(pg_temp.secret(), floor(extract(epoch FROM clock_timestamp()) / 30)::bigint + steps) $$;
SELECT is((identity.login('bob', 'correct horse')).code, NULL, 'before it is enabled, a login needs none');
SELECT is(pg_temp.as(:'b1', $$SELECT identity.enable_totp('none')$$), 'false', 'it is enabled by a code');
SELECT is(pg_temp.as(:'b1', format('SELECT identity.enable_totp(%L)', pg_temp.code(0))), 'true', 'of the secret');
SELECT is(pg_temp.outcome_as(:'b1', $$SELECT identity.enable_totp('none')$$), 'TR730', 'once');
SELECT is(pg_temp.outcome_as(:'b1', 'SELECT identity.begin_totp()'), 'TR730', 'no other takes its place');
SELECT is((identity.login('bob', 'correct horse')).code, 'TR719', 'a login needs a code');
SELECT is((identity.login('bob', 'wrong', pg_temp.code(1))).code, 'TR716', 'the password comes first');
SELECT is((SELECT c.totp_last_step FROM identity.credentials AS c WHERE c.totp_enabled_at IS NOT NULL), floor(extract(epoch FROM now()) / 30)::bigint, 'and a code beside a wrong one is not used up') WHERE floor(extract(epoch FROM now()) / 30) = floor(extract(epoch FROM clock_timestamp()) / 30);
SELECT is((identity.login('bob', 'correct horse', c)).code, 'TR720', coalesce(c, 'NULL')) FROM unnest(ARRAY['000000x', '', pg_temp.code(5), pg_temp.code(-5)]) AS c;
UPDATE identity.credentials SET totp_last_step = 0 WHERE totp_enabled_at IS NOT NULL;
DELETE FROM identity.login_failures;
SELECT pg_temp.code(0) AS code \gset
SELECT is((identity.login('bob', 'correct horse', :'code')).code, NULL, 'the code of now');
SELECT is((identity.login('bob', 'correct horse', :'code')).code, 'TR720', 'counts once');
UPDATE identity.credentials SET totp_last_step = NULL WHERE totp_enabled_at IS NOT NULL;
SELECT is(internal.accept_totp(c, internal.totp_code(pg_temp.secret(), s), to_timestamp(30 * 1000)), w, format('step %s at 1000', s))
  FROM (VALUES (998, false), (1002, false), (999, true), (1000, true), (1001, true)) AS x (s, w), LATERAL (SELECT * FROM identity.credentials AS c WHERE c.totp_enabled_at IS NOT NULL) AS c;
SELECT is(pg_temp.as(:'b1', $$SELECT identity.disable_totp('none')$$), 'false', 'it is taken away by a code');
UPDATE identity.credentials SET totp_last_step = 0 WHERE totp_enabled_at IS NOT NULL;
SELECT is(pg_temp.as(:'b1', format('SELECT identity.disable_totp(%L)', pg_temp.code(0))), 'true', 'of it');
SELECT is((identity.login('bob', 'correct horse')).code, NULL, 'and then a login needs none');
SELECT is(pg_temp.outcome_as(:'b1', $$SELECT identity.disable_totp(username => 'ann')$$), 'TR701', 'others'' are for administrators');
SELECT throws_ok($$SELECT identity.disable_totp(username => 'ann')$$, 'TR730', NULL, 'who find none where none is');

-- Tiers.
CREATE FUNCTION pg_temp.bounds(username text) RETURNS text LANGUAGE sql AS $$SELECT string_agg(trim_scale(l.bound)::text, ' ' ORDER BY l.metric) FROM risk.limits AS l WHERE l.scope_name = username$$;
SELECT is((SELECT (l.bound, l.period, l.action)::text FROM risk.limits AS l WHERE l.scope = 'user' AND l.scope_name = 'ann' AND l.metric = 'order_rate'), '(60.00000000,00:01:00,reject)', 'a user has the order rate of the tier');
SELECT is((SELECT (l.bound, l.period, l.action)::text FROM risk.limits AS l WHERE l.scope = 'user' AND l.scope_name = 'ann' AND l.metric = 'open_orders'), '(50.00000000,,reject)', 'and its open orders');
SELECT identity.update_user('ann', tier => 'pro') \g /dev/null
SELECT is(pg_temp.bounds('ann'), '3000 1000', 'another tier has others');
UPDATE identity.tiers SET orders_per_minute = 2000 WHERE tier = 'pro';
UPDATE identity.tiers SET open_orders = NULL WHERE tier = 'pro';
SELECT is(pg_temp.bounds('ann'), '2000', 'a tier that changes changes those of its users');
SELECT is(pg_temp.bounds('bob'), '60 50', 'and nobody else''s');
SELECT identity.update_user('ann', tier => 'enterprise') \g /dev/null
SELECT is_empty($$SELECT 1 FROM risk.limits AS l WHERE l.scope_name = 'ann'$$, 'a tier without one leaves none');

SELECT access_token AS a5 FROM pg_temp.session('ann') \gset
SELECT identity.update_user('ann', tier => 'free') \g /dev/null
SELECT is(pg_temp.outcome_as(:'a5', 'SELECT trading.create_portfolio(''one'')'), '00000', 'the tier free allows one portfolio');
SELECT trading.create_portfolio('one', owner => 'ann'), trading.create_portfolio('one'), trading.create_portfolio('two') \g /dev/null
SELECT is(pg_temp.outcome_as(:'a5', 'SELECT trading.create_portfolio(''two'')'), 'TR731', 'and no second');
SELECT throws_ok('SELECT trading.create_portfolio(''two'', owner => ''ann'')', 'TR731', NULL, 'whoever opens it');
SELECT market.add_instrument('IBM'), strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
UPDATE identity.tiers SET agents = 1, backtests_per_day = 0 WHERE tier = 'free';
SELECT strategy.create_agent('a', 'ann/one', 's', '{IBM}') \g /dev/null
SELECT throws_ok('SELECT strategy.create_agent(''b'', ''ann/one'', ''s'', ''{IBM}'')', 'TR731', NULL, 'agents are counted where they are made');
UPDATE strategy.agents SET status = 'stopped';
SELECT lives_ok('SELECT strategy.create_agent(''b'', ''ann/one'', ''s'', ''{IBM}'')', 'but for those that were stopped');
SELECT is(pg_temp.outcome_as(:'a5', $$SELECT research.record_backtest('{"version": "1"}', '{"orders": []}')$$), 'TR731', 'and so are backtests of a day');
SELECT lives_ok('SELECT trading.create_portfolio(''three'')', 'a login role has no tier');

-- Login roles.
SELECT format('SCRAM-SHA-256$4096:%s==$%s=:%s=', repeat('A', 22), repeat('B', 43), repeat('C', 43)) AS verifier \gset
SELECT identity.create_login('test_panel', :'verifier', 'dashboard'), identity.create_login('test_trader', NULL), identity.create_login('test_hub', :'verifier', 'gateway') \g /dev/null
SELECT is((SELECT string_agg(format('%s %s %s', r.rolname, (SELECT string_agg(g.rolname, '+') FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid WHERE m.member = r.oid), r.rolconnlimit), '; ' ORDER BY r.rolname) FROM pg_roles AS r WHERE r.rolname ~ '^test_(panel|trader|hub)$' AND r.rolcanlogin),
  (SELECT string_agg(format('test_%s %s %s', n, l.group_role, l.connections), '; ' ORDER BY n) FROM (VALUES ('hub', 'bourse_gateway'), ('panel', 'bourse_dashboard'), ('trader', 'bourse_trader')) AS x (n, g) JOIN identity.login_limits AS l ON l.group_role = g), 'login roles are in their group, and take of the server what the group''s may');
SELECT ok(r.rolconfig @> '{default_transaction_read_only=on}' AND EXISTS (SELECT FROM unnest(r.rolconfig) AS c WHERE c ~ '^statement_timeout='), 'panels only read, and not for long') FROM pg_roles AS r WHERE r.rolname = 'test_panel';
CREATE ROLE test_like;
SELECT is((SELECT a.rolpassword FROM pg_authid AS a WHERE a.rolname = 'test_panel'), :'verifier', 'the verifier is kept as it is');
SELECT throws_ok(format('SELECT identity.create_login(%s)', a), c, NULL, a) FROM (VALUES ($$'ann', NULL$$, 'TR725'), ($$'ANN', NULL$$, 'TR725'), ($$'test_hub', NULL$$, 'TR725'), ($$NULL, NULL$$, 'TR725'), ($$'eve', 'correct horse'$$, 'TR727'), ($$'eve', 'md5' || md5('x')$$, 'TR727'), ($$'eve', NULL, 'king'$$, 'TR725'), ($$'eve', NULL, NULL$$, 'TR725'), ($$'eve"; DROP TABLE identity.users; --', NULL$$, 'TR725')) AS x (a, c);
SELECT is(pg_temp.outcome_as(:'a5', s), '42501', s) FROM unnest(ARRAY['SELECT identity.create_login(''eve'', NULL)', 'SELECT identity.disable_login(''test_hub'')']) AS s;
SELECT throws_ok(format('SELECT identity.disable_login(%L)', n), 'TR726', NULL, coalesce(n, 'NULL') || ' is no login role of the engine') FROM unnest(ARRAY['ann', 'bourse_admin', session_user::text, 'pg_monitor', 'test_like', NULL]) AS n;
SELECT lives_ok($$SELECT identity.disable_login('test_hub')$$, 'one that is logs in no more');
SELECT ok(NOT r.rolcanlogin, 'which its row says') FROM pg_roles AS r WHERE r.rolname = 'test_hub';

-- The audit has what was done, and no secret.
SELECT is((SELECT count(DISTINCT a.act) FROM ops.audit_log AS a WHERE a.act IN ('login.succeeded', 'login.failed', 'session.revoked', 'password.changed', 'password.set', 'password.reset', 'password.reset_requested', 'totp.enabled', 'totp.disabled', 'user.added', 'user.changed', 'api_key.added', 'api_key.changed')), 13::bigint, 'the audit knows of each');
SELECT is_empty(format($$SELECT a.act FROM ops.audit_log AS a WHERE a::text ~ %L$$, concat_ws('|', 'correct horse', 'battery', :'key', :'key2', :'t', :'a1', '[$]2a[$]')), 'and of no secret');
SELECT * FROM finish();
ROLLBACK;
