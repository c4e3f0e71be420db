-- What people read of backtests and of what was realised: research.summary, research.realised_gains, trading.sparkline.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- Lines of block characters.
SELECT is(trading.sparkline('{1,2,3,4,5,6,7,8}'), '▁▂▃▄▅▆▇█', 'the lowest is the lowest block, the highest the highest');
SELECT is(trading.sparkline('{5,5,5}'), '▄▄▄', 'what is flat lies in the middle');
SELECT is(trading.sparkline('{NULL,1,NULL,2}'), ' ▁ █', 'what is not known is blank');
SELECT pg_temp.refuses($$SELECT trading.sparkline('{1,NaN}')$$, 'TR243', 'what is no number');
SELECT pg_temp.refuses($$SELECT trading.sparkline('{1,-Infinity}')$$, 'TR243', 'what has no end');
SELECT is(trading.sparkline(array_agg(n ORDER BY n)), '▁▁▁▁▁▁▁▂▂▂▂▂▂▂▂▃▃▃▃▃▃▃▄▄▄▄▄▄▄▄▅▅▅▅▅▅▅▆▆▆▆▆▆▆▆▇▇▇▇▇▇▇████████', 'many numbers become sixty')
  FROM (SELECT n::float8 FROM generate_series(1, 6000) AS n) AS s;
SELECT is(length(trading.sparkline(array_agg(n::float8), 7)), 7, 'or as many as are wanted') FROM generate_series(1, 100) AS n;
SELECT is(trading.sparkline('{}'), NULL, 'nothing has no line');
SELECT is(trading.sparkline('{1e299,-1e299}'), '█▁', 'large numbers do not overflow');
SELECT pg_temp.refuses($$SELECT trading.sparkline('{1}', 0)$$, 'TR243', 'a width that cannot be');

-- A run as people see it.
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"entry": "close > 0"}') \g /dev/null
INSERT INTO research.backtests (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, settings_version, data_fingerprint, engine_version, seed, events, final_equity, final_cash, orders, rejected, fills, fees, total_return, max_drawdown, drawdown_days, sharpe, trades, average_win, average_holding)
SELECT s.strategy_id, 1, '{US:IBM}', ARRAY[market.instrument_id('IBM')], '2024-01-08', '2025-03-01', 1000, 'USD', '{"fill": "next_open"}', 1, '0123456789abcdef', '0.1.0', 0, 3, 1100.555, 1100.555, 2, 0, 2, 1.5, 0.100555, -0.25, 7, 1.23456, 1, 100.555, '3 days 04:05:06.7'
  FROM strategy.strategies AS s WHERE s.name = 's';
SELECT max(b.run_id) AS run FROM research.backtests AS b \gset
INSERT INTO research.backtest_equity SELECT :run, day, day + time '21:00Z', e, e, 0, 0 FROM (VALUES (date '2024-01-08', 1000.0), ('2024-01-09', 750), ('2024-01-10', 1100.555)) AS n (day, e);
SELECT results_eq(format($$SELECT name, value FROM research.summary(%s) WHERE name = ANY ('{strategy,symbols,equity,from_time,capital,final_equity,total_return,max_drawdown,drawdown_days,sharpe,calmar,trades,average_win,average_holding}')$$, :run),
  $$VALUES ('strategy', 's@1'), ('symbols', 'US:IBM'), ('equity', '▆▁█'), ('from_time', '2024-01-08 00:00Z'), ('capital', '1000.00 USD'), ('final_equity', '1100.56 USD'), ('total_return', '10.06 %'), ('sharpe', '1.2346'), ('calmar', NULL),
           ('max_drawdown', '-25.00 %'), ('drawdown_days', '7 days'), ('trades', '1'), ('average_win', '100.56 USD'), ('average_holding', '3 days 04:05:00')$$,
  'each figure with its unit, and nothing where there is nothing to divide by');
