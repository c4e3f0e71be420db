-- Snapshots, the curves made of them, and the figures of a portfolio, against figures worked out by hand.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/curve.sql
SELECT trading.create_portfolio(name => 'hours', snapshot_interval => '1 hour', at => '2024-01-01') \g /dev/null

SELECT results_eq($$SELECT bucket, at, equity::numeric, cash::numeric, positions_value::numeric, net_deposits::numeric, drawdown FROM trading.equity_curve WHERE portfolio = 'curve' ORDER BY bucket$$,
  $$VALUES (timestamptz '2024-01-02', timestamptz '2024-01-02 21:00Z', 1000.0, 1000.0, 0.0, 1000.0, 0.0),
           ('2024-01-03 05:00Z', '2024-01-03 21:00Z', 1099.0, 499.0, 600.0, 1000.0, 0.0),
           ('2024-01-04 05:00Z', '2024-01-04 21:00Z', 1399.0, 999.0, 400.0, 1500.0, round(1399.0 / 1599 - 1, 8)),
           ('2024-01-05 05:00Z', '2024-01-05 21:00Z', 1448.0, 1178.0, 270.0, 1500.0, round(1448.0 / 1599 - 1, 8)),
           ('2024-01-08 05:00Z', '2024-01-08 21:00Z', 1178.0, 878.0, 300.0, 1200.0, round(1448.0 / 1599 * 1178 / 1148 - 1, 8))$$,
  'one snapshot a day, the last of it; days are those of the exchange once it has traded');
SELECT results_eq($$SELECT day, equity::numeric, pnl::numeric, return FROM trading.daily_pnl WHERE portfolio = 'curve' ORDER BY day$$,
  $$VALUES (date '2024-01-02', 1000.0, 0.0, 0.0), ('2024-01-03', 1099.0, 99.0, 0.099), ('2024-01-04', 1399.0, -200.0, round(1399.0 / 1599 - 1, 8)),
           ('2024-01-05', 1448.0, 49.0, round(1448.0 / 1399 - 1, 8)), ('2024-01-08', 1178.0, 30.0, round(1178.0 / 1148 - 1, 8))$$, 'daily profit: deposits and withdrawals taken out');

-- The figures. The index is 1.099 when the deposit comes, and falls with it from 1599 to 1399; when the withdrawal goes, it goes on from 1148.
CREATE TEMP VIEW stats AS SELECT * FROM trading.get_portfolio_stats('curve');
SELECT results_eq('SELECT equity, cash, available, positions_value, net_deposits, total_return, realised_pnl, unrealised_pnl, fees FROM stats',
  $$VALUES (1178.0, 878.0, 878.0, 300.0, 1200.0, round(1.099 * 1448 / 1599 * 1178 / 1148 - 1, 8), -20.0, 0.0, 2.0)$$, 'balances and profits');
SELECT results_eq('SELECT max_drawdown, snapshots, orders, rejected_orders, open_orders, fills, turnover, closing_fills, win_rate FROM stats',
  $$VALUES (round(1399.0 / 1599 - 1, 8), 5::bigint, 2::bigint, 0::bigint, 0::bigint, 2::bigint, 680.0, 1::bigint, 0.0)$$, 'activity; a deposit hides no drawdown');
SELECT pg_temp.submit('s2', 'sell', 1, 90, portfolio => 'curve'), pg_temp.fill('s2', 1, 102, 's2', portfolio => 'curve'), pg_temp.submit('s3', 'sell', 1, 90, portfolio => 'curve'), pg_temp.fill('s3', 1, 100, 's3', portfolio => 'curve'),
       pg_temp.submit('r', 'sell', 99, 90, portfolio => 'curve'), pg_temp.submit('o', 'buy', 1, 90, portfolio => 'curve') \g /dev/null
SELECT results_eq('SELECT orders, rejected_orders, open_orders, fills, closing_fills, win_rate, available FROM stats', $$VALUES (6::bigint, 1::bigint, 1::bigint, 4::bigint, 3::bigint, 0.33333333, 987.0)$$,
  'a profit smaller than its fee wins, one that is not does not, and breaking even is no win but counts');
SELECT results_eq($$SELECT snapshots, orders, fills, turnover, max_drawdown FROM trading.get_portfolio_stats('curve', '2024-01-04', '2024-01-06')$$, $$VALUES (2::bigint, 1::bigint, 1::bigint, 180.0, round(1399.0 / 1599 - 1, 8))$$, 'a period: the peak may be from before it');
SELECT results_eq($$SELECT equity, total_return, max_drawdown, snapshots, win_rate FROM trading.get_portfolio_stats('hours')$$, $$VALUES (0.0, 0.0, 0.0, 0::bigint, NULL::numeric)$$, 'without capital there is no return and no drawdown');
SELECT pg_temp.refuses($$SELECT * FROM trading.get_portfolio_stats('none')$$, 'TR211', 'an unknown portfolio');

-- Snapshots: the last of an interval stays, an older one changes nothing, each portfolio has its interval.
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('curve')], '2024-01-08 12:00Z') \g /dev/null
SELECT is((SELECT max(s.at) FROM trading.portfolio_snapshots AS s WHERE s.portfolio_id = trading.portfolio_id('curve')), '2024-01-08 21:00Z'::timestamptz, 'an older snapshot of the day changes nothing');
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('hours'), trading.portfolio_id('curve')], t) FROM unnest(ARRAY[timestamptz '2024-01-09 10:59:59Z', '2024-01-09 11:00Z', '2024-01-09 11:30Z']) AS t \g /dev/null
SELECT is((SELECT array_agg(s.bucket || ' ' || s.at ORDER BY s.bucket) FROM trading.portfolio_snapshots AS s WHERE s.portfolio_id = trading.portfolio_id('hours')),
          '{"2024-01-09 10:00:00+00 2024-01-09 10:59:59+00","2024-01-09 11:00:00+00 2024-01-09 11:30:00+00"}', 'hourly');
SELECT is((SELECT count(*) FROM trading.portfolio_snapshots AS s WHERE s.portfolio_id = trading.portfolio_id('curve') AND s.at >= '2024-01-09'), 1::bigint, 'daily');
SELECT pg_temp.refuses($$SELECT trading.record_snapshots('{-1}', now())$$, 'TR211', 'an unknown portfolio');

-- The fingerprint does not depend on the session, and changes with every order.
SELECT ops.fingerprint('curve') AS print, ops.fingerprint() AS all_prints \gset
SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Asia/Tokyo'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = -3;
SELECT is(ops.fingerprint('curve'), :'print', 'the fingerprint in a session with other formats');
SELECT pg_temp.submit('one-more', 'buy', 1, 1, portfolio => 'curve') \g /dev/null
SELECT isnt(ops.fingerprint('curve'), :'print', 'changes with an order');
SELECT isnt(ops.fingerprint(), :'all_prints', 'also that of all');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
