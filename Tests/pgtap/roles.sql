-- Who may do what: a matrix of roles and actions, tried with SET ROLE. What is denied is denied with 42501 and nothing else.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT pg_temp.submit('open', 'buy', 1, 10), pg_temp.submit('held', 'buy', 10, 100), pg_temp.fill('held', 10, 100, 'held') \g /dev/null
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_strategy('w', 'trend', '1 day', '{"entry": "close > $level", "params": {"level": 1}}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (market.instrument_id('IBM'), '1 day', '2024-01-08 05:00Z', 1, 2, 1, 2, 10);
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM}') \g /dev/null
CREATE ROLE bourse_test_nobody;

-- 1 = allowed, 0 = denied, - = the door is open to others' names and scopes (TR701); the letters stand for nobody, analyst, trader, runner, admin.
CREATE TEMP TABLE matrix (natr text, statement text);
INSERT INTO matrix VALUES
  -- reading
  ('01111', 'SELECT * FROM trading.orders'), ('01111', 'SELECT * FROM trading.portfolio_summary'), ('01111', 'SELECT * FROM trading.position_pnl'), ('01111', 'SELECT * FROM ledger.transfers'),
  ('01111', 'SELECT * FROM trading.equity_curve, trading.daily_pnl, trading.order_history, trading.open_orders'), ('01111', 'SELECT * FROM market.ticks'), ('01111', 'SELECT * FROM strategy.agents'),
  ('01111', 'SELECT * FROM ops.check_invariants()'), ('01111', 'SELECT * FROM trading.get_portfolio_stats(''main'')'), ('01111', 'SELECT * FROM trading.calculate_position_pnl(''main'', ''IBM'')'), ('01111', 'SELECT * FROM trading.return_stats(''{}'', ''{}'') AS r, trading.trade_stats(''{}'') AS t, trading.daily_index(''main''), trading.portfolio_returns(''main''), trading.portfolio_drawdowns(''main'')'), ('01111', 'SELECT market.day_closes(''IBM'', ''{2024-01-08}''), trading.exposure(''{}'', ''{}'', ''{}''), trading.turnover_rate(1, ''{1}''), trading.expected_sharpe(2, 1), trading.probabilistic_sharpe(1, 2)'),
  ('01111', 'SELECT trading.check_available_funds(''main'', 1)'), ('01111', 'SELECT ops.fingerprint()'), ('01111', 'SELECT market.session_close(market.exchange_id(''US''), now())'),
  ('01111', 'SELECT * FROM market.bar_events(''1 day'', ''{1}'')'),
  -- trading
  ('00111', 'SELECT trading.submit_order(''main'', ''IBM'', ''buy'', 1, ''limit'', 10)'), ('00111', 'SELECT trading.cancel_order(''main'', client_order_id => ''open'')'),
  ('00111', 'SELECT trading.replace_order(''main'', client_order_id => ''open'', limit_price => 9)'), ('00111', 'SELECT trading.close_position(''main'', ''IBM'')'), ('00111', 'SELECT count(*) FROM trading.square_off(''main'')'),
  ('00111', 'SELECT trading.replace_orders(''{}'', ''{}'', ''{}'', ''{}'', ''{}'', ''{}'', ''{}'')'), ('00111', 'SELECT trading.submit_orders(''{1}'', ''{x}'', ''{1}'', ''{NULL}'', ''{buy}'', ''{market}'', ''{gtc}'', ''{1}'', ''{NULL}'', ''{NULL}'', ''{NULL}'', ''{now}'') WHERE false'),
  ('00111', 'INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity) SELECT p.portfolio_id, ''i'', i.instrument_id, ''buy'', 1 FROM trading.portfolios AS p, market.instruments AS i'),
  ('00111', 'SELECT trading.update_portfolio_value(''main'')'),
  ('00-11', 'SELECT risk.halt()'), ('00-11', 'SELECT risk.set_state(''reducing'')'), ('00-11', 'SELECT risk.emergency_exit()'), ('01111', 'SELECT risk.explain(''main'', ''IBM'', ''buy'', 1)'), ('01111', 'SELECT risk.explain(''main'', client_order_id => ''open'')'), ('00-11', 'SELECT risk.set_limit(''order_value'', 1)'),
  ('00-11', 'SELECT risk.set_protection(''cooldown'', ''1 hour'')'), ('00111', 'SELECT risk.halt(''agent'', ''a'')'), ('00111', 'SELECT risk.set_limit(''order_value'', 1, ''portfolio'', ''main'')'), ('00-11', 'SELECT trading.create_portfolio(''new'', broker => ''zerodha'')'), ('00-11', 'SELECT trading.create_portfolio(''new'', owner => ''somebody'')'), ('00101', 'SELECT identity.share_portfolio(''main'', ''somebody'', ''read'')'), ('00101', 'SELECT identity.unshare_portfolio(''main'', ''somebody'')'), ('01111', 'SELECT * FROM identity.shares, identity.row_keys'), ('00000', 'INSERT INTO identity.shares DEFAULT VALUES'), ('00111', 'SELECT strategy.start_agent(''main'', ''a'')'), ('00111', 'SELECT strategy.stop_agent(''main'', ''a'')'),
  ('00111', 'SELECT ops.add_consumer(''c'')'), ('00011', 'SELECT ops.begin_epoch()'), ('01111', 'SELECT ops.journal_end()'), ('01111', 'SELECT * FROM ops.current_epoch'), ('00000', 'DELETE FROM ops.epochs'),
  -- running and owning
  ('00011', 'SELECT trading.record_fill(''main'', 1, 10, ''x'', client_order_id => ''open'')'), ('00011', 'SELECT trading.expire_orders(''main'')'), ('00011', 'SELECT trading.record_snapshots(ARRAY[trading.portfolio_id(''main'')], now())'),
  ('00111', 'SELECT ledger.deposit(''main'', 1)'), ('00111', 'SELECT ledger.withdraw(''main'', 1)'), ('00111', 'SELECT trading.create_portfolio(''new'')'), ('00-11', 'SELECT risk.set_limit(''order_value'', 1)'),
  ('00011', 'SELECT market.add_instrument(''NEW'')'), ('00011', 'SELECT market.add_split(''IBM'', ''2024-01-09'', 2)'), ('00011', 'SELECT market.add_bonus(''IBM'', ''2024-01-10'', 1)'), ('00111', 'SELECT strategy.create_strategy(''t'', ''trend'', ''1 day'', ''{}'')'),
  ('00011', 'SELECT strategy.record_check(''s'', 1, ''checked'')'), ('00111', 'SELECT research.record_prediction(''net'', ''IBM'', ''2024-01-08'', 1)'), ('01111', 'SELECT * FROM research.predictions, research.models, strategy.unchecked_versions'), ('01111', 'SELECT * FROM research.backtests, research.backtest_orders, research.backtest_fills, research.backtest_trades, research.backtest_lots, research.backtest_equity, research.backtest_curves'), ('01111', 'SELECT * FROM research.optimizations, research.optimization_windows, research.trials, research.progress'), ('01111', 'SELECT research.optimize(''w'', ''{IBM}'', ''2024-01-08'', ''2024-01-10'', ''{"level": [1]}'')'), ('01111', 'SELECT * FROM research.backtest_bars(''{}'')'), ('01111', 'SELECT * FROM strategy.agent_performance, strategy.agent_trades, strategy.agent_positions, strategy.agent_daily_profit'), ('01111', 'SELECT * FROM strategy.agent_fills(''main'', ''a'')'), ('01111', 'SELECT * FROM strategy.why(''main'', ''open'') AS a, strategy.why(''main'', 1) AS b, strategy.signal_history'), ('00111', 'SELECT strategy.stop_agent(''main'', ''a'', flatten => true)'),
  ('00111', 'SELECT strategy.create_agent(''b'', ''main'', ''s'', ''{IBM}'')'), ('00011', 'SELECT market.ensure_tick_partitions(''2024-01-08'', ''2024-01-08'')'),
  ('00011', 'INSERT INTO market.ticks (ts, price, size, instrument_id, seq) VALUES (now(), 1, 1, 1, 0)'),
  ('00011', 'SELECT market.upsert_quotes(ARRAY[market.instrument_id(''IBM'')], ''{2030-01-01}'', ''{1}'', ''{NULL}'')'), ('00001', 'INSERT INTO trading.fee_schedules (name) VALUES (''new'')'), ('00001', 'INSERT INTO trading.fee_plans (name, fee_schedule) VALUES (''new'', ''free'')'),
  ('00001', 'INSERT INTO market.holidays SELECT exchange_id, ''2024-01-08'', ''x'' FROM market.exchanges'), ('00011', 'SELECT market.add_holiday(''US'', ''2024-01-08'', ''x''), market.remove_holiday(''US'', ''2024-01-08'')'),
  -- nobody but the owner: the books are written by procedures alone
  ('00000', 'UPDATE trading.orders SET status = ''cancelled'' WHERE client_order_id = ''open'''), ('00000', 'UPDATE trading.orders SET quantity = 2'), ('00000', 'UPDATE trading.orders SET filled_quantity = 1'), ('00000', 'DELETE FROM trading.orders'), ('00000', 'INSERT INTO trading.fills DEFAULT VALUES'),
  ('00000', 'UPDATE trading.fills SET price = 1'), ('00000', 'INSERT INTO ledger.transfers DEFAULT VALUES'), ('00000', 'UPDATE ledger.balances SET credits_posted = 1e9'), ('00000', 'DELETE FROM ledger.holds'),
  ('00000', 'UPDATE ledger.portfolio_clocks SET next_order_id = 1'), ('00000', 'UPDATE trading.positions SET quantity = 100'), ('00000', 'INSERT INTO trading.portfolios DEFAULT VALUES'), ('00000', 'UPDATE trading.portfolio_values SET cash = 1'),
  ('00000', 'DELETE FROM risk.halts'), ('00000', 'DELETE FROM risk.locks'), ('00000', 'DELETE FROM risk.protections'), ('00000', 'UPDATE risk.period_marks SET profit = 0'), ('00000', 'UPDATE risk.limits SET bound = 1'), ('00000', 'INSERT INTO risk.breaches DEFAULT VALUES'), ('00000', 'INSERT INTO ops.events DEFAULT VALUES'), ('00000', 'DELETE FROM ops.events'),
  ('00000', 'INSERT INTO research.optimizations DEFAULT VALUES'), ('00000', 'UPDATE research.trials SET objective = 1'), ('00000', 'DELETE FROM research.optimization_windows'),
  ('00000', 'UPDATE strategy.agents SET status = ''running'''), ('00000', 'TRUNCATE trading.orders CASCADE'), ('00000', 'DELETE FROM market.ticks'), ('00000', 'INSERT INTO trading.order_transitions VALUES (''filled'', ''accepted'')'),
  ('00000', 'CREATE TABLE trading.mine ()'), ('00000', 'CREATE FUNCTION ledger.mine() RETURNS int LANGUAGE sql AS ''SELECT 1'''), ('00000', 'ALTER TABLE trading.orders DISABLE TRIGGER ALL'), ('00000', 'SET session_replication_role = replica');
