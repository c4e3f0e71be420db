-- Every function that people or programs call, with every argument in turn replaced by NULL, NaN, infinite, huge, empty and malicious
-- values: it works, or fails with a code of the engine (TR), and the books stay sound. What else may come is listed below.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT pg_temp.submit('open', 'buy', 4, 10), pg_temp.submit('held', 'buy', 10, 100), pg_temp.fill('held', 10, 100, 'held'), pg_temp.submit('sell', 'sell', 3, 200) \g /dev/null
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'main';
SELECT pg_temp.submit('waiting', 'buy', 1, 10) \g /dev/null
UPDATE trading.portfolios SET requires_approval = false WHERE name = 'main';
SELECT ledger.hold('main', 5, at => '2024-01-08', reference => 'held'), ledger.deposit('main', 5, at => '2024-01-08', reference => 'gift'), ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01') \g /dev/null
-- With the extension, where it can be installed: then rules are parsed and previewed, too.
SELECT count(*) > 0 AS has_extension FROM pg_available_extension_versions WHERE name = 'bourse' AND version = '1.2' \gset
\if :has_extension
CREATE EXTENSION bourse;
\endif
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"entry": "close > 0"}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM}') \g /dev/null
SELECT strategy.create_agent('b', 'main', 's', '{IBM}') \g /dev/null
SELECT strategy.start_agent('main', 'b') \g /dev/null
SELECT strategy.create_agent('h', 'main', 's', '{IBM}', kind => 'hybrid'), strategy.start_agent('main', 'h'), strategy.record_signal('h', 'IBM', 'buy', at => '2024-01-08') \g /dev/null
INSERT INTO risk.locks (portfolio_id, code, reason, locked_at, expires_at) SELECT trading.portfolio_id('main'), 'TR325', 'test', '2024-01-01', '2024-01-02';
SELECT market.add_alias('paper', '8314', 'IBM') \g /dev/null
SELECT ops.add_consumer('reader'), market.add_split('IBM', '2024-01-09', 2), market.add_dividend('IBM', 0.5, '2024-01-08'), ops.start_runner('r', 'h', 1, 'v', 'f', ARRAY[trading.portfolio_id('main')]) \g /dev/null

INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (market.instrument_id('IBM'), '1 day', '2024-01-08 05:00Z', 1, 2, 1, 2, 10);
CREATE FUNCTION pg_temp.report() RETURNS jsonb LANGUAGE sql AS $$SELECT '{"series": [{"candles": 1}], "predictions": []}'::jsonb$$;
CREATE FUNCTION pg_temp.specification() RETURNS jsonb LANGUAGE sql AS $$SELECT research.backtest_specification('s', '{IBM}', '2024-01-08', '2024-01-10', 100, '{}', pg_temp.report())$$;
CREATE FUNCTION pg_temp.result() RETURNS jsonb LANGUAGE sql
AS $$SELECT '{"engine": "1", "fingerprint": "0123456789abcdef", "events": 1, "final_equity": "1", "final_cash": "1", "fees": "0", "income": "0", "orders": {"count": 0, "status": "{}"}, "fills": {"count": 0}, "trades": {"count": 0}, "days": {"count": 0}, "curve": {"count": 0, "times": "{}", "equity": "{}"}}'::jsonb$$;
SELECT research.record_backtest(pg_temp.specification(), pg_temp.result()) \g /dev/null
SELECT strategy.create_strategy('p', 'trend', '1 day', '{"entry": "close > $level", "params": {"level": 0}}') \g /dev/null
SELECT research.optimize('p', '{IBM}', '2024-01-08', '2024-01-10', '{"level": [1, 2]}', walk_forward => '{"train": "1 day", "test": "1 day"}') AS optimization \gset

