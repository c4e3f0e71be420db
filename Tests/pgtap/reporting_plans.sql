-- Filters of panels, as Grafana writes them, reach the indexes of the tables, under the row security of a dashboard.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio('p' || n, capital => 1000, at => '2023-12-31Z') FROM generate_series(1, 60) AS n \g /dev/null
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"fast": 3, "slow": 5}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('a', 'p' || n, 's', '{IBM}') FROM generate_series(1, 5) AS n \g /dev/null
CREATE TEMP TABLE made AS
SELECT p.portfolio_id, a.agent_id, market.instrument_id('IBM') AS instrument_id, n, timestamptz '2024-01-01Z' + n * interval '6 hours' AS at
  FROM trading.portfolios AS p JOIN strategy.agents AS a USING (portfolio_id) CROSS JOIN generate_series(1, 1400) AS n;
INSERT INTO trading.portfolio_snapshots SELECT m.portfolio_id, m.at, m.at, (m.at AT TIME ZONE 'UTC')::date, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0 FROM made AS m;
INSERT INTO trading.orders (portfolio_id, order_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, status, reason_code, reason, submitted_at, updated_at, closed_at)
SELECT m.portfolio_id, m.n, 'o' || m.n, m.instrument_id, m.agent_id, 'buy', 'limit', 'gtc', 1, 1, 'rejected', 'TR302', 'x', m.at, m.at, m.at FROM made AS m;
INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, at) SELECT m.portfolio_id, m.n, 1, 'new', 'rejected', 1, 0, m.at FROM made AS m;
INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, realised_pnl, broker, execution_id, at)
SELECT m.portfolio_id, m.n, m.n, m.instrument_id, 'buy', 1, 1, 1, 0, 0, 'paper', 'x' || m.n, m.at FROM made AS m;
INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, signal_no, at, action, client_order_id) SELECT m.portfolio_id, m.agent_id, m.instrument_id, m.n, m.at, 'buy', 'o' || m.n FROM made AS m;
INSERT INTO risk.breaches (portfolio_id, order_id, number, code, action, reason, at) SELECT m.portfolio_id, m.n, 1, 'TR302', 'reject', 'x', m.at FROM made AS m;
INSERT INTO ops.events (stream_xid, kind, portfolio_id, at) SELECT '1', 'order.rejected', m.portfolio_id, m.at FROM made AS m;
INSERT INTO market.candle_store SELECT m.at, 1, 1, 1, 1, 1, 1, m.at, m.at, 0, 0, 1, m.portfolio_id, 1 FROM made AS m;
ANALYZE;
-- A few rows of statistics are not the size of a house: what is asked is whether the index can be reached.
SET LOCAL enable_seqscan = off;
CREATE ROLE plan_panel LOGIN IN ROLE bourse_dashboard;
SELECT identity.share_portfolio('*', 'plan_panel', 'read') \g /dev/null

