-- A run and its resamples; runs beside each other; and a run beside what an agent did on a portfolio, trade by trade, with the cause of each difference.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"entry": "close > 0"}') \g /dev/null
SELECT strategy.record_check('s', 1, 'checked'), strategy.create_agent('a', 'main', 's', '{IBM}', at => '2024-01-02') \g /dev/null

-- A run whose capital goes from 1,000 to 1,210 in five days, with three trades.
CREATE FUNCTION pg_temp.run(settings jsonb) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO research.backtests (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, settings_version, data_fingerprint, engine_version, seed, events, final_equity, final_cash, orders, rejected, fills, fees, total_return, max_drawdown, sharpe, trades)
  SELECT s.strategy_id, 1, '{US:IBM}', ARRAY[market.instrument_id('IBM')], '2024-01-08', '2024-02-01', 1000, 'USD', settings, 1, '0123456789abcdef', '0.1.0', 0, 3, 1210, 1210, 4, 0, 6, 3, 0.21, -0.1, 1.5, 3 FROM strategy.strategies AS s WHERE s.name = 's'
  RETURNING run_id
$$;
SELECT pg_temp.run('{"fill": "next_open", "slippage_bps": 5}') AS run, pg_temp.run('{"fill": "next_open", "slippage_bps": 9}') AS other \gset
INSERT INTO research.backtest_equity SELECT r.run, day, day + time '21:00Z', e * r.factor, e * r.factor, 0, 0
  FROM (VALUES (:run, 1.0), (:other, 2)) AS r (run, factor), (VALUES (date '2024-01-08', 1000.0), ('2024-01-09', 1100), ('2024-01-10', 990), ('2024-01-11', 1089), ('2024-01-12', 1210)) AS n (day, e);
INSERT INTO research.backtest_trades (run_id, trade_no, instrument_id, side, quantity, opened_at, closed_at, entry_price, exit_price, pnl, fees, net_pnl, return, bars, mae, mfe)
SELECT :run, n.no, market.instrument_id('IBM'), n.side::trading.order_side, n.quantity, n.opened::timestamptz, n.closed::timestamptz, n.entry, n.exit, n.pnl, n.fees, n.pnl - n.fees, 0.1, 2, 0, 0
  FROM (VALUES (1, 'buy', 10, '2024-01-08 15:00Z', '2024-01-09 15:00Z', 100, 110, 100, 2), (2, 'buy', 5, '2024-01-10 15:00Z', '2024-01-11 15:00Z', 100, 90, -50, 0), (3, 'buy', 5, '2024-01-12 15:00Z', '2024-01-16 15:00Z', 100, 134, 170, 8), (4, 'buy', 1, '2024-01-30 15:00Z', NULL, 100, NULL, 0, 0)) AS n (no, side, quantity, opened, closed, entry, exit, pnl, fees);

-- What might have come of it.
SELECT results_eq(format($$SELECT total_return::numeric(9, 6), max_drawdown::numeric(9, 6), lowest::numeric(9, 6), sharpe, path[1]::numeric(9, 6), path[2]::numeric(9, 6), path[3]::numeric(9, 6) FROM research.resample_run(%s, points => 3) WHERE resample = 0$$, :run),
  'VALUES (0.21, -0.1, 0.99, 1.5::float8, 1.0, 0.99, 1.21)', 'resample 0 is the run, by its days');
SELECT results_eq(format($$SELECT method, total_return::numeric(9, 6), max_drawdown::numeric(9, 6), path[1]::numeric(9, 6) FROM unnest('{draw,shuffle,entries}'::text[]) AS m (method), LATERAL research.resample_run(%s, method, 1, points => 2) WHERE resample = 0$$, :run),
  $$SELECT m, 0.21, round(-50 / 1098.0, 6), 1.098 FROM unnest('{draw,shuffle,entries}'::text[]) AS m$$, 'or by its closed trades');