-- Arguments that work, by name; some functions need others.
CREATE TEMP TABLE arguments (function text, name text, value text);
INSERT INTO arguments (name, value) VALUES
  ('portfolio', '''main'''), ('portfolios', '''{main}'''), ('portfolio_id', 'trading.portfolio_id(''main'')'), ('portfolio_ids', 'ARRAY[trading.portfolio_id(''main'')]'), ('symbol', '''IBM'''), ('symbols', '''{IBM}'''), ('name', '''new'''),
  ('currency', '''USD'''), ('amount', '1.5'), ('reference', '''wire'''), ('at', '''2024-01-08 16:00Z'''), ('side', '''buy'''), ('type', '''limit'''), ('quantity', '2'), ('limit_price', '11'), ('stop_price', 'NULL'),
  ('time_in_force', '''gtc'''), ('expires_at', 'NULL'), ('product', '''delivery'''), ('client_order_id', '''open'''), ('agent', '''a'''), ('order_id', 'NULL'), ('order_ids', '''{1}'''), ('reason', '''because'''),
  ('new_client_order_id', '''next'''), ('execution_id', '''x-1'''), ('price', '10'), ('fee', '0.5'), ('broker', '''paper'''), ('quantities', '''{1}'''), ('prices', '''{10}'''), ('execution_ids', '''{x-2}'''),
  ('times', '''{2024-01-08 16:00Z}'''), ('statuses', '''{cancelled}'''), ('codes', '''{TR216}'''), ('reasons', '''{because}'''), ('client_order_ids', '''{batch}'''),
  ('instrument_ids', 'ARRAY[market.instrument_id(''IBM'')]'), ('instrument_id', 'market.instrument_id(''IBM'')'), ('agent_ids', 'ARRAY[(SELECT min(agent_id) FROM strategy.agents)]'), ('agent_id', '(SELECT min(agent_id) FROM strategy.agents)'),
  ('sides', '''{buy}'''), ('types', '''{limit}'''), ('times_in_force', '''{gtc}'''), ('limit_prices', '''{10}'''), ('stop_prices', '''{NULL}'''), ('expiries', '''{NULL}'''), ('action_id', '(SELECT action_id FROM market.corporate_actions WHERE kind = ''split'')'),
  ('capital', '100'), ('fee_schedule', '''free'''), ('slippage_bps', '1'), ('snapshot_interval', '''1 day'''), ('from_time', '''2024-01-01'''), ('until_time', '''2025-01-01'''), ('schedule', '''us_equity'''), ('value', '100'), ('maker_value', '0'), ('sizing', '''{"method":"fixed_value","value":50}'''), ('average_true_range', '1'), ('deviation', '1'),
  ('code', '''US'''), ('time_zone', '''UTC'''), ('opens', '''9:00'''), ('closes', '''17:00'''), ('weekdays', '''{1}'''), ('exchange', '''US'''), ('kind', '''equity'''), ('tick_size', '0.01'), ('lot_size', '1'),
  ('multiplier', '1'), ('sector', 'NULL'), ('expires_on', 'NULL'), ('ex_date', '''2024-02-01'''), ('numerator', '3'), ('denominator', '1'), ('new_shares', '1'), ('held', '1'), ('resolution', '''1 day'''), ('exchange_id', 'market.exchange_id(''US'')'),
  ('day', '''2024-01-08'''), ('from_day', '''2024-01-08'''), ('until_day', '''2024-01-08'''), ('last_prices', '''{101}'''), ('last_sizes', '''{1}'''), ('scope', '''portfolio'''), ('target', '''main'''), ('metric', '''order_value'''), ('action', '''reject'''), ('period', 'NULL'), ('pause', '''1 hour'''), ('per', '''instrument'''), ('trades', '1'), ('least_profit', 'NULL'), ('lock_id', '(SELECT max(lock_id) FROM risk.locks)'),
  ('bound', '1000000'), ('strategy', '''s'''), ('rule', '''close > 0'''), ('version', 'NULL'), ('timeframe', '''1 day'''), ('parameters', '''{"entry": "close > 1"}'''), ('description', 'NULL'), ('kinds', '''{entry}'''), ('strengths', '''{1}'''), ('signal_nos', '''{1}'''), ('actions', '''{exit}'''), ('operands', 'ARRAY[''{"close": 1}''::jsonb]'),
  ('params', '''{}'''), ('capital_per_trade', '1000'), ('maximum_positions', '1'), ('schedule_days', '''{1}'''), ('schedule_from', '''09:30'''), ('schedule_until', '''16:00'''), ('confidence', '0.5'), ('note', '''because'''), ('key', '''k'''),
  ('explanation', '''in words'''), ('flatten', 'true'), ('normalized', '''{}'''), ('models', '''{net}'''), ('model', '''net'''), ('values', '''{1}'''), ('confidences', '''{0.5}'''), ('external_signal_ids', 'ARRAY[(SELECT min(external_signal_id) FROM strategy.external_signals)]'),
  ('state', '''{1,2}'''), ('status', '''running'''), ('error', 'NULL'), ('consumer', '''reader'''), ('from_start', 'true'), ('force', 'true'), ('stream_xid', '''1'''), ('event_id', '1'), ('max_events', '10'), ('max_days', '1'), ('longer_than', '''2 seconds'''), ('feed', '''f'''),
  ('position', '5'), ('is_finished', 'false'), ('host', '''h'''), ('process_id', '1'), ('runner_id', '(SELECT runner_id FROM ops.runners)'), ('is_stopping', 'false'), ('sequence', '0'), ('acknowledge', 'true'),
  ('ended_only', 'false'), ('fill_id', 'NULL'), ('new_execution_id', '''x-3'''), ('account_type', '''margin'''), ('requires_approval', 'false'), ('participation_percent', '10'), ('take_profits', '''{12}'''), ('take_profit_quantities', '''{2}'''), ('stop_loss', '9'), ('stop_loss_limit', 'NULL'),
  ('exit_time_in_force', '''gtc'''), ('stop_limit_price', 'NULL'), ('broker_order_id', '''b-1'''), ('trail_amount', 'NULL'), ('trail_percent', 'NULL'), ('reduce_only', 'false'), ('post_only', 'false'), ('parent_order_id', 'NULL'), ('oco_group_id', 'NULL'), ('oco_leg', 'NULL'), ('oco_legs', '''{NULL}'''), ('leaves_quantities', '''{1}'''),
  ('liquidity', '''maker'''), ('liquidities', '''{maker}'''), ('underlying', 'NULL'), ('strike', 'NULL'), ('option_right', 'NULL'), ('initial_margin', '0.5'), ('maintenance_margin', '0.25'), ('is_shortable', 'false'), ('new_symbol', '''BIM'''), ('after', '''2024-01-01'''),
  ('from_currency', '''USD'''), ('to_currency', '''EUR'''), ('rate', '1.25'), ('in_currency', '''USD'''), ('base_index', '1.5'), ('base_equity', '100'), ('equity', '110'), ('transfer_id', '(SELECT t.transfer_id FROM ledger.transfers AS t WHERE t.reference = ''held'')');
