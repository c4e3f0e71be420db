-- Tokens: what was not signed here, by this key and in this form, is nobody's; what was counts until it expires or is revoked.
BEGIN;
SELECT no_plan();
\ir setup/people.sql
SELECT pg_temp.person('ann'), pg_temp.person('bob', 'investor'), pg_temp.person('root', 'admin') \g /dev/null
SELECT access_token AS token FROM pg_temp.session('ann') \gset
SELECT access_token AS bobs FROM pg_temp.session('bob') \gset
SELECT k.key_id AS kid, k.secret AS key FROM identity.secret_keys AS k WHERE k.purpose = 'tokens' AND k.retired_at IS NULL \gset

SELECT is(pg_temp.outcome_as(:'token', 'SELECT 1'), '00000', 'a token that was signed here is accepted');
-- Header, claims and signature as one likes.
CREATE FUNCTION pg_temp.forge(header text, claims text, key bytea DEFAULT NULL, algorithm text DEFAULT 'sha256') RETURNS text LANGUAGE sql AS $$
  SELECT s.signed || '.' || internal.base64url(public.hmac(convert_to(s.signed, 'UTF8'), coalesce(key, (SELECT k.secret FROM identity.secret_keys AS k WHERE k.purpose = 'tokens' AND k.retired_at IS NULL)), algorithm))
    FROM (SELECT pg_temp.b64(header) || '.' || pg_temp.b64(claims) AS signed) AS s $$;
SELECT format('{"alg":"HS256","typ":"JWT","kid":"%s"}', :'kid') AS header,
       convert_from(internal.base64url_bytes(split_part(:'token', '.', 2)), 'UTF8') AS claims,
       split_part(:'token', '.', 1) AS h, split_part(:'token', '.', 2) AS c, split_part(:'token', '.', 3) AS s \gset
