-- Statistics of live portfolios, against figures worked out by hand: days, flows, currencies, a benchmark, and prices during trades.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/curve.sql

CREATE FUNCTION pg_temp.index(portfolio text, from_time timestamptz DEFAULT NULL, until_time timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT string_agg(concat_ws(' ', d.day, round(d.index::numeric, 8)::float8, d.equity), ', ' ORDER BY d.place) FROM trading.daily_index($1, $2, $3) AS d $$;
SELECT is(pg_temp.index('curve'), format('2024-01-02 1, 2024-01-02 1 1000, 2024-01-03 1.099 1099, 2024-01-04 %s 1399, 2024-01-05 %s 1448, 2024-01-08 %s 1178', round(1.099 * 1399 / 1599, 8)::float8, round(1.099 * 1448 / 1599, 8)::float8, round(1.099 * 1448 / 1599 * 1178 / 1148, 8)::float8),
  'the last of each day, from 1 on; flows of capital do not move it');
SELECT is(pg_temp.index('curve', '2024-01-04', '2024-01-06'), format('2024-01-03 1.099 1099, 2024-01-04 %s 1399, 2024-01-05 %s 1448', round(1.099 * 1399 / 1599, 8)::float8, round(1.099 * 1448 / 1599, 8)::float8), 'a span begins at the last snapshot before it');
SELECT is(pg_temp.index('curve', until_time => '2024-01-01'), NULL, 'before its time there is nothing');
SELECT trading.update_portfolio_value('curve', '2024-01-09 10:00Z') FROM market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-09 09:59Z}', '{110}', '{NULL}') \g /dev/null
SELECT is(split_part(pg_temp.index('curve', '2024-01-06'), ', ', 3), format('2024-01-09 %s 1208', round(1.099 * 1448 / 1599 * 1208 / 1148, 8)::float8), 'the latest valuation is the last day');

CREATE TEMP VIEW stats AS SELECT * FROM trading.get_portfolio_stats('curve', until_time => '2024-01-09');
SELECT results_eq('SELECT periods, drawdown_from, drawdown_trough, drawdown_until, drawdown_days, exposure, round(turnover_rate::numeric, 9), trades, winning_trades, losing_trades, trade_win_rate, expectancy, average_loss, average_holding FROM stats',
  $$VALUES (5, date '2024-01-03', date '2024-01-04', NULL::date, 5, 0.8::float8, round(680 / 1224.8 * 252 / 5, 9), 1::bigint, 0::bigint, 1::bigint, 0::float8, -21.4::float8, -21.4::float8, interval '2 days')$$,
  'of its days and its round trip');
SELECT results_eq('SELECT cagr, sharpe, calmar, skew FROM stats',
  $$SELECT r.cagr, r.sharpe, r.calmar, r.skew FROM (SELECT array_agg(d.day ORDER BY place) AS days, array_agg(d.index ORDER BY place) AS index FROM trading.daily_index('curve', until_time => '2024-01-09') AS d) AS s CROSS JOIN LATERAL trading.return_stats(s.days, s.index) AS r$$, 'by the one function there is');
SELECT is((SELECT abs(s.total_return::float8 - d.last / d.first + 1) < 1e-8 FROM trading.get_portfolio_stats('curve') AS s CROSS JOIN (SELECT min(index) FILTER (WHERE place = 1) AS first, (array_agg(index ORDER BY place DESC))[1] AS last FROM trading.daily_index('curve')) AS d), true, 'the total return is the same');
SELECT results_eq($$SELECT periods, trades, exposure FROM trading.get_portfolio_stats('curve', '2024-01-06', '2024-01-09')$$, 'VALUES (1, 0::bigint, 1::float8)', 'a period of its own');
SELECT results_eq($$SELECT orders, periods, sharpe, trades, exposure, turnover_rate FROM trading.get_portfolio_stats('main')$$, 'VALUES (0::bigint, 1, NULL::float8, 0::bigint, 0::float8, 0::float8)', 'where nothing happened');
SELECT results_eq($$SELECT from_day, round(return::numeric, 8) FROM trading.portfolio_returns('curve', 'week', until_time => '2024-01-09')$$, $$VALUES (date '2024-01-01', round(1.099 * 1448 / 1599 - 1, 8)), (date '2024-01-08', round(1178.0 / 1148 - 1, 8))$$, 'weeks');
SELECT results_eq($$SELECT from_day, trough_day, until_day, round(drawdown::numeric, 8), length FROM trading.portfolio_drawdowns('curve')$$, $$VALUES (date '2024-01-03', date '2024-01-04', NULL::date, round(1399.0 / 1599 - 1, 8), 6)$$, 'and its drawdown');
SELECT pg_temp.refuses($$SELECT * FROM trading.daily_index('none')$$, 'TR211', 'an unknown portfolio');