INSERT INTO arguments (name, value) VALUES
  ('days', '''{2024-01-02,2024-01-08}'''), ('benchmark', '''IBM'''), ('periods_per_year', '252'), ('risk_free', '0.05'), ('trials', '5'), ('trials_deviation', '0.5'), ('pnl', '''{1,-2}'''), ('opened_at', '''{2024-01-02,2024-01-03}'''), ('closed_at', '''{2024-01-03,2024-01-04}'''), ('mae', '''{-1,-3}'''), ('mfe', '''{2,1}'''),
  ('opened_days', '''{2024-01-02}'''), ('closed_days', '''{2024-01-03}'''), ('traded', '100'), ('sharpe', '1'), ('periods', '100'), ('skew', '-0.5'), ('kurtosis', '3'), ('threshold', '0'),
  ('max_rows', '100'), ('heads', '''[]'''), ('connection_id', '''00000000-0000-0000-0000-000000000009'''), ('url', '''https://broker.example'''), ('key_id', '''0123456789abcdef'''), ('to_rotate', 'true'), ('connection_ids', '''{}'''),
  ('ts', '''2024-01-08 15:00Z'''), ('minutes', '60'), ('is_complete', 'true'),
  ('terms', '''[{"symbol": "OTHER", "exchange": "US"}]'''), ('alias', '''8314'''), ('query', '''ib'''), ('max_results', '5'), ('active_only', 'true'), ('adjusted', 'true'), ('from', '''2024-01-08'''), ('until', '''2024-01-10'''),
  ('received', '''{2024-01-08 16:00Z}'''), ('seqs', '''{7}'''), ('venues', '''{X}'''), ('sizes', '''{1}'''), ('sale_conditions', '''{@}'''), ('suspicious', '''{f}'''), ('bids', '''{9}'''), ('asks', '''{11}'''), ('bid_sizes', '''{1}'''), ('ask_sizes', '''{1}''');
INSERT INTO arguments (name, value) VALUES
  ('settings', '''{}'''), ('report', 'pg_temp.report()'), ('specification', 'pg_temp.specification()'), ('duration', '''1 second'''), ('owner', 'NULL'), ('right', '''read'''),
  ('result', 'pg_temp.result()'), ('results', '''[]'''), ('slippage_ticks', '1'), ('impact_bps', '5'), ('latency', '''1 second'''), ('run', '(SELECT min(run_id) FROM research.backtests)'), ('long_term', '''1 year'''), ('series', '''{1,2}'''), ('width', '5');
INSERT INTO arguments (name, value) VALUES
  ('returns', '''{0.1,-0.1,0.2,0.1}'''), ('resamples', '5'), ('method', '''stationary'''), ('block', '2'), ('seed', '1'), ('points', '2'), ('ruin', '0.5'), ('runs', '(SELECT ARRAY[min(run_id), min(run_id)] FROM research.backtests)'), ('first', '''{1}'''), ('candles', '''{3}'''), ('bars', '''{1}'''),
  ('amounts', '''{100}'''), ('fees', '''{1}'''), ('objective', '''{1}'''), ('place', '1'), ('blocks', '2');