SELECT results_eq(format($$SELECT count(*), count(DISTINCT round(total_return::numeric, 9)), min(resample), max(resample) FROM research.resample_run(%s, 'shuffle', 40)$$, :run), 'VALUES (41::bigint, 1::bigint, 0, 40)', 'in another order the sum is the same');
SELECT results_eq(format($$SELECT figure FROM research.monte_carlo(%s, 'draw', 20)$$, :run), ARRAY['total_return', 'max_drawdown', 'lowest', 'ruin'], 'trades have no Sharpe ratio');
SELECT results_eq(format($$SELECT figure, observed, p05 <= p25 AND p25 <= p50 AND p50 <= p75 AND p75 <= p95, mean BETWEEN 0 AND 1, p50 IS NULL FROM research.monte_carlo(%s, resamples => 200, ruin => 0.05) WHERE figure IN ('sharpe', 'ruin')$$, :run), $$VALUES ('sharpe', 1.5::float8, true, false, false), ('ruin', 0, NULL, true, true)$$, 'bands of a figure, and how likely ruin is');
SELECT results_eq(format($$SELECT (SELECT mean FROM research.monte_carlo(%1$s, 'draw', 500, ruin => 0.04) WHERE figure = 'ruin')$$, :run), format($$SELECT avg((lowest <= 0.96)::int)::float8 FROM research.resample_run(%s, 'draw', 500) WHERE resample > 0$$, :run), 'ruin is the share of the resamples that lost as much');
SELECT results_eq(format('SELECT * FROM research.monte_carlo(%s, seed => 5, resamples => 50)', :run), format('SELECT * FROM research.monte_carlo(%s, seed => 5, resamples => 50)', :run), 'the same seed, the same figures');
SELECT results_eq(format($$SELECT count(*), min(point), max(share), bool_and(p05 <= p50 AND p50 <= p95), (array_agg(observed ORDER BY point))[1], round((array_agg(observed ORDER BY point DESC))[1]::numeric, 6) FROM research.bands(%s, resamples => 50, points => 5)$$, :run), 'VALUES (6::bigint, 0, 1::float8, true, 1::float8, 1.21)', 'bands go from the capital to the end');
SELECT is_empty(format($$SELECT * FROM research.monte_carlo(%s, 'draw')$$, :other), 'a run without trades has none to resample');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) SELECT market.instrument_id('IBM'), '1 day', '2024-01-08 05:00Z'::timestamptz + n * interval '1 day', p, p, p, p, 10 FROM generate_series(0, 9) AS n, LATERAL (SELECT 100 * 1.1 ^ n) AS x (p);
SELECT results_eq(format($$SELECT round(min(total_return)::numeric, 6), round(max(total_return)::numeric, 6), min(lowest) FROM research.resample_run(%s, 'entries', 30) WHERE resample > 0$$, :run), 'VALUES (0.41, 0.41, 1::float8)', 'where each two candles give 21 %, 2,000 make 420 wherever they enter, less fees of 10');

-- Runs beside each other.
SELECT results_eq(format($$SELECT name, "values", differs FROM research.compare(%s, %s) WHERE name IN ('sharpe', 'slippage_bps', 'fill', 'correlation', 'final_equity', 'equity')$$, :run, :other),
  $$VALUES ('equity', '{▁▄▁▄█,▁▄▁▄█}'::text[], false), ('final_equity', '{1210.00 USD,1210.00 USD}', false), ('sharpe', '{1.5000,1.5000}', false), ('correlation', '{1.0000,1.0000}', false), ('slippage_bps', '{5,9}', true)$$, 'each figure in the order of the runs, and what differs of the settings');
SELECT is_empty(format($$SELECT name FROM research.compare(%s, %s) WHERE explanation IS NULL OR cardinality("values") <> 2 OR differs IS NULL$$, :run, :other), 'each with an explanation');

-- And beside a portfolio. Names of orders end with the role and the candle.
INSERT INTO research.backtest_orders (run_id, order_id, instrument_id, agent, client_order_id, side, type, quantity, status, reason_code, reason, submitted_at, closed_at, filled_quantity, average_price, fees)
SELECT :run, n.id, market.instrument_id('IBM'), 's', 's/IBM/' || n.name, n.side::trading.order_side, 'market', n.quantity, n.status::trading.order_status, n.code, n.code, n.at::timestamptz - interval '1 minute', n.at::timestamptz, CASE n.status WHEN 'filled' THEN n.quantity ELSE 0 END, n.price, n.fee
  FROM (VALUES (1, 'entry-1', 'buy', 10, 'filled', NULL, '2024-01-08 15:00Z', 100, 1), (2, 'exit-2', 'sell', 10, 'filled', NULL, '2024-01-09 15:00Z', 110, 1), (3, 'entry-3', 'buy', 5, 'filled', NULL, '2024-01-10 15:00Z', 100, 0), (4, 'exit-4', 'sell', 5, 'filled', NULL, '2024-01-11 15:00Z', 90, 0),
               (5, 'entry-5', 'buy', 5, 'filled', NULL, '2024-01-12 15:00Z', 100, 4), (6, 'exit-6', 'sell', 5, 'filled', NULL, '2024-01-16 15:00Z', 134, 4), (7, 'entry-7', 'buy', 1, 'rejected', 'TR301', '2024-01-17 15:00Z', NULL, 0), (8, 'stop-7', 'sell', 1, 'cancelled', NULL, '2024-01-18 15:00Z', NULL, 0),
               (9, 'entry-9', 'buy', 1, 'filled', NULL, '2024-01-30 15:00Z', 100, 0), (10, 'entry-10', 'buy', 1, 'cancelled', NULL, '2024-01-22 15:00Z', NULL, 0)) AS n (id, name, side, quantity, status, code, at, price, fee);
