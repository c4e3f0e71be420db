-- Limits that look back: losses of the day and week, the drawdown from the peak with its latch, correlation with what is held; all by event time.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'main';
SELECT market.add_instrument(symbol => 'MSFT'), market.add_instrument(symbol => 'XOM'), market.add_instrument(symbol => 'GLD') \g /dev/null
SELECT pg_temp.quote('MSFT', 50), pg_temp.quote('XOM', 10), pg_temp.quote('GLD', 10), trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02') \g /dev/null
CREATE FUNCTION pg_temp.snapshot(at timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('main')], at) $$;

-- Friday closes at a profit of 200, Monday at 100; the day is that of New York.
SELECT pg_temp.hold('h', 10, 100, at => '2024-01-19 15:00Z'), pg_temp.quote('IBM', 120, '2024-01-19 21:00Z'), pg_temp.snapshot('2024-01-19 21:00Z') \g /dev/null
SELECT pg_temp.quote('IBM', 110, '2024-01-22 21:00Z'), pg_temp.snapshot('2024-01-23 02:00Z') \g /dev/null
SELECT pg_temp.quote('IBM', 105, '2024-01-23 14:31Z') \g /dev/null
SELECT pg_temp.limited('daily_loss', 50) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-23 15:00Z'), 'accepted', '50 were lost since Monday, at the last price and not at that of the valuation');
SELECT pg_temp.quote('IBM', 104.99, '2024-01-23 15:01Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-23 15:02Z'), pg_temp.verdict('sell', 10, 100, at => '2024-01-23 15:02Z'), pg_temp.verdict('buy', 1, 100, portfolio => 'other', at => '2024-01-23 15:02Z')),
          'TR320 accepted accepted', 'a cent more is too much, to buy');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-24 04:59Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-24 05:00Z')), 'TR320 accepted', 'a new day begins at local midnight, whether there is a snapshot or not');
SELECT pg_temp.snapshot('2024-01-23 21:00Z') \g /dev/null
SELECT pg_temp.limited('daily_loss', NULL), pg_temp.limited('weekly_loss', 150.1) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-24 15:00Z'), 'accepted', 'since Friday 150.1 were lost');
SELECT pg_temp.limited('weekly_loss', 150) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-24 15:00Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-29 15:00Z')), 'TR321 accepted', 'until the next week');
SELECT pg_temp.limited('weekly_loss', NULL), pg_temp.limited('weekly_loss_share', 1.5), pg_temp.limited('daily_loss_share', 10) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-24 15:00Z'), 'accepted', '1.47 percent of the 10,200 of Friday');
SELECT pg_temp.limited('weekly_loss_share', 1.4) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-24 15:00Z'), 'TR321', 'are more than 1.4');
SELECT pg_temp.limited('weekly_loss_share', NULL), pg_temp.limited('daily_loss_share', 0) \g /dev/null
SELECT ledger.withdraw('main', 5000, at => '2024-01-24 14:00Z') \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-24 15:00Z'), 'accepted', 'a withdrawal is no loss');
SELECT ledger.deposit('main', 5000, at => '2024-01-24 14:01Z'), pg_temp.limited('daily_loss_share', NULL) \g /dev/null
SELECT pg_temp.limited('daily_loss', 0, 'portfolio', 'other') \g /dev/null
SELECT pg_temp.hold('o', 10, 100, portfolio => 'other', at => '2024-01-23 15:00Z'), pg_temp.quote('IBM', 99, '2024-01-24 15:30Z') \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 50, 'MSFT', 'other', at => '2024-01-24 16:00Z'), 'TR320', 'a portfolio without any snapshot starts from its deposits');
SELECT pg_temp.limited('daily_loss', NULL, 'portfolio', 'other') \g /dev/null

-- Drawdown: the peak was 10,200; 98 is 220 below, 2.157 percent.
SELECT pg_temp.quote('IBM', 98, '2024-01-24 16:00Z'), pg_temp.limited('drawdown', 2.2) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-24 17:00Z'), 'accepted', 'a drawdown within the limit');
SELECT pg_temp.submit('seen', 'buy', 1, 10, at => '2024-01-24 17:00Z') \g /dev/null
SELECT is((SELECT v.limit_peak FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('main')), 1.02, 'the peak is kept');
SELECT pg_temp.limited('drawdown', 2.1) \g /dev/null
SELECT is((pg_temp.submit('deep', 'buy', 1, 100, at => '2024-01-24 18:00Z')).reason_code, 'TR322', 'a drawdown above it');
SELECT is((SELECT round(b.figure, 4) FROM risk.breaches AS b JOIN pg_temp.order_row('deep') USING (portfolio_id, order_id)), 2.1569, 'percent below the peak');
SELECT pg_temp.quote('IBM', 130, '2024-01-24 19:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-02-10 19:01Z'), pg_temp.verdict('sell', 10, 100, at => '2024-01-24 19:01Z'), pg_temp.verdict('buy', 1, 50, 'MSFT', 'other', at => '2024-01-24 19:01Z')),
          'TR322 accepted accepted', 'it is latched, although the loss is made good: of this portfolio only');