-- An optimization that has run.
WITH o AS (INSERT INTO research.optimizations (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters, method, objective, seed, trials, data_fingerprint)
  SELECT s.strategy_id, 1, '{US:IBM}', ARRAY[market.instrument_id('IBM')], '2024-01-08', '2024-01-10', 1001, 'USD', '{}', '{}', 'grid', 'sharpe', 1, 2, '0123456789abcdef' FROM strategy.strategies AS s WHERE s.name = 's' RETURNING optimization_id),
  w AS (INSERT INTO research.optimization_windows (optimization_id, window_no, from_time, until_time, chosen_trial) SELECT o.optimization_id, 1, '2024-01-08', '2024-01-10', 1 FROM o)
INSERT INTO research.trials (optimization_id, trial, window_no, params, status, objective, days, returns, trades) SELECT o.optimization_id, t, 1, jsonb_build_object('fast', t), 'done', t, '{2024-01-08,2024-01-09,2024-01-10,2024-01-11}', ARRAY[0.1 * t, -0.1, 0.2, 0.1], 5 FROM o, generate_series(1, 2) AS t;
INSERT INTO arguments (name, value) VALUES ('x', 'NULL'), ('y', 'NULL');
INSERT INTO arguments (function, name, value) SELECT f, 'optimization', '(SELECT o.optimization_id FROM research.optimizations AS o WHERE o.capital = 1001)' FROM unnest('{verdict,optimization_record,parameter_grid}'::text[]) AS f;
INSERT INTO arguments (function, name, value) VALUES ('random_bits', 'key', '1'), ('random_entries', 'closes', '''{1,2,3}'''), ('resample_trades', 'method', '''shuffle'''), ('overfitting', 'returns', '''{{1,2,3,4},{2,1,3,4}}'''), ('parameter_stability', 'params', 'ARRAY[''{"fast": 1}''::jsonb]'), ('parameter_effects', 'params', 'ARRAY[''{"fast": 1}''::jsonb]');
INSERT INTO arguments (name, value) VALUES ('optimization', :'optimization'), ('most', '1'), ('constraints', '''{level > 0}'''), ('walk_forward', 'NULL'), ('reports', 'ARRAY[pg_temp.report()]');
SELECT identity.put_connection('00000000-0000-0000-0000-000000000008', 'kept', 'paper', 'https://broker.example', '0123456789abcdef', decode(repeat('ab', 40), 'hex'), '{}') \g /dev/null
-- Logins cost a fifth of a second each by design, so that the name is locked here; logins.sql tries them.
INSERT INTO identity.login_failures VALUES ('', 0, now(), 'infinity'), ('ann', 0, now(), 'infinity'), ('none', 0, now(), 'infinity');
SELECT identity.create_user('ann', NULL, 'correct horse') \g /dev/null
INSERT INTO arguments (name, value) VALUES
  ('username', '''ann'''), ('email', '''ann@example.com'''), ('password', '''correct horse'''), ('role', '''trader'''), ('tier', '''free'''), ('profile', '''{}'''), ('disabled', 'false'), ('totp', '''123456'''), ('refresh_token', '''none'''), ('revoke', 'false'),
  ('old_password', '''correct horse'''), ('new_password', '''battery staple'''), ('token', '''none'''), ('scopes', '''{read}'''), ('session', '(SELECT s.session_id FROM identity.sessions AS s)'), ('message_id', '1'),
  ('access_token', 'pg_temp.access_token()');
CREATE FUNCTION pg_temp.access_token() RETURNS text LANGUAGE sql AS $$
  WITH s AS (INSERT INTO identity.sessions (session_id, user_id, owner, scopes, created_at, refreshed_at, expires_at)
             SELECT gen_random_uuid(), u.user_id, 'ann', '{read}', now(), now(), 'infinity' FROM identity.users AS u RETURNING session_id)
  SELECT internal.sign_token(json_build_object('sub', 'ann', 'sid', s.session_id, 'exp', 4e9::bigint)) FROM s $$;
