-- What panels read: the figures of the tables beneath, by names, each reader his own.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
UPDATE trading.portfolios SET account_type = 'margin', time_zone = 'America/New_York' WHERE name = 'main';
UPDATE market.instruments SET sector = 'Technology' WHERE symbol = 'IBM';
SELECT market.add_instrument(symbol => 'SAP', currency => 'EUR', sector => 'Software', exchange => 'XETRA') \g /dev/null
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.25, '2024-01-01') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('SAP')], '{2024-01-08 14:30Z}', '{40}', '{NULL}') \g /dev/null
SELECT ledger.deposit('main', 2000, 'EUR', at => '2024-01-03') \g /dev/null
SELECT strategy.create_strategy('cross', 'trend', '1 day', '{"fast": 3, "slow": 5}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('a', 'main', 'cross', '{IBM}') \g /dev/null
SELECT pg_temp.submit('plain', 'buy', 10, symbol => 'SAP'), pg_temp.fill('plain', 10, 40, 'f1', 1) \g /dev/null
-- The agent's order, its signal at 99, filled at 100 and sold at 104.
SELECT trading.submit_order('main', 'IBM', 'buy', 20, 'limit', 101, time_in_force => 'gtc', client_order_id => 'a-1', agent => 'a', at => '2024-01-08 15:00Z') \g /dev/null
SELECT strategy.record_signals(ARRAY[a.portfolio_id], ARRAY[a.agent_id], ARRAY[market.instrument_id('IBM')], '{1}', '{2024-01-08 15:00Z}', '{buy}', '{NULL}', '{99}', ARRAY['{}'::jsonb], '{a-1}', '{NULL}'),
       trading.acknowledge_orders(ARRAY[a.portfolio_id], '{2}', '2024-01-08 15:00:01Z')
  FROM strategy.agents AS a \g /dev/null
SELECT pg_temp.fill('a-1', 20, 100, 'f2', 2) \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('main')], '2024-01-08 21:00Z') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-09 15:00Z}', '{104}', '{NULL}') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'sell', 5, 'limit', 104, time_in_force => 'gtc', client_order_id => 'a-2', agent => 'a', at => '2024-01-09 15:00Z'), pg_temp.fill('a-2', 5, 104, 'f3', 1) \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('main')], '2024-01-09 21:00Z') \g /dev/null

-- Value and profit.
SELECT results_eq($$SELECT time, equity, cash, positions_value, return_index = 1 + drawdown FROM reporting.portfolio_value WHERE portfolio = 'main' AND time < '2024-01-09' ORDER BY time$$,
  $$VALUES (timestamptz '2024-01-08 21:00Z', 12496.75::float8, 9996.75::float8, 2500::float8, true)$$, 'snapshots');
SELECT results_eq($$SELECT time, day, profit, equity FROM reporting.profit_by_day WHERE portfolio = 'main' ORDER BY time$$,
  $$VALUES (timestamptz '2024-01-08 05:00Z', date '2024-01-08', -3.25::float8, 12496.75::float8), ('2024-01-09 05:00Z', '2024-01-09', 79, 12575.75)$$, 'days begin in the portfolio''s time zone');
SELECT results_eq($$SELECT time, strategy, agent, fills, fees, profit FROM reporting.profit_by_agent WHERE portfolio = 'main' ORDER BY time$$,
  $$VALUES (timestamptz '2024-01-08 05:00Z', 'cross', 'a', 1::bigint, 2::float8, -2::float8), ('2024-01-09 05:00Z', 'cross', 'a', 1, 1, 19)$$, 'what agents took in');
SELECT results_eq($$SELECT strategy, sum(profit) FROM reporting.profit_by_strategy WHERE portfolio = 'main' GROUP BY 1$$, $$VALUES ('cross', 17::float8)$$, 'and strategies');
SELECT results_eq($$SELECT symbol, sum(profit), sum(fees) FROM reporting.profit_by_symbol WHERE portfolio = 'main' GROUP BY 1 ORDER BY 1$$,
  $$VALUES ('US:IBM', 17::float8, 3::float8), ('XETRA:SAP', -1.25, 1.25)$$, 'and symbols, in the portfolio''s currency');