SELECT is(pg_temp.outcome_as(pg_temp.forge(:'header', :'claims'), 'SELECT 1'), '00000', 'what the owner of the key signs is accepted');
CREATE TEMP TABLE forged AS
SELECT * FROM (VALUES
  ('nothing', ''), ('NULL', NULL), ('no token', 'token'), ('one segment', :'h'), ('two segments', :'h' || '.' || :'c'), ('no signature', :'h' || '.' || :'c' || '.'),
  ('four segments', :'token' || '.' || :'s'), ('a segment before', '.' || :'token'), ('a space behind', :'token' || ' '), ('a line behind', :'token' || E'\n'), ('padding', :'token' || '='),
  ('another''s claims', :'h' || '.' || split_part(:'bobs', '.', 2) || '.' || :'s'), ('another''s signature', :'h' || '.' || :'c' || '.' || split_part(:'bobs', '.', 3)),
  ('one bit of the signature', :'h' || '.' || :'c' || '.' || CASE left(:'s', 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(:'s', 2)),
  ('bits beyond the signature', :'h' || '.' || :'c' || '.' || left(:'s', 42) || translate(right(:'s', 1), 'AEIMQUYcgkosw048', 'BFJNRVZdhlptx159')),
  ('alg none', pg_temp.b64('{"alg":"none","typ":"JWT"}') || '.' || :'c' || '.'),
  ('alg none, signed', pg_temp.forge(replace(:'header', 'HS256', 'none'), :'claims')), ('alg None, signed', pg_temp.forge(replace(:'header', 'HS256', 'None'), :'claims')),
  ('alg RS256, signed by HMAC', pg_temp.forge(replace(:'header', 'HS256', 'RS256'), :'claims')), ('alg ES256', pg_temp.forge(replace(:'header', 'HS256', 'ES256'), :'claims')),
  ('alg HS512', pg_temp.forge(replace(:'header', 'HS256', 'HS512'), :'claims', algorithm => 'sha512')), ('HS512 that says HS256', pg_temp.forge(:'header', :'claims', algorithm => 'sha512')),
  ('alg in lower case', pg_temp.forge(replace(:'header', 'HS256', 'hs256'), :'claims')), ('alg of another type', pg_temp.forge(replace(:'header', '"HS256"', '["HS256"]'), :'claims')),
  ('alg twice', pg_temp.forge(replace(:'header', '{', '{"alg":"none",'), :'claims')), ('alg twice, the same', pg_temp.forge(replace(:'header', '{', '{"alg":"HS256",'), :'claims')),
  ('no alg', pg_temp.forge(replace(:'header', '"alg":"HS256",', ''), :'claims')), ('no typ', pg_temp.forge(replace(:'header', '"typ":"JWT",', ''), :'claims')),
  ('a key of its own', pg_temp.forge(replace(:'header', '{', '{"jwk":{"kty":"oct","k":"AA"},'), :'claims', '\x00')), ('a key from elsewhere', pg_temp.forge(replace(:'header', '{', '{"jku":"http://localhost/",'), :'claims')),
  ('critical extensions', pg_temp.forge(replace(:'header', '{', '{"crit":["exp"],'), :'claims')),
  ('an unknown key', pg_temp.forge(replace(:'header', '"kid":"', '"kid":"9'), :'claims')), ('no key', pg_temp.forge('{"alg":"HS256","typ":"JWT"}', :'claims')), ('kid as number', pg_temp.forge(format('{"alg":"HS256","typ":"JWT","kid":%s}', :'kid'), :'claims')),
  ('SQL for a key', pg_temp.forge('{"alg":"HS256","typ":"JWT","kid":"1'' OR ''1''=''1"}', :'claims')), ('the key of one-time codes', pg_temp.forge(replace(:'header', :'kid', (SELECT k.key_id::text FROM identity.secret_keys AS k WHERE k.purpose = 'totp')), :'claims', (SELECT k.secret FROM identity.secret_keys AS k WHERE k.purpose = 'totp'))),
  ('an empty key', pg_temp.forge(:'header', :'claims', '')), ('another key', pg_temp.forge(:'header', :'claims', sha256('guess'))), ('the key in letters', pg_temp.forge(:'header', :'claims', convert_to(encode(:'key', 'hex'), 'UTF8'))),
  ('header no JSON', pg_temp.forge('alg', :'claims')), ('header an array', pg_temp.forge('["HS256"]', :'claims')), ('claims no JSON', pg_temp.forge(:'header', 'sub')), ('claims a string', pg_temp.forge(:'header', '"ann"')), ('no claims', pg_temp.forge(:'header', '{}')),
  ('claims twice', pg_temp.forge(:'header', replace(:'claims', '{', '{"sub":"root",'))), ('JSON and more', pg_temp.forge(:'header', :'claims' || '{}')),
  ('another user', pg_temp.forge(:'header', replace(:'claims', '"ann"', '"root"'))), ('no user', pg_temp.forge(:'header', replace(:'claims', '"ann"', 'null'))),
  ('not UTF-8', pg_temp.b64(:'header') || '.' || '_w' || '.' || internal.base64url(public.hmac(convert_to(pg_temp.b64(:'header') || '._w', 'UTF8'), :'key', 'sha256'))),
  ('an unknown API key', 'bourse_key_' || repeat('A', 43)), ('an API key for a pattern', 'bourse_key_%'), ('a long one', repeat('A', 100000)), ('SQL', $$'; DROP TABLE identity.users; --$$), ('an emoji', '😀.😀.😀'), ('a refresh token', (pg_temp.session('ann')).refresh_token)
) AS f (what, token);
SELECT is(pg_temp.outcome_as(token, 'SELECT 1'), 'TR721', 'nobody''s: ' || what) FROM forged;
SELECT is(ops.actor(), session_user::text, 'nobody acts by them');

-- Signed here, and not good any more.
CREATE FUNCTION pg_temp.expiring(token text, expires numeric) RETURNS text LANGUAGE sql AS $$
  SELECT internal.sign_token((internal.token_claims(token) || jsonb_build_object('exp', expires))::json) $$;
SELECT is(pg_temp.outcome_as(pg_temp.expiring(:'token', floor(extract(epoch FROM now())) + 60), 'SELECT 1'), '00000', 'a minute before it expires it counts');
SELECT is(pg_temp.outcome_as(pg_temp.expiring(:'token', floor(extract(epoch FROM now()))), 'SELECT 1'), 'TR722', 'when it expires it does not');
SELECT is(pg_temp.outcome_as(pg_temp.expiring(:'token', 0), 'SELECT 1'), 'TR722', 'nor long after');
SELECT is(pg_temp.outcome_as(internal.sign_token((internal.token_claims(:'token') - 'exp')::json), 'SELECT 1'), 'TR722', 'one without an end has expired');
SELECT identity.rotate_signing_key() AS new_kid \gset
SELECT is(pg_temp.outcome_as(:'token', 'SELECT 1'), '00000', 'under a key that has retired it still counts');
SELECT is(convert_from(internal.base64url_bytes(split_part(pg_temp.token('ann'), '.', 1)), 'UTF8')::jsonb, jsonb_build_object('alg', 'HS256', 'typ', 'JWT', 'kid', :'new_kid'), 'new ones have the new key');
SELECT ok(NOT EXISTS (SELECT FROM identity.secret_keys AS a JOIN identity.secret_keys AS b ON a.secret = b.secret AND a.key_id <> b.key_id), 'no key is another''s');
SAVEPOINT rotated;
SELECT access_token AS token_2 FROM pg_temp.session('ann') \gset
SELECT identity.rotate_signing_key(revoke => true) \g /dev/null
SELECT is(pg_temp.outcome_as(t, 'SELECT 1'), 'TR721', 'keys that are revoked take their tokens with them') FROM unnest(ARRAY[:'token', :'token_2']) AS t;
ROLLBACK TO rotated;
UPDATE identity.users SET disabled_at = now() WHERE username = 'ann';
SELECT is(pg_temp.outcome_as(:'token', 'SELECT 1'), 'TR718', 'a user who is disabled does not act');
UPDATE identity.users SET disabled_at = NULL WHERE username = 'ann';
CREATE ROLE "Ann" LOGIN;
SELECT is(pg_temp.outcome_as(:'token', 'SELECT 1'), 'TR735', 'nor one whose name a role has got');
DROP ROLE "Ann";
UPDATE identity.sessions SET ended_at = now(), end_reason = 'revoked' WHERE owner = 'ann';
SELECT is(pg_temp.outcome_as(:'token', 'SELECT 1'), 'TR723', 'the token of a session that has ended does not count');

-- What the claims say, to programs that read them.
SELECT access_token AS token FROM pg_temp.session('ann') \gset
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(internal.token_claims(:'token')) AS k), '{exp,iat,iss,jti,role,scopes,sid,sub}', 'the claims are those that PostgREST knows, and the session');
SELECT is(internal.token_claims(:'token') - '{exp,iat,jti,sid}'::text[], '{"iss": "bourse", "sub": "ann", "role": "bourse_trader", "scopes": ["read", "trade", "research"]}', 'whose it is, and as what');
SELECT is((internal.token_claims(:'token') ->> 'exp')::int - (internal.token_claims(:'token') ->> 'iat')::int, 900, 'for a quarter of an hour');