SELECT ops.set_alert_channel('inbox', 'in_app'), ops.set_alert_rule('rule', 'SELECT true') \g /dev/null
SELECT count(*) FROM ops.evaluate_alerts('2024-01-08 15:00Z') \g /dev/null
INSERT INTO arguments (name, value) VALUES
  ('slow', 'false'), ('source', 'NULL'), ('measure', 'NULL'), ('comparison', 'NULL'), ('filter', '''{}'''), ('lookback', '''1 day'''), ('for_duration', '''1 minute'''), ('severity', '''warning'''), ('cooldown', '''1 minute'''), ('quiet_from', '''22:00'''), ('quiet_until', '''06:00'''), ('quiet_zone', '''UTC'''),
  ('escalate_after', '''1 hour'''), ('evaluate_every', '''1 minute'''), ('channels', '''{inbox}'''), ('enabled', 'true'), ('condition', '''SELECT true'''), ('alert_id', '(SELECT min(a.alert_id) FROM ops.alerts AS a WHERE a.rule = ''rule'')'), ('address', 'NULL'), ('connection', 'NULL'), ('least_severity', '''info'''), ('is_for_house', 'false'),
  ('channel', '''inbox'''), ('notification_id', '(SELECT n.notification_id FROM ops.notifications AS n WHERE n.payload ->> ''rule'' = ''rule'')'), ('subject', '''/''');
INSERT INTO arguments (function, name, value) VALUES ('set_alert_rule', 'kind', '''sql'''), ('set_alert_rule', 'symbol', 'NULL'), ('set_alert_rule', 'bound', 'NULL'), ('set_alert_rule', 'timeframe', '''0'''), ('set_alert_channel', 'kind', '''in_app'''), ('enable_alert_rule', 'name', '''rule'''), ('remove_alert_rule', 'name', '''rule'''),
  ('remove_alert_channel', 'name', '''inbox'''), ('test_alert_channel', 'name', '''inbox'''), ('silence_alert', 'until', '''2024-01-10'''), ('report_gauge', 'metric', '''disk_free'''), ('report_gauge', 'value', '0.5');
INSERT INTO arguments (function, name, value) VALUES ('create_user', 'username', '''eve'''), ('create_login', 'username', '''eve'''), ('create_login', 'verifier', 'NULL'), ('slippage_bps', 'reference', '100'), ('portfolio_values', 'step', '''1 hour''');
INSERT INTO arguments VALUES ('optimize', 'strategy', '''p'''), ('optimize', 'method', '''grid'''), ('optimize', 'objective', '''sharpe'''), ('optimize', 'parameters', '''{"level": [1, 2]}'''), ('optimize', 'trials', 'NULL'), ('trial_runs', 'trials', '''{1}'''), ('record_trials', 'trials', '''{1}'''), ('record_trials', 'results', 'ARRAY[''{"code": "TR532", "error": "no"}''::jsonb]'),
  ('record_trials', 'specification', '(SELECT r.specification FROM research.trial_runs(' || :'optimization' || ', ''{1}'', ARRAY[pg_temp.report()]) AS r)');
INSERT INTO arguments SELECT f, a, v FROM unnest('{return_stats,drawdowns,period_returns,turnover_rate}'::text[]) AS f, (VALUES ('equity', '''{100,110}''')) AS n (a, v);
INSERT INTO arguments VALUES
  ('share_portfolio', 'until', '''2200-01-01'''), ('remove_connection', 'name', '''kept'''),
  ('put_connection', 'credentials', 'decode(repeat(''ab'', 40), ''hex'')'), ('rotate_connections', 'credentials', '''{}'''),
  ('return_stats', 'benchmark', '''{10,11}'''), ('period_returns', 'period', '''month'''), ('portfolio_returns', 'period', '''month'''), ('set_state', 'state', '''reducing'''), ('set_protection', 'kind', '''cooldown'''),
  ('bust_fill', 'execution_id', '''held'''), ('correct_fill', 'execution_id', '''held'''), ('bust_fill', 'client_order_id', '''held'''), ('correct_fill', 'client_order_id', '''held'''), ('correct_fill', 'quantity', '9'),
  ('submit_bracket', 'client_order_id', '''bracket'''), ('submit_oco', 'client_order_id', '''pair'''), ('submit_oco', 'stop_price', '13'), ('order_target', 'client_order_id', '''target'''),
  ('approve_order', 'client_order_id', '''waiting'''), ('report_order', 'status', '''working'''), ('submit_order', 'client_order_id', '''new'''), ('pause_agent', 'agent', '''b'''), ('resume_agent', 'agent', '''b'''), ('record_signal', 'agent', '''h'''), ('record_signal', 'action', '''buy'''), ('record_check', 'status', '''checked'''), ('record_signals', 'reasons', '''{rule}'''), ('create_agent', 'kind', '''hybrid'''), ('why', 'order_id', '1'), ('why', 'key', '''open'''), ('close_position', 'client_order_id', '''close'''), ('create_strategy', 'type', '''trend'''), ('add_exchange', 'code', '''NEW'''), ('add_instrument', 'symbol', '''NEW'''),
  ('require_fresh_quote', 'at', '''2024-01-08 14:30Z'''), ('start_runner', 'version', '''1'''), ('add_consumer', 'name', '''other'''), ('replace_order', 'stop_price', 'NULL'), ('submit_orders', 'reduce_only', '''{false}'''), ('cancel_order', 'client_order_id', '''open'''),
  ('trading_hours', 'until_day', 'NULL'), ('trail_orders', 'stop_prices', '''{95}'''), ('hold', 'kind', '''withdrawal'''), ('settle_futures', 'prices', '''{1}'''), ('expire_options', 'prices', '''{1}'''), ('add_bonus', 'ex_date', '''2024-02-02'''), ('apply_dividend', 'action_id', '(SELECT action_id FROM market.corporate_actions WHERE kind = ''dividend'')'), ('reverse_transfer', 'transfer_id', '(SELECT t.transfer_id FROM ledger.transfers AS t WHERE t.reference = ''gift'')');

