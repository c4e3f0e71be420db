-- With whose rights conditions are evaluated, what hostile ones can do, and who sees and handles alerts.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/people.sql
UPDATE ops.alert_rules SET enabled = false;
CREATE ROLE ale_bob LOGIN IN ROLE bourse_trader;
CREATE ROLE ale_dash LOGIN IN ROLE bourse_dashboard;
CREATE ROLE ale_ivy LOGIN IN ROLE bourse_investor;
SELECT pg_temp.person('ale_ann') \g /dev/null
-- A statement as a login role, undone when it fails; what it returns, or its SQLSTATE.
CREATE FUNCTION pg_temp.as(login text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text;
BEGIN
  BEGIN
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', login);
    EXECUTE statement INTO v_answer;
  EXCEPTION WHEN OTHERS THEN v_answer := SQLSTATE; END;
  RESET SESSION AUTHORIZATION;
  RETURN v_answer;
END $$;
SELECT pg_temp.as('ale_bob', $$SELECT trading.create_portfolio('bobs', capital => 5000, at => '2024-01-02')::text$$) \g /dev/null
CREATE FUNCTION pg_temp.evaluate(at text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', e.event, e.owner, e.rule, nullif(e.subject, '')), ', ' ORDER BY e.owner, e.rule, e.subject) FROM ops.evaluate_alerts(('2026-01-05 ' || at || 'Z')::timestamptz) AS e $$;
CREATE FUNCTION pg_temp.detail(rule text) RETURNS text LANGUAGE sql AS $$ SELECT a.detail FROM ops.alerts AS a WHERE a.rule = $1 ORDER BY a.alert_id DESC LIMIT 1 $$;
SET LOCAL statement_timeout = '30s';

-- What a condition sees is what its owner sees, as a login role and as a user of tokens.
SELECT pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('mine', 'SELECT name AS subject, ops.actor() || '' '' || identity.actor_role() || '' '' || current_user AS detail FROM trading.portfolios')).owner$$) \g /dev/null
SELECT is(pg_temp.outcome_as(pg_temp.token('ale_ann'), $$SELECT ops.set_alert_rule('mine', 'SELECT name AS subject FROM trading.portfolios'), trading.create_portfolio('anns')$$), '00000', 'users of tokens have rules, too');
INSERT INTO ops.alert_rules (owner, name, condition) VALUES ('ale_ann', 'hers', 'SELECT ops.actor() AS subject, (SELECT count(*) FROM trading.portfolios) AS value, current_user AS detail');
SELECT is(pg_temp.evaluate('10:00'), 'opened ale_ann hers ale_ann, opened ale_bob mine bobs', 'each sees their own');
SELECT is(pg_temp.detail('mine'), 'ale_bob trader bourse_conditions_trader', 'as themselves, with the rights of their group alone');
SELECT is((SELECT a.value FROM ops.alerts AS a WHERE a.rule = 'hers'), 0::float8, 'not a portfolio of others');
SELECT is(ops.actor() = session_user AND identity.actor_role() = 'admin' AND NOT current_setting('transaction_read_only')::boolean, true, 'who evaluates is who they were');
UPDATE identity.users SET disabled_at = now() WHERE username = 'ale_ann';
SELECT is(pg_temp.evaluate('10:01'), 'opened ale_ann hers condition failed', 'who may not log in has no rights');
SELECT matches(pg_temp.detail('hers'), '^TR803', 'which is said');
DELETE FROM ops.alert_rules WHERE owner IN ('ale_ann', 'ale_bob');
SELECT matches(pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('unbounded', 'SELECT 1 AS value')).owner$$), 'ale_bob', 'a query of a user');
SET LOCAL statement_timeout = 0;
SELECT is(pg_temp.evaluate('10:02'), NULL, 'is left out where nothing would stop it');
SET LOCAL statement_timeout = '30s';
SELECT is(pg_temp.evaluate('10:03'), 'opened ale_bob unbounded', 'and evaluated where a time limit does');