-- Whom the transaction acts for, and with what rights.
SELECT is(identity.use_token(:'token'), 'ann', 'the token says who acts');
SELECT is(ops.actor() || ' ' || identity.actor_role() || ' ' || current_user, 'ann trader bourse_trader', 'user and rights are those of the token, on a superuser''s connection, too');
SELECT throws_ok('SELECT * FROM identity.acting', '42501', NULL, 'who acts is not read by whoever acts');
SELECT throws_ok('SELECT * FROM identity.secret_keys', '42501', NULL, 'nor the keys');
SELECT throws_ok('SELECT * FROM identity.credentials', '42501', NULL, 'nor the passwords');
SELECT is((SELECT array_agg(u.username::text) FROM identity.users AS u), '{ann}', 'a user sees himself alone');
SELECT is((SELECT array_agg(DISTINCT s.owner) FROM identity.sessions AS s), '{ann}', 'and sessions of his own');
SELECT throws_ok($$SELECT identity.create_user('eve', NULL, 'correct horse')$$, '42501', NULL, 'a trader makes no users');
-- Whatever is set, the user stays.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
  EXECUTE statement;
  RETURN ops.actor() || ' ' || identity.actor_role();
EXCEPTION WHEN OTHERS THEN
  RETURN 'refused ' || ops.actor() || ' ' || identity.actor_role();
END $$;
SELECT matches(pg_temp.try(s), '^(refused )?ann trader$', s) FROM unnest(ARRAY[
  'RESET ALL', 'RESET ROLE', 'SET LOCAL ROLE bourse_admin', 'SET ROLE bourse_runner', 'SET LOCAL ROLE NONE', $$SELECT set_config('role', 'bourse_admin', true)$$, 'SET SESSION AUTHORIZATION bourse_admin', 'SET LOCAL SESSION AUTHORIZATION DEFAULT',
  $$SELECT set_config('bourse.actor', 'root', false), set_config('bourse.identity', 'root', false), set_config('request.jwt.claims', '{"sub": "root", "role": "bourse_admin"}', false)$$,
  'SET LOCAL search_path = pg_temp, public', 'SET LOCAL row_security = off', 'SET LOCAL track_counts = off', 'SET LOCAL session_replication_role = replica', 'SET LOCAL application_name = root', 'SELECT pg_stat_clear_snapshot()', 'SELECT pg_stat_reset()']) AS s;