-- Several snapshots a day: the last one counts, and the drawdown between them is get_portfolio_stats' own.
SELECT trading.create_portfolio(name => 'hours', capital => 1000, snapshot_interval => '1 hour', at => '2024-01-09 12:00Z') \g /dev/null
SELECT pg_temp.submit('b', 'buy', 5, 110, portfolio => 'hours', at => '2024-01-09 15:00Z'), pg_temp.fill('b', 5, 110, 'b', 0, 'hours', '2024-01-09 15:01Z') \g /dev/null
CREATE FUNCTION pg_temp.hour(last float8, at timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[at], ARRAY[last], ARRAY[NULL::float8]); SELECT trading.record_snapshots(trading.portfolio_ids('{hours}'), at) $$;
SELECT pg_temp.hour(130, '2024-01-09 16:00Z'), pg_temp.hour(90, '2024-01-09 17:00Z'), pg_temp.hour(110, '2024-01-09 18:00Z'), pg_temp.hour(100, '2024-01-10 16:00Z'), pg_temp.hour(120, '2024-01-10 18:00Z') \g /dev/null
SELECT is(pg_temp.index('hours'), '2024-01-09 1, 2024-01-09 1 1000, 2024-01-10 1.05 1050', 'two days');
SELECT results_eq($$SELECT s.max_drawdown, s.drawdown_days, s.calmar, s.snapshots, round(s.total_return, 8) FROM trading.get_portfolio_stats('hours') AS s$$, $$VALUES (round(900 / 1100.0 - 1, 8), 0, NULL::float8, 5::bigint, 0.05)$$, 'a drawdown within a day is none of days');

-- Trades in another currency count at the rate of their close, and what was traded at that of the fill.
SELECT trading.create_portfolio(name => 'fx', capital => 1000, at => '2024-02-01Z'), market.add_instrument('SAP', currency => 'EUR'), ledger.set_exchange_rate('EUR', 'USD', 1.10, '2024-02-01Z'), ledger.deposit('fx', 500, 'EUR', '2024-02-01 01:00Z') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('SAP')], '{2024-02-01 15:00Z}', '{10}', '{NULL}'), pg_temp.submit('b', 'buy', 10, 10, 'SAP', 'fx', '2024-02-01 15:00Z'), pg_temp.fill('b', 10, 10, 'b', 0, 'fx', '2024-02-01 15:01Z'),
       ledger.set_exchange_rate('EUR', 'USD', 1.25, '2024-02-02Z'), pg_temp.submit('s', 'sell', 10, 12, 'SAP', 'fx', '2024-02-02 15:00Z'), pg_temp.fill('s', 10, 12, 's', 0, 'fx', '2024-02-02 15:01Z'), trading.record_snapshots(trading.portfolio_ids('{fx}'), '2024-02-02 21:00Z') \g /dev/null
SELECT results_eq($$SELECT net_pnl, rate FROM trading.round_trips WHERE portfolio = 'fx'$$, 'VALUES (20.0, 1.25)', 'a round trip knows its rate');
SELECT results_eq($$SELECT s.expectancy, round(s.turnover_rate::numeric, 9) FROM trading.get_portfolio_stats('fx') AS s$$, $$SELECT 25::float8, round((100 * 1.1 + 120 * 1.25) / s.equity * 252, 9) FROM trading.get_portfolio_stats('fx') AS s$$, 'twenty euros');

-- A benchmark: closes by day, adjusted, the last one where there is none.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), '1 day', market.day_start(market.exchange_id('US'), d), c, c, c, c, 100 FROM (VALUES (date '2024-01-02', 100), ('2024-01-03', 110), ('2024-01-05', 99), ('2024-01-08', 60)) AS v (d, c);
SELECT market.add_split('IBM', '2024-01-08', 2) \g /dev/null
SELECT is(market.day_closes('IBM', '{2024-01-08,2024-01-01,2024-01-02,2024-01-03,2024-01-04,2024-01-05,2024-01-06,NULL,2024-03-01,infinity}'), '{60,NULL,50,55,55,49.5,49.5,NULL,NULL,NULL}'::float8[], 'closes in the order of the days');
SELECT is(market.day_closes('IBM', '{}'), NULL, 'no days');
SET LOCAL timezone = 'Asia/Tokyo';
SELECT is(market.day_closes('IBM', '{2024-01-02,2024-01-08}'), '{50,60}'::float8[], 'whatever the session''s time zone');
SET LOCAL timezone = 'UTC';
SELECT pg_temp.refuses($$SELECT market.day_closes('NONE', '{2024-01-02}')$$, 'TR101', 'an unknown instrument');
SELECT results_eq($$SELECT round(s.benchmark_return::numeric, 9), round(s.beta::numeric, 9) FROM trading.get_portfolio_stats('curve', until_time => '2024-01-09', benchmark => 'IBM') AS s$$,
  $$SELECT 0.2, round(regr_slope(p, b)::numeric, 9) FROM unnest(ARRAY[0, 0.099, 1399.0 / 1599 - 1, 1448.0 / 1399 - 1, 1178.0 / 1148 - 1]::float8[], ARRAY[0, 0.1, 0, -0.1, 60 / 49.5 - 1]::float8[]) AS r (p, b)$$, 'against IBM');