CREATE TEMP TABLE hostile (type text, value text);
INSERT INTO hostile (type, value)
SELECT 'text', v FROM unnest(ARRAY['NULL', '''''', '''none''', $$'''; DROP TABLE trading.orders; --'$$, '''%s%I%%''', 'E''a\nb''', '''ä€😀''', 'repeat(''x'', 10000)', ''' main''', 'E''\\''']) AS v
UNION ALL SELECT 'numeric', v FROM unnest(ARRAY['NULL', '''NaN''', '''Infinity''', '''-Infinity''', '0', '-1', '1e30', '-1e30', '1e-30', '0.000000001', '9999999999.999999999', '1e19']) AS v
UNION ALL SELECT 'timestamp with time zone', v FROM unnest(ARRAY['NULL', '''infinity''', '''-infinity''', '''4713-01-01 BC''', '''0044-03-15 BC''', '''9999-12-31''', '''294276-12-31 23:59:59Z''']) AS v
UNION ALL SELECT t, v FROM unnest(ARRAY['integer', 'bigint']) AS t, unnest(ARRAY['NULL', '-1', '0', '2147483647', '''-2147483648''']) AS v
UNION ALL SELECT 'interval', v FROM unnest(ARRAY['NULL', '''0''', '''-1 day''', '''1 month''', '''170000000 years''']) AS v
UNION ALL SELECT 'date', v FROM unnest(ARRAY['NULL', '''infinity''', '''-infinity''', '''4713-01-01 BC''', '''0044-03-15 BC''', '''9999-12-31''', '''5874897-12-31''']) AS v
UNION ALL SELECT 'date[]', v FROM unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{infinity,infinity}''', '''{-infinity}''', '''{4713-01-01 BC}''', '''{5874897-12-31,5874897-12-31}''', '''{9999-12-31,9999-12-31}''', '''{2024-01-08,2024-01-02}''']) AS v
UNION ALL SELECT 'jsonb', v FROM unnest(ARRAY['NULL', '''null''', '''[]''', '''1''', 'jsonb_build_object(''x'', repeat(md5(random()::text), 10000))']) AS v
UNION ALL SELECT 'time without time zone', v FROM unnest(ARRAY['NULL', '''24:00''', '''00:00''']) AS v
UNION ALL SELECT 'xid8', v FROM unnest(ARRAY['NULL', '''0''', '''18446744073709551615''']) AS v
UNION ALL SELECT t, 'NULL' FROM unnest(ARRAY['boolean']) AS t
UNION ALL SELECT 'numeric[]', v FROM unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{1,1}''', '''{NaN}''', '''{Infinity}''', '''{-1}''', '''{1e30}''', '''{{1}}''']) AS v
UNION ALL SELECT 'double precision[]', v FROM unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{1,1}''', '''{NaN}''', '''{Infinity}''', '''{-1}''', '''{1e300}''']) AS v
UNION ALL SELECT t, v FROM unnest(ARRAY['integer[]', 'bigint[]', 'smallint[]']) AS t, unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{1,1}''', '''{-1}''', '''{9}''', 'array_fill(1, ''{100001}'')']) AS v
UNION ALL SELECT 'text[]', v FROM unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{a,a}''', '''{""}''', $$ARRAY[''';--']$$]) AS v
UNION ALL SELECT 'timestamp with time zone[]', v FROM unnest(ARRAY['NULL', '''{}''', '''{NULL}''', '''{infinity}''', '''{-infinity}''', '''{2024-01-08,2024-01-08}''']) AS v;

