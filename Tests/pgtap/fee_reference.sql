-- The schedules that come with the engine, against examples that brokers publish and arithmetic on paper.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.fees(schedule text, at date, side trading.order_side, product trading.product, quantity numeric, price numeric, maker_value numeric DEFAULT 0)
RETURNS numeric[] LANGUAGE sql AS $$
  SELECT array_agg(trim_scale(f)) FROM unnest(trading.order_fees(schedule, at + time '05:00', side, product, quantity, quantity * price, maker_value)) AS f
$$;

-- Interactive Brokers, fixed pricing, the three examples of its page; then what a sale pays besides: 27.80 a million to the SEC, 0.000166 a share to FINRA.
SELECT is(pg_temp.fees('us_equity', '2024-06-03', side, 'delivery', quantity, price), fees::numeric[], format('us_equity %s %s at %s', side, quantity, price))
  FROM (VALUES ('buy'::trading.order_side, 100, 25::numeric, '{1,0,0,0,0,0,0,0}'), ('buy', 1000, 25, '{5,0,0,0,0,0,0,0}'), ('buy', 1000, 0.25, '{2.5,0,0,0,0,0,0,0}'),
               ('sell', 1000, 25, '{5,0,0,0,0,0,0.695,0.166}'), ('sell', 60000, 25, '{300,0,0,0,0,0,41.7,8.3}'), ('sell', 10, 0.2, '{0.02,0,0,0,0,0,0.0000556,0.00166}')) AS e (side, quantity, price, fees);
SELECT is(pg_temp.fees('us_equity', day, 'sell', 'delivery', 1000, 25), fees::numeric[], format('us_equity on %s', day))
  FROM (VALUES (date '2013-10-07', '{5}'), ('2014-03-17', '{5}'), ('2014-03-18', '{5,0,0,0,0,0,0.5525,0.119}'), ('2025-05-13', '{5,0,0,0,0,0,0.695,0.166}'), ('2025-05-14', '{5,0,0,0,0,0,0,0.166}'),
               ('2026-04-04', '{5,0,0,0,0,0,0.515,0.195}')) AS e (day, fees);

-- Zerodha's calculator as it opens: 400 bought at 1000 and sold at 1100. brokerage, stt, exchange, sebi, gst, stamp duty.
SELECT is(pg_temp.fees(schedule, day, side, product, 400, CASE side WHEN 'buy' THEN 1000 ELSE 1100 END), fees::numeric[], format('%s %s %s on %s', schedule, product, side, day))
  FROM (VALUES ('nse_equity', date '2024-10-02', 'buy'::trading.order_side, 'intraday'::trading.product, '{20,0,11.88,0.4,5.81,12}'), ('nse_equity', '2024-10-02', 'sell', 'intraday', '{20,110,13.07,0.44,6.03,0}'),
               ('nse_equity', '2024-10-02', 'buy', 'delivery', '{0,400,11.88,0.4,2.21,60}'), ('nse_equity', '2024-10-02', 'sell', 'delivery', '{0,440,13.07,0.44,2.43,0}'),
               ('nse_equity', '2024-09-30', 'buy', 'delivery', '{0,400,12.88,0.4,2.39,60}'),
               ('nse_futures', '2024-10-02', 'buy', 'carry_forward', '{20,0,6.92,0.4,4.92,8}'), ('nse_futures', '2024-10-02', 'sell', 'carry_forward', '{20,88,7.61,0.44,5.05,0}'),
               ('nse_futures', '2024-09-30', 'sell', 'intraday', '{20,55,8.27,0.44,5.17,0}'), ('nse_futures', '2026-04-01', 'sell', 'intraday', '{20,220,7.61,0.44,5.05,0}'),
               ('nse_options', '2024-10-02', 'buy', 'intraday', '{20,0,140.12,0.4,28.89,12}'), ('nse_options', '2024-10-02', 'sell', 'intraday', '{20,440,154.13,0.44,31.42,0}'),
               ('nse_options', '2024-09-30', 'sell', 'intraday', '{20,275,217.8,0.44,42.88,0}'), ('nse_options', '2026-04-01', 'sell', 'intraday', '{20,660,154.13,0.44,31.42,0}')) AS e (schedule, day, side, product, fees);