-- As the owner of the connection again: what it is about to do is refused by the engine, not by the connection.
RESET SESSION AUTHORIZATION;
SELECT is(ops.actor() || ' ' || identity.actor_role(), 'ann trader', 'also for a superuser who takes his role back');
SELECT throws_ok($$SELECT identity.create_user('eve', NULL, 'correct horse')$$, 'TR701', NULL, 'the doors ask who acts');
SELECT throws_ok($$SELECT identity.delete_user('bob')$$, 'TR701', NULL, 'each of them');
SELECT throws_ok($$SELECT identity.rotate_signing_key()$$, 'TR701', NULL, 'for what only administrators do');
-- A savepoint takes back what came after it, and not more.
SAVEPOINT s;
SELECT is(identity.use_token(:'bobs'), 'bob', 'another token gives another user');
SELECT is(ops.actor() || ' ' || current_user, 'bob bourse_investor', 'with his rights');
ROLLBACK TO s;
SELECT is(ops.actor() || ' ' || identity.actor_role(), 'ann trader', 'until that is rolled back');
SELECT is(pg_temp.outcome_as('none', 'SELECT 1'), 'TR721', 'a token that is refused');
SELECT is(ops.actor(), 'ann', 'leaves the user as he was');

-- Scopes are less than the role, never more.
RESET ROLE;
SELECT is((SELECT array_agg(format('%s %s: %s', r, s, coalesce(internal.role_within(r, s)::text, '-')) ORDER BY r, s) FROM unnest(enum_range(NULL::identity.role)) AS r, unnest(ARRAY['read', 'trade', 'research', 'admin']::identity.scope[]) AS x, LATERAL (SELECT ARRAY[x] AS s) AS y),
  '{"admin {read}: investor","admin {trade}: trader","admin {research}: analyst","admin {admin}: admin","runner {read}: investor","runner {trade}: runner","runner {research}: -","runner {admin}: -","trader {read}: investor","trader {trade}: trader","trader {research}: analyst","trader {admin}: -",
    "analyst {read}: investor","analyst {trade}: -","analyst {research}: analyst","analyst {admin}: -","investor {read}: investor","investor {trade}: -","investor {research}: -","investor {admin}: -","dashboard {read}: dashboard","dashboard {trade}: -","dashboard {research}: -","dashboard {admin}: -"}', 'what a role is within a scope');
SELECT is(pg_temp.outcome_as(t, 'SELECT trading.submit_order(''none'', ''IBM'', ''buy'', 1)'), o, w) FROM (VALUES
  (pg_temp.token('ann'), 'TR211', 'a trader gets as far as the portfolio'), (pg_temp.token('ann', '{read}'), '42501', 'with a token for reading he does not trade'),
  (pg_temp.token('ann', '{research}'), '42501', 'nor with one for research'), (pg_temp.token('ann', '{admin}'), 'TR728', 'a scope that the role does not have gives nothing'),
  (pg_temp.token('bob', '{trade,admin}'), 'TR728', 'an investor with the scope to trade is none the more a trader'), (pg_temp.token('root', '{read}'), '42501', 'an administrator who reads does not trade')) AS x (t, o, w);
UPDATE identity.users SET role = 'investor' WHERE username = 'ann';
SELECT is(pg_temp.outcome_as(:'token', 'SELECT trading.submit_order(''none'', ''IBM'', ''buy'', 1)'), '42501', 'a role that was taken away is gone at once');

-- A connection takes on what it was granted.
CREATE ROLE test_hub LOGIN IN ROLE bourse_gateway;
CREATE FUNCTION pg_temp.through_hub(token text, statement text DEFAULT 'SELECT 1') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    SET LOCAL SESSION AUTHORIZATION test_hub;
    PERFORM identity.use_token(token);
    EXECUTE statement;
    RAISE EXCEPTION 'P0T00' USING ERRCODE = 'P0T00', DETAIL = ops.actor() || ' ' || current_user;
  EXCEPTION WHEN SQLSTATE 'P0T00' THEN
    RETURN 'works';
  WHEN OTHERS THEN
    RETURN SQLSTATE;
  END;
END $$;
SELECT is(pg_temp.through_hub(pg_temp.token('bob')), 'works', 'a gateway acts for an investor');
SELECT is(pg_temp.through_hub(pg_temp.token('root')), 'TR728', 'for no administrator, unless the owner says so');
SELECT is(pg_temp.through_hub(pg_temp.token('root', '{read}')), 'works', 'but for one who reads');
SELECT is(pg_temp.through_hub(pg_temp.token('bob'), s), '42501', 'it does not: ' || s) FROM unnest(ARRAY['SET ROLE bourse_admin', 'RESET ROLE; SET ROLE bourse_runner', 'RESET ROLE; SELECT * FROM trading.portfolios', 'RESET ROLE; SELECT * FROM identity.users', 'SET track_counts = off']) AS s;
SET LOCAL transaction_read_only = on;
SELECT is(pg_temp.outcome_as(:'bobs', 'SELECT 1'), 'TR734', 'a transaction that may write nothing cannot note its user');
SELECT * FROM finish();
ROLLBACK;