-- The public functions: their parameters have plain names.
CREATE TEMP TABLE parameters AS
SELECT p.oid, p.oid::regprocedure::text AS signature, format('%I.%I', n.nspname, p.proname) AS function, a.name, a.position, format_type(a.type, NULL) AS type, CASE WHEN p.provariadic <> 0 AND a.position = p.pronargs THEN 'VARIADIC ' ELSE '' END AS form, coalesce(x.value, y.value) AS value
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, position)
  LEFT JOIN arguments AS x ON x.function = p.proname AND x.name = a.name
  LEFT JOIN arguments AS y ON y.function IS NULL AND y.name = a.name
 WHERE n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting') AND p.prorettype <> 'trigger'::regtype AND p.prokind <> 'p' AND p.pronargs > 0 AND p.proargnames[1] !~ '^p_';
SELECT is_empty($$SELECT signature, name FROM parameters WHERE value IS NULL$$, 'the test knows a good value for every parameter: a new function gets one');

-- Rows that the transaction has written until now into tables of the engine, also those of attempts that were undone.
CREATE FUNCTION pg_temp.written() RETURNS bigint LANGUAGE sql AS $$
SELECT sum(pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid))::bigint
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'ops', 'internal', 'archive', 'identity')
   -- No books: what rules of alerts and the audit write.
   AND c.oid::regclass::text !~ '^ops\.(alert|rule_states|pending_alerts|notifications|gauges|audit_log|chain_heads)'
$$;
-- SQLSTATE of a call, and whether the books were sound after one that worked and wrote something; undone in any case.
CREATE FUNCTION pg_temp.call(statement text, OUT outcome text, OUT has_written boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_sound boolean := true;
  v_before bigint := pg_temp.written();
BEGIN
  BEGIN
    EXECUTE statement;
    RESET ROLE;  -- identity.use_token takes one on
    SET CONSTRAINTS ALL IMMEDIATE;
    has_written := pg_temp.written() > v_before;
    IF has_written THEN
      SELECT count(*) = 0 INTO v_sound FROM ops.check_invariants();
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    outcome := CASE WHEN SQLSTATE <> 'P0T00' THEN SQLSTATE WHEN v_sound THEN 'works' ELSE 'the books are unsound' END;
  END;
END
$$;
CREATE TEMP TABLE calls AS
SELECT p.function, t.name AS changed, h.value AS hostile,
       format('SELECT count(*) FROM %s(%s)', p.function, string_agg(p.form || CASE WHEN p.position = t.position THEN format('%s::%s', h.value, p.type) ELSE format('%s::%s', p.value, p.type) END, ', ' ORDER BY p.position)) AS statement
  FROM (SELECT oid, name, position, type FROM parameters UNION ALL SELECT DISTINCT oid, NULL, 0, 'none' FROM parameters) AS t
  JOIN (SELECT * FROM hostile UNION ALL SELECT 'none', '' UNION ALL SELECT DISTINCT type, 'NULL' FROM parameters WHERE type NOT IN (SELECT type FROM hostile)) AS h USING (type)
  JOIN parameters AS p USING (oid)
 GROUP BY p.oid, p.function, t.name, t.position, h.value;
-- Until the year 9999 there are two million days to fill: from its last ones on.
UPDATE calls SET statement = replace(statement, $$'2024-01-08'$$, $$'9999-12-01'$$)
 WHERE function = 'market.candles_filled' AND changed = 'until' AND hostile = $$'9999-12-31'$$;
ALTER TABLE calls ADD outcome text, ADD has_written boolean;
UPDATE calls SET (outcome, has_written) = (SELECT c.outcome, c.has_written FROM pg_temp.call(statement) AS c);

SELECT is_empty($$SELECT function, outcome, statement FROM calls WHERE changed IS NULL AND outcome <> 'works' AND NOT (function = 'ops.advance_consumer' AND outcome = 'TR603') AND NOT (function = 'risk.resume' AND outcome = 'TR307')
                    AND NOT (function = 'trading.approve_order' AND outcome = 'TR228')  -- nobody approves an order of their own
                    AND NOT (function IN ('strategy.preview', 'strategy."check"', 'strategy.scan', 'strategy.explain') AND outcome = 'TR526' AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'bourse'))
                    -- Whoever runs this is no user of identity.users, and has neither keys nor a second factor; proofs.sql tries these.
                    AND NOT (function IN ('identity.change_password', 'identity.create_api_key', 'identity.enable_totp') AND outcome = 'TR726' OR function IN ('identity.revoke_api_key') AND outcome = 'TR729' OR function = 'identity.disable_login' AND outcome = 'TR726' OR function = 'identity.disable_totp' AND outcome = 'TR730' OR function = 'identity.revoke_session' AND outcome = 'TR733')
                    AND NOT (function = 'research.run_trials' AND outcome = 'TR526' AND to_regprocedure('ta.run_trials(text, text[], bigint[])') IS NULL)
                    AND NOT (function IN ('research.run_backtest', 'research.check_lookahead') AND outcome = 'TR526' AND to_regprocedure('ta.run_backtest(text)') IS NULL)$$,
                'every function works with good values');