-- Two questions of its forum: why 2.525 and 0.52 rupees of tax became 3 and 1.
SELECT is((pg_temp.fees('nse_equity', '2024-10-02', 'sell', 'intraday', 100, 101))[2], 3::numeric, 'whole rupees, up');
SELECT is((pg_temp.fees('nse_equity', '2024-10-02', 'sell', 'intraday', 20, 103.55))[2], 1::numeric, 'and up from a half');
SELECT is(pg_temp.fees('nse_equity', '2017-06-30', 'buy', 'delivery', 1, 1), NULL, 'no terms before the first date that is known');

-- Each kind at each change of a rate, on paper. 100,000 traded; contracts of options for 100,000 of premium.
-- brokerage, stt, exchange, sebi, gst, stamp duty.
SELECT is(pg_temp.fees(schedule, day, side, product, 100, 1000), fees::numeric[], format('%s %s %s on %s', schedule, product, side, day))
  FROM (VALUES ('nse_equity', date '2017-07-03', 'sell'::trading.order_side, 'delivery'::trading.product, '{0,100,3.25,0.15,0.59,10}'), ('nse_equity', '2019-04-01', 'sell', 'delivery', '{0,100,3.25,0.1,0.59,10}'),
               ('nse_equity', '2020-06-30', 'buy', 'intraday', '{20,0,3.25,0.05,4.19,2}'), ('nse_equity', '2020-07-01', 'buy', 'intraday', '{20,0,3.25,0.05,4.19,3}'), ('nse_equity', '2020-07-01', 'sell', 'delivery', '{0,100,3.25,0.05,0.59,0}'),
               ('nse_equity', '2021-01-01', 'buy', 'delivery', '{0,100,3.45,0.05,0.62,15}'), ('nse_equity', '2021-04-01', 'buy', 'delivery', '{0,100,3.45,0.1,0.62,15}'), ('nse_equity', '2022-07-18', 'buy', 'delivery', '{0,100,3.45,0.1,0.64,15}'),
               ('nse_equity', '2023-04-03', 'buy', 'delivery', '{0,100,3.25,0.1,0.6,15}'), ('nse_equity', '2024-04-01', 'buy', 'delivery', '{0,100,3.22,0.1,0.6,15}'), ('nse_equity', '2024-10-01', 'buy', 'delivery', '{0,100,2.97,0.1,0.55,15}'),
               ('bse_equity', '2024-10-01', 'buy', 'delivery', '{0,100,3.75,0.1,0.69,15}'), ('bse_equity', '2024-10-01', 'sell', 'intraday', '{20,25,3.75,0.1,4.29,0}'),
               ('nse_etf', '2024-10-01', 'buy', 'delivery', '{0,0,2.97,0.1,0.55,15}'), ('nse_etf', '2024-10-01', 'sell', 'delivery', '{0,1,2.97,0.1,0.55,0}'), ('nse_etf', '2024-10-01', 'sell', 'intraday', '{20,25,2.97,0.1,4.15,0}'),
               ('nse_futures', '2017-07-03', 'sell', 'carry_forward', '{20,10,1.9,0.15,3.94,2}'), ('nse_futures', '2023-03-31', 'sell', 'carry_forward', '{20,10,2,0.1,3.98,0}'), ('nse_futures', '2023-04-03', 'sell', 'carry_forward', '{20,13,1.9,0.1,3.96,0}'),
               ('nse_futures', '2024-09-30', 'sell', 'carry_forward', '{20,13,1.88,0.1,3.96,0}'), ('nse_futures', '2024-10-01', 'sell', 'carry_forward', '{20,20,1.73,0.1,3.93,0}'), ('nse_futures', '2026-04-01', 'sell', 'carry_forward', '{20,50,1.73,0.1,3.93,0}'),
               ('bse_futures', '2024-10-01', 'buy', 'carry_forward', '{20,0,0,0.1,3.62,2}'),
               ('nse_options', '2017-07-03', 'sell', 'carry_forward', '{20,50,50,0.15,12.6,2}'), ('nse_options', '2021-01-01', 'buy', 'carry_forward', '{20,0,53,0.05,13.14,3}'), ('nse_options', '2023-03-31', 'sell', 'carry_forward', '{20,50,53,0.1,13.16,0}'),
               ('nse_options', '2023-04-03', 'sell', 'carry_forward', '{20,63,50,0.1,12.62,0}'), ('nse_options', '2024-09-30', 'sell', 'carry_forward', '{20,63,49.5,0.1,12.53,0}'), ('nse_options', '2024-10-01', 'sell', 'carry_forward', '{20,100,35.03,0.1,9.92,0}'),
               ('bse_options', '2026-04-01', 'sell', 'carry_forward', '{20,150,32.5,0.1,9.47,0}')) AS e (schedule, day, side, product, fees);