-- Hostile conditions fail, each by itself, or are without effect.
CREATE TEMP TABLE hostile (name text, condition text, code text);
INSERT INTO hostile VALUES
  ('two', 'SELECT 1; DROP TABLE ops.alerts', '42P11'), ('close', 'SELECT 1) AS q; DROP TABLE ops.alerts; --', '42601'), ('delete', 'DELETE FROM ops.alerts RETURNING 1', '25006'), ('cte', 'WITH d AS (DELETE FROM ops.alerts RETURNING 1) SELECT * FROM d', '25006'),
  ('temp', 'CREATE TEMP TABLE x AS SELECT 1', '42P11'), ('do', 'DO $d$BEGIN END$d$', '42P11'), ('copy', 'COPY (SELECT 1) TO PROGRAM ''true''', '42P11'), ('set-role', 'SELECT set_config(''role'', ''none'', false)', '42501'),
  ('superuser', format('SELECT set_config(''session_authorization'', %L, false)', session_user), '42501'), ('write', 'SELECT set_config(''transaction_read_only'', ''off'', false)', '25001'), ('order', 'SELECT trading.submit_order(''bobs'', ''IBM'', ''buy'', 1)', '25006'), ('fund', 'SELECT ledger.deposit(''bobs'', 1)', '25006'),
  ('rule', 'SELECT ops.set_alert_rule(''more'', ''SELECT 1'')', '25006'), ('read-file', 'SELECT pg_read_file(''postgresql.conf'')', '42501'), ('hashes', 'SELECT password_hash FROM identity.credentials', '42501'), ('keys', 'SELECT secret FROM identity.secret_keys', '42501'), ('internal', 'SELECT internal.clock()', '42501'),
  ('himself', 'SELECT internal.rows_as_admin(''SELECT 1'', 1, 1)', '42501'), ('evaluate', 'SELECT * FROM ops.evaluate_alerts()', '42501'), ('next', 'SELECT nextval(''ops.alerts_alert_id_seq'')', '42501'), ('large', 'SELECT lo_create(0)', NULL), ('xml', 'SELECT query_to_xml(''SELECT secret FROM identity.secret_keys'', true, true, '''')', '42501'),
  ('lock', 'SELECT 1 FROM trading.portfolios FOR UPDATE', '25006'), ('number', 'SELECT ''x'' AS value', '22P02'), ('undo', 'SELECT * FROM ops.note_delivery(gen_random_uuid())', '42501'), ('tokens', 'SELECT token FROM identity.outbox', '42501'), ('rls', 'SELECT set_config(''row_security'', ''off'', false), count(*) FROM trading.orders', NULL);
SELECT pg_temp.as('ale_bob', format('SELECT (ops.set_alert_rule(%L, %L)).name', h.name, h.condition)) FROM hostile AS h \g /dev/null
SELECT ops.set_alert_rule('last', 'SELECT true') \g /dev/null
SELECT pg_temp.evaluate('11:00') \g /dev/null
SELECT is(coalesce(s.code, 'works'), coalesce(h.code, 'works'), h.condition) FROM hostile AS h JOIN ops.alert_rules AS r USING (name) JOIN ops.rule_states AS s USING (rule_id) WHERE h.code IS NOT NULL;
SELECT is((SELECT a.state::text FROM ops.alerts AS a WHERE a.rule = 'last'), 'open', 'the rule behind them all was evaluated');
SELECT is(current_setting('row_security') || ' ' || current_setting('role') || ' ' || current_setting('transaction_read_only'), 'on none off', 'no setting of theirs stays');
SELECT is(pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('path', 'SELECT set_config(''search_path'', ''public'', false), set_config(''statement_timeout'', ''0'', false) AS detail')).name$$), 'path', 'settings that anybody may change');
SELECT pg_temp.evaluate('11:01') \g /dev/null
SELECT is(current_setting('statement_timeout') || current_setting('search_path'), '30s"$user", public', 'are taken back');
SELECT is((SELECT count(*) FROM trading.orders) + (SELECT count(*) FROM pg_largeobject_metadata) + (SELECT count(*) FROM ledger.transfers AS t JOIN trading.portfolios AS p USING (portfolio_id) WHERE p.name = 'bobs'), 1::bigint, 'nothing was ordered or paid');
DELETE FROM ops.alert_rules WHERE owner = 'ale_bob';
-- One that takes too long is stopped, and is the last that time; the others come first the next time.
SELECT pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('sleep', 'SELECT pg_sleep(60)')).name$$) \g /dev/null
SELECT is(internal.owner_role('ale_bob') || internal.owner_role('bourse_trader') IS NULL AND internal.owner_role('nobody') IS NULL, true, 'groups and strangers are nobody');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_roles AS o ON o.oid = p.proowner WHERE p.pronamespace = 'internal'::regnamespace AND p.proname ~ '^rows_as_'
  AND (NOT p.prosecdef OR o.rolsuper OR o.rolcanlogin OR o.rolname <> 'bourse_conditions_' || substr(p.proname, 9) OR EXISTS (SELECT FROM pg_auth_members AS m WHERE m.roleid = o.oid)
       OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee <> p.proowner))$$, 'functions with the rights of a group belong to a role that nobody is in, and are called by nobody else');
SELECT is((SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'internal'::regnamespace AND p.proname ~ '^rows_as_'), 5::bigint, 'there is one of each group');
ALTER FUNCTION internal.rows_as_trader(text, float8, int) OWNER TO CURRENT_USER;
SELECT pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('sleep', 'SELECT 1 AS value')).name$$), pg_temp.evaluate('11:02') \g /dev/null
SELECT matches(pg_temp.detail('sleep'), '^TR805', 'one that a superuser owns, as after a restore without owners, is not used');
ALTER FUNCTION internal.rows_as_trader(text, float8, int) OWNER TO bourse_conditions_trader;
DELETE FROM ops.alert_rules WHERE owner = 'ale_bob';

-- Who sees and handles what: their own rules and alerts, and those of the house about their portfolios.
INSERT INTO ops.alert_rules (owner, name, condition) VALUES (NULL, 'about', $$SELECT p.owner || '/' || p.name AS portfolio, p.name AS subject FROM trading.portfolios AS p$$), (NULL, 'server', 'SELECT 1 AS value');
SELECT pg_temp.as('ale_bob', $$SELECT (ops.set_alert_channel('inbox', 'in_app')).name$$), ops.set_alert_channel('desk', 'in_app', is_for_house => true) \g /dev/null
SELECT pg_temp.as('ale_bob', $$SELECT (ops.set_alert_rule('own', 'SELECT 1 AS value')).name$$) \g /dev/null
SELECT pg_temp.evaluate('12:00') \g /dev/null
SELECT is(pg_temp.as('ale_bob', $$SELECT string_agg(a.rule || ' ' || a.subject, ', ' ORDER BY a.rule) FROM ops.alerts AS a$$), 'about bobs, own ', 'his own, and of the house what is about his portfolio');
SELECT is(pg_temp.as('ale_ivy', 'SELECT count(*) FROM ops.alerts'), '0', 'others nothing');
SELECT is(pg_temp.as('ale_bob', $$SELECT string_agg(n.payload ->> 'rule', ', ' ORDER BY n.payload ->> 'rule') FROM ops.notifications AS n$$), 'about, own', 'and so he is told');
SELECT is((SELECT string_agg(n.payload ->> 'rule', ', ' ORDER BY n.payload ->> 'rule', n.payload ->> 'subject') FROM ops.notifications AS n JOIN ops.alert_channels AS c USING (channel_id) WHERE c.name = 'desk'), 'about, about, server', 'the desk of the house is told of the house''s');
SELECT is(pg_temp.as('ale_bob', format('SELECT (ops.acknowledge_alert(%s)).state', a.alert_id)), CASE WHEN a.rule = 'own' OR a.subject = 'bobs' THEN 'acknowledged' ELSE 'TR808' END, 'he acknowledges what he sees: ' || a.rule || ' ' || a.subject) FROM ops.alerts AS a WHERE a.state = 'open';
SELECT is(pg_temp.as('ale_ivy', 'SELECT (ops.acknowledge_alert(987654321)).state'), pg_temp.as('ale_ivy', format('SELECT (ops.acknowledge_alert(%s)).state', (SELECT max(alert_id) FROM ops.alerts))), 'what is not theirs is as what is not there');
SELECT is(pg_temp.as(l, s), '42501', l || ' may not: ' || s) FROM unnest('{ale_bob,ale_ivy,ale_dash}'::text[]) AS l, unnest(ARRAY['SELECT * FROM ops.evaluate_alerts()', 'SELECT * FROM ops.claim_notifications()', 'SELECT ops.note_delivery(gen_random_uuid())', 'SELECT ops.report_gauge(''x'', '''', 1)',
  'SELECT * FROM identity.claim_letters()', 'UPDATE ops.alerts SET state = ''resolved''', 'UPDATE ops.alert_rules SET enabled = false', 'INSERT INTO ops.alert_rules (owner, name, condition) VALUES (NULL, ''mine'', ''SELECT 1'')', 'DELETE FROM ops.notifications', 'UPDATE ops.alert_settings SET attempts = 1']) AS s;
