-- Whose the rows of each table are, asked of the catalogue: a table that nobody decided about, one without its policies,
-- a view that reads with its owner's rights, or a door that no list knows, fails here.
BEGIN;
SELECT no_plan();
CREATE TEMP VIEW tables AS
SELECT c.oid, c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_forced, c.relacl, k.key
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN identity.row_keys AS k ON k.relation_id = c.oid
 WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition;
CREATE TEMP VIEW groups AS
SELECT g FROM unnest('{bourse_admin,bourse_runner,bourse_trader,bourse_investor,bourse_analyst,bourse_dashboard,bourse_gateway}'::text[]) AS g;

-- Tables.
SELECT is_empty('SELECT name FROM tables WHERE key IS NULL', 'of every table it is said whose its rows are (identity.row_keys)');
SELECT is_empty('SELECT relation FROM identity.row_keys GROUP BY 1 HAVING count(*) > 1', 'once');
SELECT is_empty($$SELECT name FROM tables WHERE is_forced <> (key <> 'public')$$, 'row security is on and forced where rows are somebody''s');
SELECT is_empty($$SELECT t.name FROM tables AS t WHERE t.is_forced AND NOT EXISTS (
  SELECT FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE p.polrelid = t.oid AND p.polname = c.relname || '_owner' AND p.polroles = ARRAY[c.relowner] AND pg_get_expr(p.polqual, p.polrelid) = 'true' AND pg_get_expr(p.polwithcheck, p.polrelid) = 'true')$$,
  'the owner, with whose rights doors run, sees all');
SELECT is_empty($$SELECT t.name FROM tables AS t WHERE t.key NOT IN ('public', 'nobody', 'letter', 'staff')
  AND (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = t.oid AND p.polcmd IN ('r', '*')) <> 3$$, 'staff and those whose the rows are have a policy each');
SELECT is_empty($$SELECT p.polname, p.polrelid::regclass FROM pg_policy AS p WHERE p.polcmd NOT IN ('r', '*') AND p.polname <> 'orders_insert'$$, 'and nobody writes but orders');
SELECT is_empty($$SELECT t.name, p.polname FROM tables AS t JOIN pg_policy AS p ON p.polrelid = t.oid CROSS JOIN unnest(p.polroles) AS r (oid) WHERE r.oid = 0$$, 'no policy is for everybody');
SELECT is_empty($$SELECT t.name, p.polname FROM tables AS t JOIN pg_policy AS p ON p.polrelid = t.oid
  WHERE t.key <> 'public' AND p.polname !~ '_owner$' AND pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid) !~ 'SELECT (identity|ops)\.'$$, 'each asks who acts, once for a statement');
SELECT is_empty($$SELECT t.name, g.g FROM tables AS t, groups AS g WHERE t.key = 'nobody' AND has_any_column_privilege(g.g, t.oid, CASE g.g WHEN 'bourse_admin' THEN 'INSERT, UPDATE, REFERENCES' ELSE 'SELECT, INSERT, UPDATE, REFERENCES' END)
  UNION ALL SELECT t.name, 'PUBLIC' FROM tables AS t, aclexplode(t.relacl) AS a WHERE a.grantee = 0$$, 'what is nobody''s no group reads or writes, and nothing is granted to everybody');