-- Options in the United States: 0.65 a contract and at least 1; ten sold for 2,500: 27.80 a million, and 0.00279 each.
SELECT is(pg_temp.fees('us_options', day, side, 'delivery', quantity, 250), fees::numeric[], format('us_options %s %s on %s', side, quantity, day))
  FROM (VALUES (date '2024-06-03', 'buy'::trading.order_side, 1, '{1,0,0,0,0,0,0,0}'), ('2024-06-03', 'sell', 10, '{6.5,0,0,0,0,0,0.0695,0.0279}'), ('2022-01-03', 'sell', 10, '{6.5,0,0,0,0,0,0.01275,0.0218}'),
               ('2023-01-03', 'sell', 10, '{6.5,0,0,0,0,0,0.05725,0.0244}'), ('2026-04-06', 'sell', 10, '{6.5,0,0,0,0,0,0.0515,0.0329}'), ('2021-12-31', 'buy', 10, NULL)) AS e (day, side, quantity, fees);

-- A plan gives each kind its schedule, by the day of the exchange.
SELECT is(trading.order_fees('zerodha', at, 'sell', 'carry_forward', 100, 100000, 0, kind::market.instrument_kind, market.exchange_id(exchange)),
          trading.order_fees(schedule, at, 'sell', 'carry_forward', 100, 100000, 0, kind::market.instrument_kind, market.exchange_id(exchange)), format('zerodha: %s of %s', kind, exchange))
  FROM (VALUES ('equity', 'NSE', 'nse_equity'), ('equity', 'BSE', 'bse_equity'), ('etf', 'NSE', 'nse_etf'), ('etf', 'BSE', 'bse_etf'), ('future', 'NFO', 'nse_futures'), ('future', 'BFO', 'bse_futures'), ('option', 'NFO', 'nse_options'),
               ('option', 'BFO', 'bse_options')) AS e (kind, exchange, schedule), (VALUES (timestamptz '2024-10-01 04:00Z'), ('2026-04-06 04:00Z')) AS t (at);
SELECT is(trading.order_fees('zerodha', '2024-10-01 04:00Z', 'buy', 'delivery', 1, 1, 0, kind::market.instrument_kind, NULL), NULL, format('zerodha says nothing of %s', kind)) FROM unnest('{crypto,fx,index}'::text[]) AS kind;
SELECT is(pg_temp.fees('zerodha', '2024-10-01', 'sell', 'delivery', 100, 1000), pg_temp.fees('nse_equity', '2024-10-01', 'sell', 'delivery', 100, 1000), 'shares when nothing else is said');
SELECT pg_temp.amounts_to(trading.order_fee('zerodha', '2024-09-30 18:29:59Z', 100, 100000, 'sell', kind => 'option', exchange => 'NFO'), 145.13, 'the last second of September in Mumbai');
SELECT pg_temp.amounts_to(trading.order_fee('zerodha', '2024-09-30 18:30Z', 100, 100000, 'sell', kind => 'option', exchange => 'NFO'), 165.05, 'the first of October');
SELECT results_eq($$SELECT component::text, trim_scale(amount) FROM trading.order_fee_lines('zerodha', '2024-10-01 04:00Z', 100, 100000, 'sell', kind => 'option', exchange => 'nfo')$$,
  $$VALUES ('brokerage', 20::numeric), ('stt', 100), ('exchange', 35.03), ('sebi', 0.1), ('gst', 9.92)$$, 'the lines of an option');