-- What answers a code of PostgreSQL's: a value that the parameter's type cannot hold never comes into the function (22003), and a
-- question about days at the ends of PostgreSQL's calendar has no answer in it (22008).
CREATE TEMP TABLE tolerated (function text, changed text, outcome text);
INSERT INTO tolerated VALUES
  ('trading.submit_order', 'oco_leg', '22003'),
  ('market.candle_end', 'ts', '22008'), ('market.candles', 'resolution', '22008'), ('market.candles_filled', 'until', '22008'), ('market.day_start', 'day', '22008'), ('market.last_closed_day', 'at', '22008'), ('market.last_trading_day', 'day', '22008'),
  ('market.next_day_end', 'at', '22008'), ('market.quotes_at', 'at', '22008'), ('market.session_bounds', 'day', '22008'), ('market.session_close', 'at', '22008'), ('market.session_open', 'at', '22008'), ('market.tick_target', 'day', '22008'),
  ('market.trading_hours', 'day', '22008'), ('ops.blocked_portfolios', 'longer_than', '22008'),
  ('market.rebuild_candles', 'until_time', '22008');
-- In TimescaleDB's tier it asks a catalogue, and the extension refuses a tick without a day before any trigger sees it.
UPDATE tolerated SET (function, changed) = ('market.store_live', 'times') WHERE function = 'market.tick_target' AND market.storage_tier() = 'timescaledb';
SELECT is_empty($$SELECT function, changed, left(hostile, 40), outcome FROM calls AS c WHERE outcome !~ '^(works|TR...)$'
                    AND NOT EXISTS (SELECT FROM tolerated AS t WHERE (t.function, t.changed, t.outcome) = (c.function, c.changed, c.outcome))$$, 'and fails with a code of the engine, or works and leaves the books sound, with hostile ones');
SELECT is_empty($$SELECT * FROM tolerated AS t WHERE NOT EXISTS (SELECT FROM calls AS c WHERE (t.function, t.changed, t.outcome) = (c.function, c.changed, c.outcome))$$, 'no more is tolerated than is needed');
SELECT is_empty($$SELECT function, changed, left(hostile, 40) FROM calls WHERE outcome = 'works' AND hostile ~ 'NaN' AND function NOT IN ('market.store_live', 'ledger.return_index', 'trading.slippage_bps', 'trading.order_fee', 'trading.order_fee_lines', 'trading.check_available_funds', 'strategy.save_agent_state')$$, 'NaN is accepted nowhere in the books');
SELECT is_empty($$SELECT function, changed, left(hostile, 40) FROM calls WHERE outcome = 'works' AND changed IN ('at', 'times') AND hostile ~ 'infinity'
                    AND function NOT IN ('market.store_live', 'trading.mark_periods', 'trading.expire_orders', 'trading.order_fee', 'trading.order_fee_lines', 'market.rewind_quotes', 'market.quote_is_stale', 'market.quotes_at', 'market.require_fresh_quote', 'ops.save_cursor', 'strategy.save_agent_state', 'market.session_close', 'market.session_open', 'market.last_closed_day', 'market.next_day_end', 'ledger.exchange_rate', 'trading.due_actions', 'trading.due_settlements', 'trading.has_late_prices', 'risk.explain', 'strategy.preview', 'strategy."check"')
                    AND function <> 'trading.trigger_orders'  -- no stop order is there to be triggered, and the target is there already
                    AND function NOT IN ('trading.order_target')
                    AND NOT (hostile ~ '-infinity' AND function = 'trading.acknowledge_orders')$$,
                'nothing happens at an infinite time; at the infinite past orders are acknowledged at the time that they have');
SELECT cmp_ok((SELECT count(*) FROM calls), '>', 1200::bigint, 'many calls were made');
SELECT cmp_ok((SELECT count(*) FROM calls WHERE has_written AND outcome = 'works'), '>', 400::bigint, 'and many of them wrote something');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