SELECT results_eq($$SELECT s.sharpe < t.sharpe FROM trading.get_portfolio_stats('curve', risk_free => 0.05) AS s, trading.get_portfolio_stats('curve') AS t$$, 'VALUES (true)', 'above a riskless rate');
SELECT pg_temp.refuses($$SELECT * FROM trading.get_portfolio_stats('curve', benchmark => 'NONE')$$, 'TR101', 'an unknown benchmark');
SELECT pg_temp.refuses($$SELECT * FROM trading.get_portfolio_stats('curve', periods_per_year => 0)$$, 'TR243', 'a year without days');

-- Prices during a trade: candles of whole days, minutes and ticks say what all ticks and whole bars say one by one.
SELECT market.add_instrument('TICK'), market.add_instrument('BARS'), market.add_instrument('BOTH') \g /dev/null
SELECT setseed(0.42) \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
SELECT market.instrument_id(s), timestamptz '2024-03-04 14:30Z' + n * interval '37 minutes 13 seconds' + random() * interval '30 minutes', n, round((100 + 20 * random())::numeric, 2), 1 FROM unnest('{TICK,BOTH}'::text[]) AS s, generate_series(1, 600) AS n;
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id(s), '5 minutes', b.ts, 100, 100 + 20 * random(), 100 - 20 * random(), 100, 1
  FROM unnest('{BARS,BOTH}'::text[]) AS s CROSS JOIN LATERAL generate_series(timestamptz '2024-03-04 15:00Z', '2024-03-14 20:55Z', '5 minutes') AS b (ts) WHERE b.ts::time BETWEEN '15:00' AND '20:55' AND random() < 0.9;
-- Longer bars are made of the shorter ones, and are not there for each day.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT b.instrument_id, r.length, r.ts, 100, max(b.high), min(b.low), 100, 1
  FROM market.bars AS b
  CROSS JOIN LATERAL (VALUES (interval '1 hour', date_trunc('hour', b.ts)), ('1 day', market.day_start(market.exchange_id('US'), b.ts::date))) AS r (length, ts)
 WHERE b.instrument_id = market.instrument_id('BARS') OR b.instrument_id = market.instrument_id('BOTH') AND r.length = '1 day' AND extract(day FROM b.ts) IN (5, 6, 9)
 GROUP BY b.instrument_id, r.length, r.ts;
CREATE TEMP TABLE spans AS SELECT s AS symbol, f.t AS since, f.t + random() ^ 3 * interval '9 days' AS until
  FROM unnest('{TICK,BARS,BOTH}'::text[]) AS s, generate_series(1, 80) AS n CROSS JOIN LATERAL (SELECT timestamptz '2024-03-04' + (n * 0 + random()) * interval '12 days') AS f (t);
-- Several ticks a minute, and spans that begin and end among them.
INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('TICK'), timestamptz '2024-03-06 15:00Z' + n * interval '7 seconds', 1000 + n, round((90 + 40 * random())::numeric, 2), 1 FROM generate_series(1, 400) AS n;
INSERT INTO spans SELECT 'TICK', f.t, f.t + random() * interval '5 minutes' FROM generate_series(1, 60) AS n CROSS JOIN LATERAL (SELECT timestamptz '2024-03-06 15:00Z' + (n * 0 + random()) * interval '46 minutes') AS f (t);
INSERT INTO spans SELECT 'TICK', t.ts, t.ts + n * interval '1 day' FROM (SELECT k.ts FROM market.ticks AS k WHERE k.instrument_id = market.instrument_id('TICK') ORDER BY k.ts LIMIT 20) AS t, generate_series(0, 2) AS n;
SELECT is_empty($$SELECT s.*, r.*, a.* FROM spans AS s CROSS JOIN LATERAL market.price_range(market.instrument_id(s.symbol), s.since, s.until) AS r
  CROSS JOIN LATERAL (SELECT min(x.low) AS lowest, max(x.high) AS highest FROM (
    SELECT k.price, k.price FROM market.ticks AS k WHERE k.instrument_id = market.instrument_id(s.symbol) AND k.ts BETWEEN s.since AND s.until AND NOT k.suspicious
    UNION ALL SELECT b.low, b.high FROM market.bars AS b WHERE b.instrument_id = market.instrument_id(s.symbol) AND b.ts >= s.since AND b.ts + make_interval(secs => extract(epoch FROM b.resolution)::float8) <= s.until) AS x (low, high)) AS a
  WHERE r IS DISTINCT FROM a$$, 'the same extremes');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
