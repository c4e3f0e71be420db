-- Connections to brokers: what the database stores of credentials is sealed, who may read it, and that nothing of it is in the journal or the
-- audit. Sealing itself is the program's: Tests/SecretsTests and Tests/EndToEnd/secrets.sh.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
CREATE FUNCTION pg_temp.put(name text DEFAULT 'main', id uuid DEFAULT '00000000-0000-0000-0000-000000000001', broker text DEFAULT 'mock', url text DEFAULT 'https://broker.example/v1', key_id text DEFAULT '0123456789abcdef',
                            credentials bytea DEFAULT decode(repeat('ab', 40), 'hex'), portfolios text[] DEFAULT NULL) RETURNS void LANGUAGE sql
AS $$ SELECT identity.put_connection(id, name, broker, url, key_id, credentials, portfolios) $$;
SELECT lives_ok('SELECT pg_temp.put(portfolios => ''{main}'')', 'a connection is stored');
SELECT is((SELECT (c.owner, c.broker, c.key_id, p.portfolio_id)::text FROM identity.broker_connections AS c JOIN identity.connection_portfolios AS p USING (connection_id)), format('(%s,mock,0123456789abcdef,1)', ops.actor()), 'of who acts, with its portfolio');
SELECT lives_ok('SELECT pg_temp.put(broker => ''other'', credentials => decode(repeat(''cd'', 40), ''hex''))', 'new credentials take the place of the old ones');
SELECT is((SELECT array_agg((c.broker, encode(c.credentials, 'hex') = repeat('cd', 40))::text) FROM identity.broker_connections AS c), '{"(other,t)"}', 'and nothing is left of these');
SELECT is((SELECT count(*) FROM identity.connection_portfolios), 1::bigint, 'its portfolios stay');
SELECT pg_temp.refuses('SELECT pg_temp.put(id => ''00000000-0000-0000-0000-000000000002'')', 'TR754', 'credentials that were sealed for another connection of this name');
SELECT pg_temp.refuses(s, 'TR752', s) FROM unnest(ARRAY[
  'SELECT pg_temp.put(name => ''two words'')', 'SELECT pg_temp.put(name => NULL)', 'SELECT pg_temp.put(broker => ''Mock!'')', 'SELECT pg_temp.put(url => ''http://broker.example'')', 'SELECT pg_temp.put(url => ''https://key:secret@broker.example'')',
  'SELECT pg_temp.put(url => ''http://localhost.example'')', 'SELECT pg_temp.put(url => ''file:///etc/passwd'')', 'SELECT pg_temp.put(credentials => ''key:secret'')', 'SELECT pg_temp.put(credentials => NULL)', 'SELECT pg_temp.put(key_id => ''x'')',
  'SELECT pg_temp.put(id => NULL)', 'SELECT identity.rotate_connections(''{00000000-0000-0000-0000-000000000001}'', ''{00}'', ''0123456789abcdef'')', 'SELECT identity.rotate_connections(''{}'', ''{}'', NULL)']) AS s;
SELECT pg_temp.refuses('SELECT pg_temp.put(portfolios => ''{nowhere}'')', 'TR211', 'a portfolio that is not there');
SELECT lives_ok('SELECT pg_temp.put(''local'', ''00000000-0000-0000-0000-000000000003'', url => ''ws://localhost:9000/x'')', 'without encryption on this machine alone');

-- Sealed anew under another key: all or none.
SELECT pg_temp.refuses($$SELECT identity.rotate_connections('{00000000-0000-0000-0000-000000000001}', ARRAY[repeat('ef', 40)], 'fedcba9876543210')$$, 'TR754', 'one that would stay under the old key');
SELECT pg_temp.refuses($$SELECT identity.rotate_connections('{00000000-0000-0000-0000-000000000001}', '{}', 'fedcba9876543210')$$, 'TR604', 'fewer credentials than connections');
SELECT is(identity.rotate_connections(array_agg(c.connection_id), array_agg(repeat('ef', 40)), 'fedcba9876543210'), 2::bigint, 'all of them') FROM identity.sealed_connections(true) AS c;
SELECT is((SELECT array_agg(DISTINCT (c.key_id, encode(c.credentials, 'hex') = repeat('ef', 40))::text) FROM identity.sealed_connections() AS c), '{"(fedcba9876543210,t)"}', 'are under the new key');