-- Administrators dump it, and find it empty; the rest is in their dumps, with the sequences.
SELECT is_empty($$SELECT t.name, p.polname FROM tables AS t JOIN pg_policy AS p ON p.polrelid = t.oid JOIN pg_class AS c ON c.oid = t.oid WHERE t.key = 'nobody' AND p.polname <> c.relname || '_owner'$$, 'and no policy but the owner''s shows its rows');
SELECT is_empty($$SELECT t.name FROM tables AS t WHERE NOT has_table_privilege('bourse_admin', t.oid, 'SELECT')
  UNION ALL SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops') AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege('bourse_admin', c.oid, 'SELECT') END$$, 'administrators dump all');
-- What belongs to somebody by its columns is not public.
SELECT is_empty($$SELECT t.name, a.attname FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
  WHERE t.key = 'public' AND a.attname IN ('portfolio_id', 'owner', 'username', 'run_id', 'strategy_id', 'agent_id', 'model_id')$$, 'what has an owner, a portfolio or a run is not everybody''s');
SELECT is_empty($$SELECT t.name, a.attname, g.g FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid, groups AS g
  WHERE t.key = 'public' AND a.attname IN ('actor', 'set_by', 'created_by') AND has_column_privilege(g.g, t.oid, a.attname, 'SELECT') AND g.g NOT IN ('bourse_admin', 'bourse_runner')$$, 'nor what names people');
-- A partition has the policies of its table only for who asks the table.
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c JOIN pg_inherits AS i ON i.inhrelid = c.oid JOIN tables AS t ON t.oid = i.inhparent
  WHERE t.key <> 'public'$$, 'no table with owners is partitioned');
SELECT is_empty($$SELECT t.name, g.g, p.p FROM tables AS t, groups AS g, unnest('{UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (p)
  WHERE t.key NOT IN ('public', 'nobody') AND (t.key, g.g) <> ('staff', 'bourse_admin') AND has_table_privilege(g.g, t.oid, p.p)$$, 'nobody changes, empties, refers to or puts triggers on what is somebody''s');

-- Views and functions.
CREATE TEMP VIEW routines AS
SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND c.relkind IN ('v', 'm')
    AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}' AND (c.relkind = 'v' OR n.nspname <> 'market')
    AND c.oid::regclass::text !~ '^market\.history(_|$)'  -- continuous aggregates of TimescaleDB, of what is everybody's
$$, 'views read with the rights of whoever asks');
SELECT is_empty($$SELECT name FROM routines WHERE proleakproof$$, 'no function is called leakproof, and so runs before a policy');
-- Each door that a tenant may call asks for the right. Those below have nothing of anybody's: they are about who acts, or public.
SELECT is_empty($$
  SELECT r.name FROM routines AS r
   WHERE r.prosecdef AND r.prorettype <> 'trigger'::regtype
     AND EXISTS (SELECT FROM groups AS g WHERE g.g IN ('bourse_trader', 'bourse_investor', 'bourse_analyst', 'bourse_dashboard', 'bourse_gateway') AND has_function_privilege(g.g, r.oid, 'EXECUTE'))
     AND r.prosrc !~ 'trading\.portfolio_id\(|internal\.(find_optimization|find_alert_rule|find_alert_channel|find_portfolio|require_portfolios|find_agent|require_login|order_terms|scope_id|strategy_id|find_version|named_version|lookahead_runs|shared_portfolio_id|put_models|record_predictions|move_capital|replace_order)\(|ops\.actor\(\)|identity\.(own|readable|tradable)_portfolios|strategy\.set_agent_status|risk\.set_state|research\.backtest_specification|trading\.submit_order'
     AND r.proname NOT IN ('acting_user', 'actor_role', 'accept_token', 'login', 'refresh', 'logout', 'request_password_reset', 'reset_password', 'verify_email', 'scan', 'backtest_bars', 'backtest_ticks', 'backtest_past')$$,
  'each door of tenants asks who acts, or goes through one that does');
-- The rest takes identifiers at their word, and is for those who serve everybody.
SELECT is_empty($$
  SELECT r.name FROM routines AS r
   WHERE r.prosecdef AND r.proargnames && '{portfolio_ids,p_portfolio_ids,portfolio_id}' AND has_function_privilege('bourse_trader', r.oid, 'EXECUTE') AND r.prosrc !~ 'internal\.require_portfolios\('$$,
  'doors that take identifiers check them, or are for runners and administrators');