SELECT is((SELECT string_agg(CASE pg_temp.outcome(r.role_name, m.statement) WHEN '00000' THEN '1' WHEN '42501' THEN '0' WHEN 'TR701' THEN '-' ELSE pg_temp.outcome(r.role_name, m.statement) END, '' ORDER BY r.i)
             FROM unnest(ARRAY['bourse_test_nobody', 'bourse_analyst', 'bourse_trader', 'bourse_runner', 'bourse_admin']) WITH ORDINALITY AS r (role_name, i)), m.natr, left(m.statement, 100))
  FROM matrix AS m;

-- A trader cannot borrow the engine's rights; doors.sql tries the rest.
SELECT is(pg_temp.outcome('bourse_trader', $$
  CREATE TEMP TABLE portfolios (portfolio_id int, name text); CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT 1/0'; SET search_path = pg_temp, public; SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 10)$$),
  '00000', 'objects of one''s own do not stand before the engine''s');
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname ~ '^bourse_' AND (rolsuper OR rolcanlogin OR rolbypassrls OR rolcreaterole OR rolcreatedb)$$, 'no role of the engine has rights over the server, nor logs in');
SELECT is_empty($$SELECT nspname FROM pg_namespace WHERE nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND (has_schema_privilege('bourse_test_nobody', nspname, 'USAGE') OR has_schema_privilege('bourse_admin', nspname, 'CREATE'))$$,
  'the schemas are closed to everybody else, and nobody creates in them');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