SELECT pg_temp.refuses($$SELECT trading.order_fee('zerodha', '2024-10-01 04:00Z', 1, 1, exchange => 'NOWHERE')$$, 'TR102', 'an unknown exchange');
SELECT is(trading.order_fees('us', '2024-06-03 15:00Z', 'sell', 'delivery', 10, 2500, 0, kind::market.instrument_kind, market.exchange_id('US')), trading.order_fees(schedule, '2024-06-03 15:00Z', 'sell', 'delivery', 10, 2500, 0), format('us: %s', kind))
  FROM (VALUES ('equity', 'us_equity'), ('etf', 'us_equity'), ('option', 'us_options'), ('crypto', 'crypto')) AS e (kind, schedule);
-- The taxes of the United States are of New York's day, too: 27.80 a million begin there at 04:00 UTC.
SELECT is((trading.order_fees('us', at, 'sell', 'delivery', 1000, 25000, 0, 'equity', market.exchange_id('US')))[7], fee, format('SEC at %s', at)) FROM (VALUES (timestamptz '2024-05-22 03:59:59Z', 0.2), ('2024-05-22 04:00Z', 0.695)) AS e (at, fee);

SELECT is(pg_temp.fees('crypto', '2024-10-02', 'buy', 'delivery', 1, 1000), '{4}', 'crypto taker');
SELECT is(pg_temp.fees('crypto', '2024-10-02', 'sell', 'delivery', 1, 1000, 1000), '{2.5}', 'crypto maker');

-- Installing again brings back what is missing, but adds nothing to a schedule that a portfolio uses.
SELECT trading.create_portfolio(name => 'futures', fee_schedule => 'nse_futures', at => '2024-05-01') \g /dev/null
DELETE FROM trading.fee_schedules WHERE name IN ('nse_futures', 'nse_options', 'crypto') AND valid_from <> '2024-04-01';
DELETE FROM trading.fee_components WHERE name IN ('nse_futures', 'nse_options') AND component = 'stt';
DELETE FROM trading.fee_plans WHERE name IN ('us', 'zerodha') AND kind = 'option';
SELECT trading.create_portfolio(name => 'states', fee_schedule => 'us', at => '2024-05-01') \g /dev/null
\ir ../../sql/reference/0002_fee_schedules.sql
SELECT is((SELECT count(*) FROM trading.fee_schedules WHERE name = 'nse_futures'), 1::bigint, 'a schedule in use stays as its owner has it');
SELECT is((SELECT count(*) FROM trading.fee_components WHERE name = 'nse_futures'), 4::bigint, 'with its components');
SELECT is((SELECT count(*) FROM trading.fee_schedules WHERE name IN ('nse_options', 'crypto')), 12::bigint, 'others are completed, but not what a plan in use names');
SELECT is((SELECT count(*) FROM trading.fee_components WHERE name = 'nse_options'), 72::bigint, 'with their components');
SELECT is((SELECT array_agg(p.name || coalesce('/' || e.code, '') ORDER BY p.name, e.code NULLS FIRST) FROM trading.fee_plans AS p LEFT JOIN market.exchanges AS e USING (exchange_id) WHERE p.kind = 'option'), '{zerodha,zerodha/BFO}', 'and plans');

SELECT * FROM finish();
ROLLBACK;