SELECT is((SELECT count(*) FROM risk.locks AS l WHERE l.code = 'TR322' AND l.expires_at = 'infinity'), 1::bigint, 'by one lock');
SELECT pg_temp.refuses('SELECT risk.release(''main'', 0)', 'TR328', 'there is no such lock');
SELECT pg_temp.quote('IBM', 90, '2024-01-25 15:00Z') \g /dev/null
SELECT is((risk.release('main', (SELECT l.lock_id FROM risk.locks AS l), '2024-01-25 15:00Z')).released_by, session_user::text, 'a person releases it');
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-25 15:01Z'), 'accepted', 'then the peak begins anew');
SELECT pg_temp.quote('IBM', 60, '2024-01-25 15:02Z') \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 100, at => '2024-01-25 15:03Z'), 'TR322', 'and a new drawdown from there counts');
SELECT pg_temp.refuses('SELECT risk.release(''main'', (SELECT l.lock_id FROM risk.locks AS l))', 'TR328', 'it is released once');
SELECT risk.set_limit('drawdown', NULL), risk.set_limit('drawdown', 2, action => 'halt') \g /dev/null
SELECT pg_temp.submit('halting', 'buy', 1, 10, at => '2024-01-25 16:00Z'), risk.set_limit('drawdown', NULL, action => 'halt') \g /dev/null
SELECT is(concat_ws(' ', (pg_temp.order_row('halting')).reason_code, pg_temp.verdict('buy', 1, 10, at => '2024-03-11 16:00Z')), 'TR322 TR301', 'as an action it halts the portfolio');
SELECT risk.resume('portfolio', 'main', at => '2024-01-25 17:00Z'), risk.set_limit('drawdown', 2) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-25 17:01Z'), 'accepted', 'and resuming begins a new peak too');
SELECT risk.set_limit('drawdown', NULL) \g /dev/null

-- Correlation: MSFT moves with IBM, XOM against it, GLD as it likes; what is not over yet is not known.
CREATE FUNCTION pg_temp.bars(symbol text, level float8[]) RETURNS void LANGUAGE sql AS $$
  INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
  SELECT market.instrument_id(symbol), '1 day', (timestamp '2024-03-01' + (n - 1) * interval '1 day') AT TIME ZONE 'America/New_York', v, v, v, v, 1 FROM unnest(level) WITH ORDINALITY AS l (v, n)
$$;
SELECT pg_temp.bars('IBM', array_agg(100 + 5 * sin(n))), pg_temp.bars('MSFT', array_agg(50 + 2.5 * sin(n))), pg_temp.bars('XOM', array_agg(10 - 0.5 * sin(n))), pg_temp.bars('GLD', array_agg(10 + 0.5 * sin(n * n))) FROM generate_series(1, 40) AS n \g /dev/null
SELECT pg_temp.limited('correlation', 0.8) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 50, 'MSFT', at => '2024-04-09 15:00Z'), pg_temp.verdict('buy', 1, 10, 'XOM', at => '2024-04-09 15:00Z'), pg_temp.verdict('buy', 1, 10, 'GLD', at => '2024-04-09 15:00Z'), pg_temp.verdict('buy', 1, 100, at => '2024-04-09 15:00Z')),
          'TR319 accepted accepted accepted', 'what moves with what is held is refused; more of the same is for other rules');
SELECT is(concat_ws(' ', pg_temp.verdict('sell', 1, 50, 'MSFT', at => '2024-04-09 15:00Z'), pg_temp.verdict('sell', 1, 10, 'XOM', at => '2024-04-09 15:00Z')), 'accepted TR319', 'a short sale the other way round');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 50, 'MSFT', at => '2024-03-21 15:00Z'), pg_temp.verdict('buy', 1, 50, 'MSFT', at => '2024-03-22 04:00Z')), 'accepted TR319', 'at the time of the order 20 returns were known, or not');
SELECT is((SELECT count(*) FROM internal.day_returns(market.instrument_id('GLD'), '2024-04-09 15:00Z')), 38::bigint, 'the bar of today is not over');
-- The same from ticks where there are no bars.
SELECT market.add_instrument(symbol => 'TCK') \g /dev/null
SELECT pg_temp.quote('TCK', 50) \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
SELECT market.instrument_id('TCK'), b.ts + interval '16 hours', n, b.close / 2 + CASE n WHEN 0 THEN 1 ELSE 0 END, 1 FROM market.bars AS b, generate_series(0, 1) AS n WHERE b.instrument_id = market.instrument_id('IBM');
SELECT is(pg_temp.verdict('buy', 1, 50, 'TCK', at => '2024-04-09 15:00Z'), 'TR319', 'the last tick of each day');
SELECT pg_temp.is_sound();

-- Who had lost everything when the day began: no share of that can be measured, and what cannot is refused.
INSERT INTO risk.period_marks AS m (portfolio_id, at, profit, index) VALUES (trading.portfolio_id('main'), '2024-04-09 04:00Z', -10000, 0) ON CONFLICT (portfolio_id, at) DO UPDATE SET index = 0;
DELETE FROM risk.limits;
SELECT risk.set_limit('daily_loss_share', 50) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 50, 'MSFT', at => '2024-04-09 15:00Z'), 'TR320', 'after a day that began with nothing');

SELECT * FROM finish();
ROLLBACK;
