-- What the groups may do is in identity.grants, all of it and nothing else, and each installation sees to that.
BEGIN;
SELECT no_plan();
SELECT is_empty('SELECT * FROM internal.grant_differences()', 'the catalogue is what the rows say');
SELECT cmp_ok((SELECT count(*) FROM identity.grants), '>', 100::bigint, 'of many objects');

-- What somebody has granted or revoked by hand is found, and an installation mends it.
CREATE TABLE market.mine (a int, b int);
GRANT SELECT ON ops.audit_log TO bourse_trader;
GRANT UPDATE (status) ON trading.orders TO bourse_trader;
GRANT EXECUTE ON FUNCTION trading.record_fills TO bourse_investor;
GRANT ALL ON SCHEMA internal TO bourse_analyst;
GRANT INSERT ON trading.orders TO bourse_trader;
REVOKE EXECUTE ON FUNCTION risk.halt FROM bourse_trader;
REVOKE USAGE ON SCHEMA market FROM bourse_dashboard;
SELECT set_eq($$SELECT * FROM internal.grant_differences()$$, $$VALUES
  ('TABLE ops.audit_log', 'SELECT', 'bourse_trader', false), ('TABLE trading.orders', 'UPDATE (status)', 'bourse_trader', false),
  ('ROUTINE ' || (SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.oid = 'trading.record_fills'::regproc), 'EXECUTE', 'bourse_investor', false),
  ('SCHEMA internal', 'USAGE', 'bourse_analyst', false), ('SCHEMA internal', 'CREATE', 'bourse_analyst', false), ('TABLE trading.orders', 'INSERT', 'bourse_trader', false),
  ('ROUTINE ' || (SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.oid = 'risk.halt'::regproc), 'EXECUTE', 'bourse_trader', true), ('SCHEMA market', 'USAGE', 'bourse_dashboard', true),
  ('TABLE market.mine', 'SELECT', 'bourse_admin', true), ('TABLE market.mine', 'SELECT', 'bourse_runner', true), ('TABLE market.mine', 'SELECT', 'bourse_trader', true), ('TABLE market.mine', 'SELECT', 'bourse_analyst', true),
  ('TABLE market.mine', 'SELECT', 'bourse_investor', true), ('TABLE market.mine', 'SELECT', 'bourse_dashboard', true)$$, 'each difference is named');
SELECT market.ensure_tick_partitions('2024-01-08', '2024-01-08') \g /dev/null
\ir ../../sql/grants.sql
SELECT is_empty('SELECT * FROM internal.grant_differences()', 'and gone after an installation');
SELECT ok(has_table_privilege('bourse_runner', 'market.quote_ticks_20240108', 'INSERT') AND has_table_privilege('bourse_admin', 'market.quote_ticks_20240108', 'SELECT'), 'what may be done with a table may be done with its days');
SELECT ok(has_column_privilege('bourse_trader', 'trading.orders', 'quantity', 'INSERT') AND NOT has_table_privilege('bourse_trader', 'trading.orders', 'INSERT'), 'columns keep what is theirs when their table loses it');

-- The rows say what they mean.
SELECT is_empty($$SELECT g.kind, g.object FROM identity.grants AS g
                   WHERE NOT CASE g.kind WHEN 'schema' THEN to_regnamespace(g.object) IS NOT NULL
                                         WHEN 'table' THEN g.object ~ '\.\*$' OR to_regclass(g.object) IS NOT NULL
                                         ELSE g.object ~ '\.\*$' OR EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace::regnamespace || '.' || p.proname = g.object) END$$,
                'every object that is named is there');
SELECT is_empty($$SELECT g.object, r FROM identity.grants AS g, unnest(g.roles) AS r WHERE to_regrole('bourse_' || r) IS NULL$$, 'and so is every role');
SELECT is_empty($$SELECT g.object, c FROM identity.grants AS g, unnest(g.columns) AS c
                   WHERE NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = to_regclass(g.object) AND a.attname = c AND NOT a.attisdropped)$$, 'and every column');
SELECT is_empty($$SELECT g.* FROM identity.grants AS g WHERE g.object ~ '\.\*$' AND g.privilege <> 'SELECT' AND NOT g.roles <@ '{admin,runner}'$$, 'what a new object lets others than staff do is said of the object');
SELECT is_empty($$SELECT g.* FROM identity.grants AS g WHERE g.object ~ '^(internal|archive)'$$, 'nobody is let into the schemas of the owner');
SELECT is_empty($$SELECT g.* FROM identity.grants AS g WHERE 'gateway' = ANY (g.roles) AND g.object NOT IN ('identity', 'identity.login', 'identity.refresh', 'identity.logout', 'identity.use_token', 'identity.accept_token', 'identity.request_password_reset', 'identity.reset_password', 'identity.verify_email')$$, 'a gateway does nothing by itself');
SELECT is_empty($$SELECT g.* FROM identity.grants AS g WHERE g.roles && '{investor,dashboard,analyst}' AND g.privilege IN ('INSERT', 'UPDATE', 'DELETE')$$, 'who reads writes no table');
SELECT * FROM finish();
ROLLBACK;