SELECT is_empty($$SELECT r.name FROM routines AS r WHERE r.prosecdef AND (has_function_privilege('bourse_investor', r.oid, 'EXECUTE') OR has_function_privilege('bourse_dashboard', r.oid, 'EXECUTE')) AND r.provolatile = 'v'
  AND r.proname NOT IN ('login', 'refresh', 'logout', 'accept_token', 'update_user', 'request_password_reset', 'reset_password', 'verify_email', 'change_password', 'revoke_session', 'create_api_key', 'revoke_api_key', 'begin_totp', 'enable_totp', 'disable_totp')
  AND NOT (r.proname ~ '_(alert|alert_rule|alert_channel|notifications)$' AND NOT has_function_privilege('bourse_dashboard', r.oid, 'EXECUTE'))$$, 'investors and dashboards change nothing but their own account, and investors alerts of their own');

-- The right of one who asks, by owner, share and time.
\ir setup/book.sql
CREATE ROLE rls_ann LOGIN IN ROLE bourse_trader;
CREATE ROLE rls_bob LOGIN IN ROLE bourse_trader;
CREATE ROLE rls_ivy LOGIN IN ROLE bourse_investor;
CREATE FUNCTION pg_temp.as(login text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_answer text;
BEGIN
  EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', login);
  BEGIN
    EXECUTE statement INTO v_answer;
  EXCEPTION WHEN OTHERS THEN
    v_answer := SQLSTATE;
  END;
  RESET SESSION AUTHORIZATION;
  RETURN v_answer;
END
$$;
SELECT is(pg_temp.as('rls_ann', $$SELECT (trading.create_portfolio('main', capital => 1000, at => '2024-01-01')).owner$$), 'rls_ann', 'a trader opens a portfolio, whatever others have called theirs');
SELECT is(pg_temp.as('rls_bob', $$SELECT (trading.create_portfolio('main', capital => 2000, at => '2024-01-01')).owner$$), 'rls_bob', 'and so does another');
SELECT is(pg_temp.as('rls_ann', $$SELECT (trading.create_portfolio('main')).owner$$), 'TR214', 'once each');
SELECT is(pg_temp.as('rls_ann', $$SELECT (trading.create_portfolio('live', broker => 'zerodha')).owner$$), 'TR701', 'at a broker an administrator opens it');
SELECT is(pg_temp.as('rls_ann', 'SELECT string_agg(s.owner || s.cash, '','') FROM trading.portfolio_summary AS s'), 'rls_ann1000', 'each sees theirs');
SELECT is(pg_temp.as('rls_ann', $$SELECT trading.portfolio_id('rls_bob/main')$$), 'TR211', 'and knows of no other');
SELECT is(pg_temp.as('rls_ann', $$SELECT trading.portfolio_id('rls_nobody/main')$$), 'TR211', 'as if there were none');
SELECT is(pg_temp.as('rls_ann', $$SELECT trading.portfolio_id('rls_ann/main') = trading.portfolio_id('main')$$), 'true', 'one''s own by both names');
SELECT is(pg_temp.as('rls_ann', $$SELECT (identity.share_portfolio('main', 'rls_ivy', 'read')).username$$), 'rls_ivy', 'it is shown to an investor');
SELECT is(pg_temp.as('rls_ivy', 'SELECT string_agg(s.owner || s.cash, '','') FROM trading.portfolio_summary AS s'), 'rls_ann1000', 'who sees it and no other');
SELECT is(pg_temp.as('rls_ivy', $$SELECT trading.portfolio_id('rls_ann/main') > 0$$), 'true', 'names it by its owner');
SELECT is(pg_temp.as('rls_ivy', $$SELECT trading.portfolio_id('main')$$), 'TR211', 'not without');
SELECT is(pg_temp.as('rls_ivy', $$SELECT trading.portfolio_id('rls_ann/main', 'trade')$$), 'TR701', 'and does not trade it');
SELECT is(pg_temp.as('rls_ivy', $$SELECT (trading.submit_order('rls_ann/main', 'IBM', 'buy', 1)).status$$), '42501', 'by no door');
SELECT is(pg_temp.as('rls_ivy', $$SELECT (identity.share_portfolio('rls_ann/main', 'rls_bob', 'read')).username$$), '42501', 'nor shows it on');
SELECT is(pg_temp.as('rls_ann', $$SELECT (identity.share_portfolio('main', 'rls_bob', 'read')).username$$), 'rls_bob', 'shown to a trader');
SELECT is(pg_temp.as('rls_bob', $$SELECT (trading.submit_order('rls_ann/main', 'IBM', 'buy', 1, 'limit', 10, at => '2024-01-08 15:00Z')).status$$), 'TR701', 'who may look');
SELECT is(pg_temp.as('rls_ann', $$SELECT (identity.share_portfolio('main', 'rls_bob', 'trade')).right$$), 'trade', 'and then trade');
SELECT is(pg_temp.as('rls_bob', $$SELECT concat_ws(' ', o.status, o.submitted_by) FROM trading.submit_order('rls_ann/main', 'IBM', 'buy', 1, 'limit', 10, at => '2024-01-08 15:00Z') AS o$$), 'accepted rls_bob', 'who does');
SELECT is(pg_temp.as('rls_bob', $$SELECT (identity.share_portfolio('rls_ann/main', 'rls_ivy', 'trade')).right$$), 'TR701', 'but does not show it on');
SELECT is(pg_temp.as('rls_bob', $$SELECT count(*) FROM trading.open_orders WHERE owner = 'rls_ann'$$), '1', 'and sees what is ordered');
SELECT is(pg_temp.as('rls_ann', $$SELECT identity.unshare_portfolio('main', 'rls_bob')$$), 'true', 'it is taken back');
SELECT is(pg_temp.as('rls_bob', $$SELECT (trading.submit_order('rls_ann/main', 'IBM', 'buy', 1)).status$$), 'TR211', 'and is unknown again');
UPDATE identity.shares SET until = statement_timestamp() - interval '1 second' WHERE username = 'rls_ivy';
SELECT is(pg_temp.as('rls_ivy', 'SELECT count(*) FROM trading.portfolio_summary'), '0', 'a share ends by its time');
SELECT is(pg_temp.as('rls_ann', $$SELECT (identity.share_portfolio('*', 'rls_ivy', 'read')).right$$), 'TR701', 'all portfolios an administrator shows');
SELECT identity.share_portfolio('*', 'rls_ivy', 'read') \g /dev/null
SELECT is(pg_temp.as('rls_ivy', 'SELECT count(*) FROM trading.portfolio_summary'), (SELECT count(*)::text FROM trading.portfolios), 'also those to come');
SELECT pg_temp.refuses(s, 'TR703', s) FROM unnest(ARRAY[$$SELECT identity.share_portfolio('*', 'rls_bob', 'trade')$$, $$SELECT identity.share_portfolio('main', 'x', 'own')$$, $$SELECT identity.share_portfolio('main', 'x', 'read', '2000-01-01')$$, $$SELECT identity.share_portfolio('main', session_user, 'read')$$, $$SELECT identity.share_portfolio('main', NULL, 'read')$$]) AS s;
-- Names among those who serve everybody.
CREATE ROLE rls_ron LOGIN IN ROLE bourse_runner;
SELECT is(pg_temp.as('rls_ron', $$SELECT trading.portfolio_id('main')$$), 'TR702', 'a name that several have is not clear to a runner');
SELECT is(pg_temp.as('rls_ron', $$SELECT trading.portfolio_id('rls_bob/main') > 0$$), 'true', 'with its owner it is');
SELECT is(pg_temp.as('rls_ron', 'SELECT count(*) FROM trading.portfolios'), (SELECT count(*)::text FROM trading.portfolios), 'who sees all');

-- What an administrator limits or halts, whom it concerns cannot undo; their own they can.
SELECT risk.set_limit('order_value', 100, 'portfolio', 'rls_ann/main', at => '2024-01-08'), risk.halt('portfolio', 'rls_bob/main', at => '2024-01-08') \g /dev/null
SELECT is(pg_temp.as(l, s), a, l || ': ' || s) FROM (VALUES
  ('rls_ann', $$SELECT (risk.set_limit('order_value', 1e6, 'portfolio', 'main')).bound$$, 'TR701'), ('rls_ann', $$SELECT (risk.set_limit('order_value', NULL, 'portfolio', 'main')).bound$$, 'TR701'),
  ('rls_ann', $$SELECT (risk.set_limit('order_value', 50, 'portfolio', 'main', action => 'warn', at => '2024-01-08')).bound::int$$, '50'), ('rls_ann', $$SELECT (risk.set_limit('order_value', NULL, 'portfolio', 'main', action => 'warn', at => '2024-01-08')).bound::int$$, '50'),
  ('rls_bob', $$SELECT (risk.resume('portfolio', 'main', at => '2024-01-08')).state$$, 'TR701'), ('rls_bob', $$SELECT (risk.set_state('active', 'portfolio', 'main', at => '2024-01-08')).state$$, 'TR701'), ('rls_bob', $$SELECT (risk.set_state('reducing', 'portfolio', 'main', at => '2024-01-08')).state$$, 'TR701'),
  ('rls_ann', $$SELECT (risk.halt('portfolio', 'main', at => '2024-01-08')).state$$, 'halted'), ('rls_ann', $$SELECT (risk.resume('portfolio', 'main', at => '2024-01-08')).state$$, 'halted'),
  ('rls_ann', $$SELECT (risk.halt('portfolio', 'rls_bob/main')).state$$, 'TR306'), ('rls_ann', $$SELECT (risk.halt('user', 'rls_bob')).state$$, 'TR306'), ('rls_ann', $$SELECT (risk.halt('user', 'rls_none')).state$$, 'TR306'), ('rls_ann', $$SELECT (risk.halt('user', 'rls_ann', at => '2024-01-08')).state$$, 'halted'),
  ('rls_ann', $$SELECT (risk.halt()).state$$, 'TR701'), ('rls_ann', $$SELECT (risk.halt('instrument', 'IBM')).state$$, 'TR701'), ('rls_ann', $$SELECT (risk.halt('strategy', 'momentum')).state$$, 'TR701'),
  ('rls_ann', $$SELECT string_agg(h.subject, ' ' ORDER BY h.subject) FROM risk.halts AS h WHERE h.resumed_at IS NULL$$, 'user:rls_ann')) AS x (l, s, a);
-- A stricter halt of one's own does not wash away the house's.
SELECT risk.set_state('reducing', 'portfolio', 'rls_ann/main', at => '2024-01-08') \g /dev/null
SELECT is(pg_temp.as('rls_ann', $$SELECT (risk.halt('portfolio', 'main', at => '2024-01-09')).by_house$$), 'true', 'what the house set stays the house''s');

-- Models and strategies: one's own, then the house's.
SELECT is(pg_temp.as(l, s), a, l || ': ' || s) FROM (VALUES
  ('rls_ann', $$SELECT (research.record_prediction('net', 'IBM', '2024-01-08', 1)).value$$, '1'), ('rls_bob', $$SELECT (research.record_prediction('net', 'IBM', '2024-01-08', 2)).value$$, '2'), ('rls_ann', $$SELECT count(*) FROM research.predictions$$, '1'),
  ('rls_ann', $$SELECT strategy.predictions_at(market.instrument_id('IBM'), '2024-01-08', '[{"model": "net", "maximum_age": "1 day"}]')$$, '{1}'),
  ('rls_ann', $$SELECT (strategy.create_strategy('secret', 'trend', '1 day', '{"fast": 3, "slow": 5}')).version$$, '1'), ('rls_bob', $$SELECT (strategy.create_agent('spy', 'main', 'secret', '{IBM}')).version$$, 'TR501'), ('rls_bob', $$SELECT (strategy.create_agent('spy', 'main', 'rls_ann/secret', '{IBM}')).version$$, 'TR501'),
  ('rls_bob', $$SELECT strategy.explain('rls_ann/secret')$$, 'TR501'), ('rls_bob', $$SELECT (strategy.create_strategy('secret', 'momentum', '1 day', '{"entry": "close > 1"}')).version$$, '1'), ('rls_bob', $$SELECT (strategy.create_agent('m', 'main', 'momentum', '{IBM}')).version$$, '1'),
  ('rls_bob', $$SELECT count(*) FROM strategy.strategies WHERE owner IS NULL$$, '8'), ('rls_bob', $$SELECT string_agg(s.owner || '/' || s.name, ' ') FROM strategy.strategies AS s$$, 'rls_bob/secret'), ('rls_bob', $$SELECT count(*) FROM strategy.strategy_versions JOIN strategy.strategies USING (strategy_id) WHERE owner = 'rls_ann'$$, '0'),
  ('rls_ann', $$SELECT (ops.add_consumer('reader')).owner$$, 'rls_ann'), ('rls_bob', $$SELECT (ops.add_consumer('reader')).owner$$, 'rls_bob'), ('rls_bob', $$SELECT count(*) FROM ops.consumers$$, '1'),
  ('rls_ann', $$SELECT count(*) FILTER (WHERE portfolio_id = trading.portfolio_id('main')) > 0 AND bool_and(portfolio_id = trading.portfolio_id('main') OR portfolio_id IS NULL AND actor = 'rls_ann') FROM ops.events$$, 'true'),
  ('rls_ann', 'SELECT count(*) FROM ops.check_invariants()', '0'), ('rls_bob', 'SELECT count(*) FROM ops.check_invariants(''main'')', '0')) AS x (l, s, a);
SELECT pg_temp.is_sound();

-- Policies keep index scans: among the rows of 1,000 others, a tenant's are found by their portfolios, a runner's by what is asked.
CREATE FUNCTION pg_temp.plan(statement text) RETURNS text LANGUAGE plpgsql AS $$DECLARE l text; a text := ''; BEGIN FOR l IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP a := a || l || ' '; END LOOP; RETURN a; END$$;
GRANT EXECUTE ON FUNCTION pg_temp.plan(text) TO PUBLIC;
INSERT INTO trading.lots (portfolio_id, instrument_id, fill_id, opened_at, quantity, cost) SELECT 10000 + g % 1000, 1, g, '2024-01-08', 1, 1 FROM generate_series(1, 50000) AS g;
INSERT INTO ops.events (stream_xid, kind, portfolio_id, at) SELECT g::text::xid8, 'a.b', 10000 + g % 1000, '2024-01-08' FROM generate_series(1, 50000) AS g;
ANALYZE trading.lots, ops.events;
SELECT matches(pg_temp.as(l, format('SELECT pg_temp.plan(%L)', s)), p, l || ': ' || s) FROM (VALUES
  ('rls_ann', 'SELECT * FROM trading.lots', 'Index Cond: \(portfolio_id = ANY \(\$'), ('rls_ann', 'SELECT * FROM trading.lots WHERE portfolio_id = 10007', 'Index Cond: .*portfolio_id = 10007'),
  ('rls_ron', 'SELECT * FROM trading.lots WHERE portfolio_id = 10007', 'Index Cond: \(portfolio_id = 10007\)'), ('rls_ron', 'SELECT * FROM ops.events WHERE (stream_xid, event_id) > (''49000'', 0) ORDER BY stream_xid, event_id LIMIT 10', 'Index Scan using events_pkey')) AS x (l, s, p);
SELECT * FROM finish();
ROLLBACK;