-- What is audited has no credentials in it, sealed or not.
SELECT is((SELECT string_agg(DISTINCT a.act, ' ' ORDER BY a.act) FROM ops.audit_log AS a WHERE a.act LIKE 'broker_connection.%'), 'broker_connection.added broker_connection.changed', 'connections are audited');
SELECT is_empty($$SELECT * FROM ops.audit_log AS a WHERE a.before ? 'credentials' OR a.after ? 'credentials' OR a::text LIKE '%abababab%' OR a::text LIKE '%cdcdcdcd%'$$, 'without their credentials');
SELECT is_empty($$SELECT * FROM ops.events AS e WHERE e::text LIKE '%abababab%'$$, 'and the journal has none');

-- Who may.
SELECT is((SELECT string_agg(pg_temp.outcome(r, s), ' ' ORDER BY r) FROM unnest('{bourse_admin,bourse_analyst,bourse_dashboard,bourse_investor,bourse_runner,bourse_trader}'::text[]) AS r), o, s)
  FROM (VALUES ('SELECT credentials FROM identity.broker_connections', '00000 42501 42501 42501 42501 42501'), ('SELECT * FROM identity.broker_connections', '00000 42501 42501 42501 42501 42501'),
               ('SELECT name, key_id FROM identity.broker_connections', '00000 42501 42501 42501 00000 00000'), ('SELECT * FROM identity.sealed_connections()', '00000 42501 42501 42501 00000 00000'),
               ('SELECT identity.rotate_connections(''{}'', ''{}'', ''0123456789abcdef'') WHERE false', '00000 42501 42501 42501 42501 42501'), ('SELECT identity.remove_connection(''main'')', '00000 42501 42501 42501 00000 00000'),
               ('DELETE FROM identity.broker_connections', '42501 42501 42501 42501 42501 42501'), ('UPDATE identity.broker_connections SET url = ''https://thief.example''', '42501 42501 42501 42501 42501 42501')) AS t (s, o);
CREATE ROLE bourse_test_broker LOGIN IN ROLE bourse_trader;
SET SESSION AUTHORIZATION bourse_test_broker;
SELECT is_empty('SELECT * FROM identity.sealed_connections()', 'a trader gets no credentials of others, sealed as they are');
SELECT throws_ok('SELECT identity.remove_connection(''main'')', 'TR753', NULL, 'nor removes a connection of others');
SELECT throws_ok(format('SELECT identity.remove_connection(''main'', %L)', (SELECT rolname FROM pg_roles WHERE oid = 10)), 'TR753', NULL, 'by the name of its owner');
SELECT lives_ok($$SELECT identity.put_connection('00000000-0000-0000-0000-000000000004', 'main', 'mock', NULL, '0123456789abcdef', decode(repeat('aa', 40), 'hex'))$$, 'but has one of the same name');
SELECT is((SELECT array_agg(c.owner) FROM identity.sealed_connections() AS c), '{bourse_test_broker}', 'and sees it');
RESET SESSION AUTHORIZATION;
SELECT lives_ok('SELECT identity.remove_connection(''main'', ''bourse_test_broker'')', 'an administrator may remove it');
SELECT lives_ok('SELECT identity.remove_connection(''main'')', 'and one of their own');
SELECT pg_temp.refuses('SELECT identity.remove_connection(''main'')', 'TR753', 'what is gone');
SELECT is_empty('SELECT * FROM identity.connection_portfolios', 'no portfolio trades by it any more');
SELECT * FROM finish();
ROLLBACK;