-- Conditions that indexes of a table are asked for, one line for each scan.
CREATE FUNCTION pg_temp.conditions(query text, relation regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  v_plan jsonb;
BEGIN
  SET LOCAL SESSION AUTHORIZATION plan_panel;
  EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO v_plan;
  RESET SESSION AUTHORIZATION;
  RETURN QUERY
    SELECT coalesce(n ->> 'Index Cond', 'none') FROM jsonb_path_query(v_plan, 'strict $.**') AS n
     WHERE jsonb_typeof(n) = 'object'
       AND (n ->> 'Index Name' IN (SELECT x.indexrelid::regclass::text FROM pg_index AS x WHERE x.indrelid = relation)
            OR n ->> 'Index Name' IN (SELECT c.relname FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid WHERE x.indrelid = relation)
            OR n ->> 'Node Type' = 'Seq Scan' AND n ->> 'Relation Name' = (SELECT c.relname FROM pg_class AS c WHERE c.oid = relation));
END $$;
CREATE TEMP TABLE tried (view text, relation regclass, wanted text);
INSERT INTO tried VALUES
  ('portfolio_value', 'trading.portfolio_snapshots', 'portfolio_id.*\mat >=.*\mat <='), ('profit_by_symbol', 'trading.fills', 'portfolio_id.*\mat >=.*\mat <='),
  ('breaches', 'risk.breaches', 'portfolio_id.*\mat >=.*\mat <='), ('orders_by_state', 'trading.orders', 'portfolio_id.*submitted_at >=.*submitted_at <='),
  ('rejects_by_code', 'trading.orders', 'portfolio_id.*submitted_at >=.*submitted_at <='), ('order_latency', 'trading.orders', 'portfolio_id.*submitted_at >=.*submitted_at <='),
  ('fill_quality', 'trading.fills', 'portfolio_id.*\mat >=.*\mat <='), ('signals', 'strategy.signals', 'portfolio_id.*\mat >=.*\mat <='), ('error_journal', 'ops.events', '\mat >=.*\mat <=');
SELECT ok(EXISTS (SELECT FROM pg_temp.conditions(format('SELECT * FROM reporting.%I AS v WHERE %s AND v.time BETWEEN ''2024-06-01T00:00:00Z'' AND ''2024-06-02T00:00:00Z''', t.view, f), t.relation) AS c WHERE c ~ t.wanted),
          t.view || ' where ' || f)
  FROM tried AS t CROSS JOIN unnest('{v.portfolio = ''p2'',"v.portfolio IN (''p2'', ''p3'')"}'::text[]) AS f;
-- What is looked up for each of these rows.
SELECT ok(EXISTS (SELECT FROM pg_temp.conditions($$SELECT * FROM reporting.order_latency WHERE portfolio = 'p2' AND time BETWEEN '2024-06-01T00:00:00Z' AND '2024-06-02T00:00:00Z'$$, t.relation) AS c WHERE c ~ t.wanted), 'order_latency looks up ' || t.relation)
  FROM (VALUES ('strategy.signals'::regclass, 'client_order_id ='), ('trading.order_events', 'order_id ='), ('trading.fills', 'order_id =')) AS t (relation, wanted);
SELECT ok(EXISTS (SELECT FROM pg_temp.conditions($$SELECT * FROM reporting.fill_quality WHERE portfolio = 'p2' AND time BETWEEN '2024-06-01T00:00:00Z' AND '2024-06-02T00:00:00Z'$$, 'strategy.signals') AS c WHERE c ~ 'client_order_id ='), 'fill_quality looks up signals');
SELECT set_eq($$SELECT c ~ 'portfolio_id.*day [<=]' FROM pg_temp.conditions($q$SELECT * FROM reporting.profit_by_day WHERE portfolio = 'p2' AND time BETWEEN '2024-06-01T00:00:00Z' AND '2024-06-02T00:00:00Z'$q$, 'trading.portfolio_snapshots') AS c WHERE c ~ 'day'$$,
  'VALUES (true)', 'profit_by_day looks up days');
SELECT is((SELECT count(*) FROM pg_temp.conditions($q$SELECT * FROM reporting.profit_by_day WHERE portfolio = 'p2'$q$, 'trading.portfolio_snapshots') AS c WHERE c ~ '\mday [<=]'), 2::bigint, 'the day''s last snapshot, and the last before');
SELECT ok(EXISTS (SELECT FROM pg_temp.conditions($$SELECT * FROM reporting.tick_rate WHERE time BETWEEN '2024-06-01T00:00:00Z' AND '2024-06-02T00:00:00Z'$$, 'market.candle_store') AS c WHERE c ~ 'bucket >=.*bucket <='), 'tick_rate by time');
-- Views without a time: the portfolio by its name.
SELECT ok(EXISTS (SELECT FROM pg_temp.conditions(format('SELECT * FROM reporting.%I AS v WHERE %s', v, f), 'trading.portfolios') AS c WHERE c ~ '\mname ='), v || ' where ' || f)
  FROM unnest('{exposure,correlation,limit_use,profit_by_agent,profit_by_strategy,feed_health,cursor_lag,unpriced_settlements}'::text[]) AS v CROSS JOIN unnest('{v.portfolio = ''p2'',"v.portfolio IN (''p2'', ''p3'')"}'::text[]) AS f;
-- Every view with such a column is tried here; blocked_portfolios and locks ask the server, not tables.
SELECT is_empty($$SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname IN ('time', 'portfolio')
                   WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v'
                     AND c.relname NOT IN ('exposure', 'correlation', 'limit_use', 'profit_by_agent', 'profit_by_strategy', 'profit_by_day', 'feed_health', 'cursor_lag', 'unpriced_settlements', 'tick_rate', 'blocked_portfolios')
                  EXCEPT SELECT t.view::name FROM tried AS t$$, 'no view is forgotten');

-- Over long spans the last snapshot of each step.
CREATE FUNCTION pg_temp.points(step interval) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM reporting.portfolio_values('{p2,p3}', '2024-01-01Z', '2024-12-31Z', $1) $$;
SELECT results_eq($$SELECT n."time", n.portfolio, n.equity FROM reporting.portfolio_values('{p2}', '2024-06-01Z', '2024-06-03Z', '1 day') AS n$$,
  $$VALUES (timestamptz '2024-06-01 18:00Z', 'p2', 1::float8), ('2024-06-02 18:00Z', 'p2', 1), ('2024-06-03 00:00Z', 'p2', 1)$$, 'the last of each step');
SELECT is(pg_temp.points('1 week'), 102::bigint, 'of each portfolio');
SELECT ok(pg_temp.points('-1 day') BETWEEN 2000 AND 2800 AND pg_temp.points(NULL) BETWEEN 1900 AND 2002, 'never more than 10,000 points, and without a step a thousand');

SELECT * FROM finish();
ROLLBACK;