SELECT is((SELECT sum(profit) FROM reporting.profit_by_symbol WHERE portfolio = 'main'), (SELECT sum(realised_pnl - fees)::float8 FROM trading.portfolio_summary WHERE portfolio = 'main'),
  'symbols add up to what the portfolio realised');

-- What is held.
SELECT results_eq($$SELECT symbol, sector, exposure, round(share::numeric, 6), unrealised_profit FROM reporting.exposure WHERE portfolio = 'main' ORDER BY symbol$$,
  $$VALUES ('US:IBM', 'Technology', 1560::float8, round(1560 / 12575.75, 6), 60::float8), ('XETRA:SAP', 'Software', 500, round(500 / 12575.75, 6), 0)$$, 'exposure');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id(s), '1 day', day, c, c, c, c, 1 FROM unnest('{IBM,SAP}'::text[]) AS s, generate_series(timestamptz '2023-11-01 05:00Z', '2023-12-20 05:00Z', '1 day') AS day,
       LATERAL (SELECT 100 + CASE s WHEN 'IBM' THEN 1 ELSE -1 END * (extract(day FROM day)::int % 3)) AS x (c);
SELECT results_eq($$SELECT symbol, other, round(correlation::numeric, 2) < -0.99 FROM reporting.correlation WHERE portfolio = 'main'$$,
  $$VALUES ('US:IBM', 'XETRA:SAP', true), ('XETRA:SAP', 'US:IBM', true)$$, 'correlations, both ways');

-- Limits: what is used is what an order would be told, without the order.
SELECT risk.set_limit('position_value', 2000, 'portfolio', 'main', at => '2024-01-09'), risk.set_limit('gross_value', 10000, at => '2024-01-09'), risk.set_limit('open_positions', 4, 'user', session_user::text, at => '2024-01-09'),
       risk.set_limit('daily_loss', 100, 'portfolio', 'main', at => '2024-01-09'), risk.set_limit('sector_share', 20, 'sector', 'Technology', at => '2024-01-09'),
       risk.set_limit('order_rate', 10, 'agent', 'main/a', period => '1 day', at => '2024-01-09'), risk.set_limit('order_value', 1, 'portfolio', 'main', at => '2024-01-09'),
       risk.set_limit('open_orders', 8, 'portfolio', 'main', at => '2024-01-09') \g /dev/null
SELECT pg_temp.submit('rest', 'buy', 3, 100, at => '2024-01-09 15:30Z'), pg_temp.submit('exit', 'sell', 3, 200, at => '2024-01-09 15:30Z') \g /dev/null
SELECT results_eq($$SELECT metric, scope, name, used, bound, round(share::numeric, 4) FROM reporting.limit_use WHERE portfolio = 'main'$$,
  $$VALUES ('order_rate', 'agent', 'a', 1::float8, 10::float8, 0.1), ('open_orders', 'portfolio', 'main', 1, 8, 0.125), ('position_value', 'portfolio', 'main', 1560, 2000, 0.78), ('sector_share', 'sector', 'Technology', 12.40482675, 20, 0.6202),
           ('gross_value', 'system', NULL, 2060, 10000, 0.206), ('open_positions', 'user', session_user::text COLLATE "default", 2, 4, 0.5), ('daily_loss', 'portfolio', 'main', 0, 100, 0)$$,
  'limits that measure the portfolio, not those of an order');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-09 16:00Z}', '{98}', '{NULL}') \g /dev/null