INSERT INTO research.backtest_fills SELECT o.run_id, o.order_id, o.order_id, o.instrument_id, o.side, o.quantity, o.average_price, o.fees, 0, o.closed_at FROM research.backtest_orders AS o WHERE o.run_id = :run AND o.status = 'filled';
CREATE FUNCTION pg_temp.act(name text, side trading.order_side, quantity numeric, price numeric, at timestamptz, fee numeric DEFAULT 0) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM trading.submit_order('main', 'IBM', side, quantity, type => 'limit', limit_price => price, time_in_force => 'gtc', client_order_id => 'a/IBM/' || name, agent => 'a', at => at);
  PERFORM trading.record_fill('main', quantity, price, name, client_order_id => 'a/IBM/' || name, fee => fee, at => at) WHERE fee IS NOT NULL;
END
$$;
SELECT pg_temp.act('entry-1', 'buy', 10, 100, '2024-01-08 15:00Z', 1), pg_temp.act('exit-2', 'sell', 10, 110, '2024-01-09 15:00Z', 1),
       pg_temp.act('entry-3', 'buy', 4, 101, '2024-01-10 15:00:30Z', 2), pg_temp.act('exit-4', 'sell', 4, 90, '2024-01-11 15:00Z', 0),
       pg_temp.act('entry-7', 'buy', 1, 100, '2024-01-17 15:00Z', 0), pg_temp.act('exit-8', 'sell', 1, 103, '2024-01-18 15:00Z', 0),
       pg_temp.act('entry-9', 'buy', 1000000, 100, '2024-01-30 15:00Z', NULL), pg_temp.act('entry-10', 'buy', 1, 1, '2024-01-22 15:00Z', NULL) \g /dev/null
SELECT results_eq(format($$SELECT trade_no, side::text, profit, difference, causes, detail FROM research.compare_trades(%s, 'main') AS c$$, :run), $$VALUES
  (1, 'buy', 98.0, 0.0, '{}'::text[], NULL),
  (2, 'buy', -50.0, 4.0, '{fees,price,quantity,time}', 'entry-3: price 101, not 100, 00:00:30 later, quantity 4, not 5, fees 2, not 0; exit-4: quantity 4, not 5'),
  (3, 'buy', 162.0, -162.0, '{missing}', 'entry-5: the portfolio has no such order; exit-6: the portfolio has no such order'),
  (NULL, 'buy', NULL, NULL, '{refused}', 'entry-7: refused by the backtest TR301'),
  (NULL, 'sell', NULL, NULL, '{extra}', 'exit-8: the backtest has no such order'),
  (4, 'buy', NULL, NULL, '{refused}', 'entry-9: refused by the portfolio TR401')$$, 'each trade, what the portfolio made more, and why');
SELECT trading.create_portfolio(name => 'live', capital => 10000, at => '2024-01-02 09:00Z'), strategy.create_agent('b', 'live', 's', '{IBM}', at => '2024-01-02'), trading.create_portfolio(name => 'bare', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
SELECT results_eq(format($$SELECT portfolio, count(*), count(*) FILTER (WHERE causes = '{missing}') FROM research.compare_trades(%s, 'main', 'live') GROUP BY 1 ORDER BY 1$$, :run), $$VALUES ('live', 5::bigint, 5::bigint), ('main', 6, 1)$$, 'several portfolios, whatever their agents are called');

-- What cannot be.
SELECT pg_temp.refuses(format(statement, :run), code, statement) FROM (VALUES
  ('SELECT * FROM research.monte_carlo(0)', 'TR533'), ('SELECT * FROM research.monte_carlo(%s, ''wish'')', 'TR550'), ('SELECT * FROM research.monte_carlo(%s, ruin => 0)', 'TR550'), ('SELECT * FROM research.monte_carlo(%s, resamples => NULL)', 'TR550'),
  ('SELECT * FROM research.bands(%s, points => 100000)', 'TR550'), ('SELECT * FROM research.bands(0)', 'TR533'), ('SELECT * FROM research.resample_run(NULL)', 'TR533'),
  ('SELECT * FROM research.compare(%s)', 'TR552'), ('SELECT * FROM research.compare(%s, 0)', 'TR533'), ('SELECT * FROM research.compare(VARIADIC NULL)', 'TR552'),
  ('SELECT * FROM research.compare_trades(0, ''main'')', 'TR533'), ('SELECT * FROM research.compare_trades(%s, ''nobody'')', 'TR211'), ('SELECT * FROM research.compare_trades(%s, ''bare'')', 'TR552'), ('SELECT * FROM research.compare_trades(%s, VARIADIC ''{}'')', 'TR552')) AS v (statement, code);
SELECT is(pg_temp.outcome('bourse_analyst', format('SELECT FROM research.compare(%s, %s)', :run, :other)), '00000', 'analysts compare');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