SELECT is_empty(format($$SELECT name FROM research.summary(%s) WHERE explanation IS NULL OR explanation = ''$$, :run), 'each of them is explained');
SELECT is_empty($$SELECT topic FROM (SELECT 1) AS n CROSS JOIN LATERAL (SELECT topic FROM research.summary((SELECT max(run_id) FROM research.backtests)) WHERE topic = 'benchmark') AS b$$, 'a run without a benchmark is compared with none');
UPDATE research.backtests SET benchmark_return = 0.5;
SELECT set_eq(format($$SELECT name FROM research.summary(%s) WHERE name NOT IN ('strategy', 'equity')$$, :run),
  $$SELECT attname::text FROM pg_attribute WHERE attrelid = 'research.backtests'::regclass AND attnum > 0 AND NOT attisdropped
       AND attname <> ALL ('{run_id,status,strategy_id,version,legs,instrument_ids,currency,settings,settings_version}')$$,
  'no column of a run is forgotten');
SELECT pg_temp.refuses('SELECT * FROM research.summary(0)', 'TR533', 'a run that is not there');
SELECT pg_temp.refuses('SELECT * FROM research.summary(NULL)', 'TR533', 'no run at all');

-- What a portfolio has realised: by lot, first in first out, and by how long each was held.
SELECT pg_temp.submit('one', 'buy', 10, 100), pg_temp.fill('one', 10, 100, 'one', 1), pg_temp.submit('two', 'buy', 10, 110, at => '2024-02-01 15:00Z'), pg_temp.fill('two', 10, 110, 'two', 1),
       pg_temp.submit('out', 'sell', 15, 120, at => '2025-01-09 15:00Z'), pg_temp.fill('out', 15, 120, 'out', 3) \g /dev/null
CREATE FUNCTION pg_temp.gains() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', g.symbol, g.direction, g.quantity, g.term, g.cost, g.proceeds, g.fees, g.gain, g.currency) FROM research.realised_gains('main') AS g
$$;
SELECT results_eq('SELECT * FROM pg_temp.gains()', ARRAY['US:IBM long 10 long 1000 1200 3 197 USD', 'US:IBM long 5 short 550 600 1.5 48.5 USD'], 'each lot has its cost, its share of the fees and its term');
SELECT results_eq($$SELECT sum(gain) FROM research.realised_gains('main')$$, $$SELECT sum(net_pnl) FROM trading.round_trips WHERE portfolio = 'main'$$, 'they add up to the round trips');
SELECT results_eq($$SELECT term FROM research.realised_gains('main', '6 months')$$, ARRAY['long', 'long'], 'what is long is said by whoever asks');
SELECT pg_temp.submit('rest', 'sell', 5, 90, at => '2025-02-01 15:00Z'), pg_temp.fill('rest', 5, 90, 'rest', 0) \g /dev/null
SELECT results_eq('SELECT * FROM pg_temp.gains()', ARRAY['US:IBM long 10 long 1000 1200 3 197 USD', 'US:IBM long 5 short 550 600 1.5 48.5 USD', 'US:IBM long 5 short 550 450 0.5 -100.5 USD'], 'a year to the day is not more than a year');
SELECT pg_temp.refuses($$SELECT * FROM research.realised_gains('nobody')$$, 'TR211', 'an unknown portfolio');

-- And a run, likewise.
INSERT INTO research.backtest_lots (run_id, fill_id, lot_fill_id, instrument_id, quantity, cost, value, opened_at, closed_at, settled_pnl, fees)
SELECT :run, n.* FROM (VALUES (3, 1, market.instrument_id('IBM'), 10, 1000, 1200, timestamptz '2024-01-08 15:00Z', timestamptz '2025-01-09 15:00Z', 0, 3), (2, 4, market.instrument_id('IBM'), -5, -550, -450, '2024-02-01 15:00Z', '2024-02-05 15:00Z', 0, 1)) AS n;
SELECT results_eq(format($$SELECT concat_ws(' ', lot, direction, quantity, term, cost, proceeds, fees, gain) FROM research.realised_gains(%s)$$, :run),
  ARRAY['4 short 5 short 450 550 1 99', '1 long 10 long 1000 1200 3 197'], 'closed lots in the order of their closes; short sales cost what buying back took');
SELECT pg_temp.refuses('SELECT * FROM research.realised_gains(0)', 'TR533', 'a run that is not there');
SELECT is(pg_temp.outcome('bourse_analyst', 'SELECT FROM research.summary((SELECT max(run_id) FROM research.backtests)) AS s, research.realised_gains(''main'') AS p, research.realised_gains((SELECT max(run_id) FROM research.backtests)) AS r'), '00000', 'analysts read them');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
