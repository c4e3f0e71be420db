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
SELECT is(pg_temp.fees('nse_equity', '2024-03-28', 'buy', 'delivery', 1, 1), NULL, 'no terms before the first date that is known');

SELECT is(pg_temp.fees('crypto', '2024-10-02', 'buy', 'delivery', 1, 1000), '{4}', 'crypto taker');
SELECT is(pg_temp.fees('crypto', '2024-10-02', 'sell', 'delivery', 1, 1000, 1000), '{2.5}', 'crypto maker');

-- Installing again brings back what is missing, but adds nothing to a schedule that a portfolio uses.
SELECT trading.create_portfolio(name => 'futures', fee_schedule => 'nse_futures', at => '2024-05-01') \g /dev/null
DELETE FROM trading.fee_schedules WHERE name IN ('nse_futures', 'nse_options', 'crypto') AND valid_from <> '2024-04-01';
DELETE FROM trading.fee_components WHERE name IN ('nse_futures', 'nse_options') AND component = 'stt';
\ir ../../sql/reference/0002_fee_schedules.sql
SELECT is((SELECT count(*) FROM trading.fee_schedules WHERE name = 'nse_futures'), 1::bigint, 'a schedule in use stays as its owner has it');
SELECT is((SELECT count(*) FROM trading.fee_components WHERE name = 'nse_futures'), 4::bigint, 'with its components');
SELECT is((SELECT count(*) FROM trading.fee_schedules WHERE name IN ('nse_options', 'crypto')), 4::bigint, 'others are completed');
SELECT is((SELECT count(*) FROM trading.fee_components WHERE name = 'nse_options'), 15::bigint, 'with their components');

SELECT * FROM finish();
ROLLBACK;