SELECT results_eq($$SELECT metric, used, share FROM reporting.limit_use WHERE portfolio = 'main' AND metric = 'daily_loss'$$, $$VALUES ('daily_loss', 11::float8, 0.11::float8)$$, 'a loss counts when prices fall');
SELECT is_empty($$SELECT * FROM reporting.limit_use WHERE portfolio <> 'main'$$, 'of no other portfolio');
SELECT trading.create_portfolio('idle', capital => 1000, at => '2024-01-02') \g /dev/null
SELECT results_eq($$SELECT metric, used FROM reporting.limit_use WHERE portfolio = 'idle' ORDER BY 1$$, $$VALUES ('gross_value', 0::float8), ('open_positions', 2)$$, 'one that never traded uses nothing, but its user does');
SELECT results_eq($$SELECT time, symbol, agent, code, metric, figure, bound, action FROM reporting.breaches WHERE portfolio = 'main'$$,
  $$VALUES (timestamptz '2024-01-09 15:30Z', 'US:IBM', NULL, 'TR302', 'order_value', 300::float8, 1::float8, 'reject')$$, 'breaches');

-- Orders.
SELECT results_eq($$SELECT state, sum(orders) FROM reporting.orders_by_state WHERE portfolio = 'main' GROUP BY 1 ORDER BY 1$$, $$VALUES ('accepted', 1::bigint), ('filled', 3), ('rejected', 1)$$, 'orders by state');
SELECT results_eq($$SELECT code, strategy, orders FROM reporting.rejects_by_code WHERE portfolio = 'main'$$, $$VALUES ('TR302', NULL, 1)$$, 'rejects');
SELECT results_eq($$SELECT fill, agent, side, price, signal_price, fee, fee_bps, round(slippage_bps::numeric, 4), currency FROM reporting.fill_quality WHERE portfolio = 'main' ORDER BY fill$$,
  $$VALUES (1::bigint, NULL, 'buy', 40::float8, NULL::float8, 1::float8, 25::float8, NULL::numeric, 'EUR'), (2, 'a', 'buy', 100, 99, 2, 10, 101.0101, 'USD'), (3, 'a', 'sell', 104, NULL, 1, 1e4 / 520, NULL, 'USD')$$,
  'fills beside the price of their signals');
SELECT results_eq($$SELECT DISTINCT 'state', order_id, client_order_id FROM reporting.orders_by_state WHERE order_id = 2 AND portfolio = 'main' UNION ALL SELECT DISTINCT 'fill', order_id, client_order_id FROM reporting.fill_quality WHERE order_id = 2
                        UNION ALL SELECT DISTINCT 'latency', order_id, client_order_id FROM reporting.order_latency WHERE order_id = 2 UNION ALL SELECT 'signal', order_id, client_order_id FROM reporting.signals WHERE order_id = 2
                        UNION ALL SELECT 'reject', order_id, client_order_id FROM reporting.rejects_by_code UNION ALL SELECT 'error', order_id, client_order_id FROM reporting.error_journal WHERE portfolio = 'main'$$,
  $$VALUES ('state', 2::bigint, 'a-1'), ('fill', 2, 'a-1'), ('latency', 2, 'a-1'), ('signal', 2, 'a-1'), ('reject', 4, 'rest'), ('error', 4, 'rest')$$, 'one id leads from view to view');
SELECT is(trading.slippage_bps('sell', 99, 100), 100::float8, 'who sells for less loses');
SELECT is(trading.slippage_bps('sell', 100, 100)::text, '0', 'nothing is nothing');
SELECT trading.bust_fill('main', 3, at => '2024-01-09 17:00Z') \g /dev/null
SELECT is((SELECT max(fill) FROM reporting.fill_quality WHERE portfolio = 'main'), 2::bigint, 'what was taken back does not count');
SELECT results_eq($$SELECT strategy, agent, action, price, order_status FROM reporting.signals WHERE portfolio = 'main'$$, $$VALUES ('cross', 'a', 'buy', 99::float8, 'filled')$$, 'signals');
SELECT results_eq($$SELECT order_id, step, milliseconds >= 0 FROM reporting.order_latency WHERE portfolio = 'main' AND agent = 'a' AND order_id = 2 ORDER BY step$$,
  $$VALUES (2::bigint, 'acknowledged_to_fill', true), (2, 'order', true), (2, 'order_to_acknowledged', true)$$, 'steps of an order; its signal was written after it here');