SELECT is(pg_temp.as('ale_dash', $$SELECT ops.set_alert_rule('mine', 'SELECT 1')$$), '42501', 'a dashboard has no rules');
SELECT is(pg_temp.as('ale_bob', $$SELECT ops.set_alert_channel('inbox', 'in_app', is_for_house => true)$$), 'TR701', 'the house is heard by who serves it');
SELECT is(pg_temp.as('ale_bob', format('SELECT ops.%s', s)), c, s) FROM (VALUES ('enable_alert_rule(''house/server'', false)', 'TR802'), ('remove_alert_rule(session_user || ''/last'')', 'TR802'), ('remove_alert_channel(''desk'')', 'TR812'), ('test_alert_channel(''desk'')', 'TR812'), ('replay_notifications(''desk'')', 'TR812')) AS t (s, c);
SELECT is((ops.enable_alert_rule('ale_bob/own', false)).enabled, false, 'administrators turn off anybody''s');
SELECT is(pg_temp.as('ale_bob', $$SELECT string_agg(l.act, ', ') FROM ops.audit_log AS l$$), '42501', 'the audit is not his');
SELECT is((SELECT string_agg(DISTINCT l.act, ', ' ORDER BY l.act) FROM ops.audit_log AS l WHERE l.act ~ '^alert_'), 'alert_channel.added, alert_rule.added, alert_rule.changed, alert_rule.removed', 'and has rules and channels');
-- Bounds.
SET LOCAL SESSION AUTHORIZATION ale_bob;
SELECT count(ops.set_alert_channel('c' || n, 'in_app')) FROM generate_series(1, 19) AS n \g /dev/null
SELECT throws_ok($$SELECT ops.set_alert_channel('c20', 'in_app')$$, 'TR807', NULL, 'channels have a bound');
SELECT count(ops.set_alert_rule('r' || n, 'SELECT 1')) FROM generate_series(1, 499) AS n \g /dev/null
SELECT throws_ok($$SELECT ops.set_alert_rule('r500', 'SELECT 1')$$, 'TR807', NULL, 'and so have rules');
SELECT throws_ok($$SELECT count(ops.test_alert_channel('inbox')) FROM generate_series(1, 6)$$, 'TR807', NULL, 'and tests');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