-- Live: the tick was received 20 ms after it, the signal recorded 30 ms later, the order 5 ms after that.
INSERT INTO market.ticks (ts, price, size, instrument_id, received_at) SELECT '2024-01-09 18:00Z', 98, 1, market.instrument_id('IBM'), '2024-01-09 18:00:00.020Z';
INSERT INTO strategy.signals (portfolio_id, agent_id, instrument_id, signal_no, at, action, client_order_id, recorded_at)
SELECT a.portfolio_id, a.agent_id, market.instrument_id('IBM'), n, t, 'buy', id, t + late FROM strategy.agents AS a, (VALUES (2, 'live', timestamptz '2024-01-09 18:00Z', interval '50 ms'), (3, 'candle', '2024-01-09 18:01Z', '40 ms')) AS s (n, id, t, late);
INSERT INTO trading.orders (portfolio_id, order_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, status, submitted_at, updated_at, closed_at, created_at)
SELECT a.portfolio_id, n, id, market.instrument_id('IBM'), a.agent_id, 'buy', 'limit', 'gtc', 1, 1, 'rejected', t, t, t, t + late FROM strategy.agents AS a, (VALUES (101, 'live', timestamptz '2024-01-09 18:00Z', interval '55 ms'), (102, 'candle', '2024-01-09 18:01Z', '45 ms')) AS o (n, id, t, late);
SELECT results_eq($$SELECT order_id, step, milliseconds FROM reporting.order_latency WHERE order_id > 100 ORDER BY 1, 2$$,
  $$VALUES (101::bigint, 'signal_to_order', 5::float8), (101, 'tick_to_signal', 30), (102, 'signal_to_order', 5), (102, 'tick_to_signal', 40)$$, 'from the tick that was received, or from the end of the candle');
SET LOCAL session_replication_role = replica;
DELETE FROM trading.orders WHERE order_id > 100;
DELETE FROM strategy.signals WHERE client_order_id IN ('live', 'candle');
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT step, target_ms FROM reporting.latency_targets ORDER BY 1', $$VALUES ('order', 500::float8), ('query', 100)$$, 'targets');
SELECT is(pg_temp.outcome('bourse_admin', 'UPDATE ops.latency_targets SET target_ms = 250'), '00000', 'which administrators change');
SELECT is(pg_temp.outcome('bourse_dashboard', 'UPDATE ops.latency_targets SET target_ms = 250'), '42501', 'and nobody else');

-- Running.
SELECT results_eq($$SELECT time, kind, code, order_id FROM reporting.error_journal WHERE portfolio = 'main' ORDER BY recorded_at$$, $$VALUES (timestamptz '2024-01-09 15:30Z', 'order.rejected', 'TR302', 4::bigint)$$, 'errors');
SELECT set_has($$SELECT ops.is_fault(k) FROM unnest('{order.filled,fill.busted,ledger.deposit}'::text[]) AS k$$, 'VALUES (false)', 'what goes right is none');
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-09 17:00Z' + n * interval '1 second', 98, 1, market.instrument_id('IBM') FROM generate_series(0, 89) AS n;
SELECT results_eq($$SELECT time, symbol, ticks, value FROM reporting.tick_rate WHERE time < '2024-01-09 18:00Z' ORDER BY time$$, $$VALUES (timestamptz '2024-01-09 17:00Z', 'US:IBM', 60::bigint, 1::float8), ('2024-01-09 17:01Z', 'US:IBM', 30, 0.5)$$, 'ticks of a second');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-09 17:01:29Z}', '{98}', '{1}'), market.close_candles(ARRAY[market.instrument_id('IBM')], '2024-01-09 17:01:29Z', '2024-01-09 17:00Z') \g /dev/null
SELECT results_eq($$SELECT symbol, last_at, is_stale, closed_until, behind_seconds FROM reporting.candle_freshness WHERE symbol = 'US:IBM'$$,
  $$VALUES ('US:IBM', timestamptz '2024-01-09 17:01:29Z', true, timestamptz '2024-01-09 17:01Z', 29::float8)$$, 'how fresh candles are');
INSERT INTO market.feed_positions VALUES ('sim', market.instrument_id('IBM'), 1, '2024-01-09 17:00Z', '2024-01-09 17:00:02Z');
INSERT INTO market.rejected_ticks (feed, reason) VALUES ('sim', 'bad_time'), ('other', 'bad_time');
SELECT ops.save_cursor(ARRAY[trading.portfolio_id('main')], 'file', 1, '2024-01-08', false, 0) \g /dev/null
SELECT results_eq($$SELECT feed, portfolio, symbols, lag_seconds, is_finished, rejected_ticks FROM reporting.feed_health ORDER BY 1$$,
  $$VALUES ('file', 'main', NULL::bigint, NULL::float8, false, NULL::bigint), ('sim', NULL, 1, 2, NULL, 1)$$, 'feeds');
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT date_trunc('minute', now()) - n * interval '1 second', 98, 1, market.instrument_id('IBM') FROM generate_series(0, 75) AS n;
SELECT results_eq('SELECT feed, tick_rate FROM reporting.feed_health ORDER BY 1', $$VALUES ('file', NULL::float8), ('sim', 1)$$, 'and what they bring: in the last whole minute');
SELECT ops.save_cursor(ARRAY[trading.portfolio_id('main')], 'live/' || market.instrument_id('IBM'), 1, '2024-01-09 17:00Z', false, 0) \g /dev/null
SELECT results_eq('SELECT portfolio, lag_seconds FROM reporting.cursor_lag', $$VALUES ('main', 89::float8)$$, 'how far a portfolio is behind the latest price');
SELECT ops.save_cursor(ARRAY[trading.portfolio_id('main')], 'live/' || market.instrument_id('IBM'), 1, '2024-01-09 17:00Z', true, 0) \g /dev/null
SELECT is_empty('SELECT * FROM reporting.cursor_lag', 'one that has read all is not');
INSERT INTO ops.runners (name, host, process_id, version, feed, backend_pid) VALUES ('old', 'h', 1, '0', 'file', 0);
SELECT results_eq('SELECT name, state, age_seconds BETWEEN 0 AND 60 FROM reporting.runners', $$VALUES ('old', 'killed', true)$$, 'a runner without its locks was killed');
SELECT ops.start_runner('new', 'h', 1, '0', 'file', ARRAY[trading.portfolio_id('main')]) \g /dev/null
SELECT results_eq($$SELECT state, portfolios FROM reporting.runners WHERE name = 'new'$$, $$VALUES ('running', 1::bigint)$$, 'with them it runs');
SELECT ops.touch_runner(runner_id, true) FROM ops.runners WHERE name = 'new' \g /dev/null
SELECT results_eq($$SELECT state, portfolios FROM reporting.runners WHERE name = 'new'$$, $$VALUES ('stopped', 0::bigint)$$, 'and stops');
SELECT set_has('SELECT metric FROM reporting.database_health', $$VALUES ('cache_hits'), ('size'), ('connections_used'), ('wal_written'), ('oldest_transaction'), ('transaction_ids_used')$$, 'figures of the server');
SELECT lives_ok('SELECT * FROM reporting.locks, reporting.replication, reporting.blocked_portfolios, reporting.unpriced_settlements', 'and the rest is empty here');

-- Who reads: a dashboard sees what is shown to it, and the user's own limits are the user's.
CREATE ROLE rep_panel LOGIN IN ROLE bourse_dashboard;
SELECT identity.share_portfolio('idle', 'rep_panel', 'read') \g /dev/null
SET LOCAL SESSION AUTHORIZATION rep_panel;
SELECT is((SELECT string_agg(DISTINCT portfolio, ',') FROM reporting.profit_by_symbol), NULL, 'a dashboard sees no others');
SELECT results_eq('SELECT portfolio, metric FROM reporting.limit_use', $$VALUES ('idle', 'gross_value')$$, 'of what is shown to it the limits of the portfolio and of all');
SELECT results_eq('SELECT name, state FROM reporting.runners ORDER BY 1', $$VALUES ('new', 'stopped'), ('old', 'unknown')$$, 'and whose runners hold what it may not see');
SELECT pg_temp.refuses($$SELECT * FROM risk.limit_use((SELECT session_user || '/main'))$$, 'TR211', 'the others are not there');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
