-- Fees by component: sides, products, makers, parts of parts, roundings; and that open orders keep their terms.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

INSERT INTO trading.fee_schedules (name, valid_from, per_share, percent, maker_percent, minimum, maximum, maximum_percent, decimals) VALUES
  ('parts', '-infinity', 0, 0.03, NULL, 0, 20, NULL, 2), ('parts', '2024-02-01', 0, 0.05, NULL, 0, 20, NULL, 2), ('products', '-infinity', 0, 0, NULL, 0, NULL, NULL, 8),
  ('maker', '-infinity', 0, 0.6, 0.4, 0, NULL, NULL, 8), ('capped', '-infinity', 0.005, 0, NULL, 1, NULL, 1, 8), ('future', '2030-01-01', 0, 0, NULL, 1, NULL, NULL, 8);
INSERT INTO trading.fee_components (name, component, valid_from, side, product, percent, per_share, maximum, decimals, percent_of) VALUES
  ('parts', 'gst', '-infinity', NULL, NULL, 18, 0, NULL, 2, '{exchange,brokerage}'), ('parts', 'exchange', '-infinity', NULL, NULL, 0.00297, 0, NULL, 2, NULL),
  ('parts', 'stt', '-infinity', 'sell', NULL, 0.025, 0, NULL, 0, NULL), ('parts', 'taf', '-infinity', 'sell', NULL, 0, 0.000166, 8.3, 8, NULL),
  ('products', 'stt', '-infinity', NULL, 'delivery', 0.1, 0, NULL, 0, NULL), ('products', 'stt', '-infinity', 'sell', 'intraday', 0.025, 0, NULL, 0, NULL),
  ('products', 'other', '-infinity', NULL, NULL, 1, 0, NULL, 8, NULL), ('products', 'other', '-infinity', 'buy', NULL, 2, 0, NULL, 8, NULL);

CREATE FUNCTION pg_temp.fees(schedule text, side trading.order_side, product trading.product, quantity numeric, value numeric, maker_value numeric DEFAULT 0, at timestamptz DEFAULT '2024-01-08 15:00Z')
RETURNS numeric[] LANGUAGE sql AS $$ SELECT array_agg(trim_scale(f)) FROM unnest(trading.order_fees(schedule, at, side, product, quantity, value, maker_value)) AS f $$;

-- brokerage, stt, exchange, sebi, gst, stamp_duty, sec_fee, taf
SELECT is(pg_temp.fees('parts', 'buy', 'delivery', 100, 10000), '{3,0,0.3,0,0.59,0,0,0}', 'a buy pays no part of the sells; tax is taken of the rounded parts');
SELECT is(pg_temp.fees('parts', 'sell', 'delivery', 100, 10000), '{3,3,0.3,0,0.59,0,0,0.0166}', 'a sell pays its own; half a rupee is a whole one');
SELECT is(pg_temp.fees('parts', 'sell', 'delivery', 100, 9999.99), '{3,2,0.3,0,0.59,0,0,0.0166}', 'and less than half is none');
SELECT is(pg_temp.fees('parts', 'sell', 'intraday', 60000, 1000000), '{20,250,29.7,0,8.95,0,0,8.3}', 'each part ends at its own maximum');
SELECT is(pg_temp.fees('parts', 'buy', 'delivery', 100, 10000, at => '2024-02-01 00:00Z'), '{5}', 'parts belong to their date');
SELECT is(pg_temp.fees('products', 'buy', 'delivery', 1, 10000), '{0,10,0,0,0,0,0,0,300}', 'rows of one component add up');
SELECT is(pg_temp.fees('products', 'sell', 'delivery', 1, 10000), '{0,10,0,0,0,0,0,0,100}', 'on either side');
SELECT is(pg_temp.fees('products', 'sell', 'intraday', 1, 10000), '{0,3,0,0,0,0,0,0,100}', 'by product');
SELECT is(pg_temp.fees('products', 'sell', 'carry_forward', 1, 10000), '{0,0,0,0,0,0,0,0,100}', 'and none for a product without a row');
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6}', 'a taker');
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000, 1000), '{4}', 'a maker');
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000, 250), '{5.5}', 'a bit of both');
SELECT is(pg_temp.fees('capped', 'buy', 'delivery', 10, 2), '{0.02}', 'a maximum in percent counts also below the minimum');
SELECT is(pg_temp.fees('capped', 'buy', 'delivery', 1000, 20000), '{5}', 'and does not bind a usual order');
SELECT is(pg_temp.fees('parts', 'buy', 'delivery', 0, 0), '{0}', 'nothing filled, nothing due');
SELECT is(trading.order_fees('parts', '2024-01-08', 'buy', 'delivery', 1, NULL, 0), '{NULL}', 'an unknown value has an unknown fee');
SELECT is(trading.order_fees('future', '2024-01-08', 'buy', 'delivery', 1, 1, 0), NULL, 'no terms for the day');
SELECT is(trading.order_fees(NULL, '2024-01-08', 'buy', 'delivery', 1, 1, 0), NULL, 'no schedule');
SELECT pg_temp.amounts_to(trading.order_fee('parts', '2024-01-08', 100, 10000), 3.89, 'the sum for a buy');
SELECT pg_temp.amounts_to(trading.order_fee('parts', '2024-01-08', 100, 10000, 'sell', 'intraday'), 6.9066, 'the sum for a sell');
SELECT pg_temp.amounts_to(trading.order_fee('maker', '2024-01-08', 1, 1000, maker_value => 1000), 4, 'the sum for a maker');

SELECT results_eq($$SELECT component::text, trim_scale(amount) FROM trading.order_fee_lines('parts', '2024-01-08', 100, 10000, 'sell')$$,
  $$VALUES ('brokerage', 3::numeric), ('stt', 3), ('exchange', 0.3), ('gst', 0.59), ('taf', 0.0166)$$, 'the lines by name');
SELECT is_empty($$SELECT FROM trading.order_fee_lines('future', '2024-01-08', 100, 10000)$$, 'none without terms');

-- No component ever falls while an order fills, so that no fill is charged less than nothing.
CREATE TEMP TABLE growth AS
WITH RECURSIVE fills AS (
  SELECT 0 AS n, 0::numeric AS quantity, 0::numeric AS value, 0::numeric AS maker_value
  UNION ALL
  SELECT f.n + 1, f.quantity + d.quantity, f.value + d.value, f.maker_value + CASE WHEN d.rests THEN d.value ELSE 0 END
    FROM fills AS f CROSS JOIN LATERAL (SELECT round((1 + f.n % 7)::numeric * 13.37, 8) AS quantity, round((1 + f.n % 11)::numeric * 211.770077, 8) AS value, f.n % 3 = 0 AS rests) AS d
   WHERE f.n < 200)
SELECT s.name, f.n, trading.order_fees(s.name, '2024-01-08', 'sell', 'intraday', f.quantity, f.value, f.maker_value) AS fees
  FROM fills AS f, (VALUES ('parts'), ('products'), ('maker'), ('capped'), ('us_equity')) AS s (name);
SELECT is_empty($$SELECT b.name, b.n FROM growth AS a JOIN growth AS b ON b.name = a.name AND b.n = a.n + 1, generate_subscripts(b.fees, 1) AS i WHERE coalesce(a.fees[i], 0) > b.fees[i]$$,
                'no part falls as an order fills');

-- What makes no sense.
SELECT pg_temp.refuses(format('INSERT INTO trading.fee_components (name, valid_from, component, %s) VALUES (''maker'', ''-infinity'', ''gst'', %s)', c, v), code, format('%s of %s', c, v))
  FROM (VALUES ('percent', '-1', '23514'), ('percent', '101', '23514'), ('per_share', '-1', '23514'), ('decimals', '9', '23514'), ('decimals', '-1', '23514'), ('maximum', '-1', '23514'),
               ('percent_of', '''{}''', '23514'), ('percent_of', '''{gst}''', '23514'), ('percent_of', '''{stamp_duty}''', '23514'), ('percent_of', '''{NULL}''', '23514'),
               ('maker_percent, percent_of', '1, ''{stt}''', '23514'), ('maximum_percent', '-1', '23514'), ('percent', '''NaN''', '23514')) AS w (c, v, code);
SELECT pg_temp.refuses($$INSERT INTO trading.fee_components (name, valid_from, component) VALUES ('nobody', '-infinity', 'gst')$$, '23503', 'a part without its schedule');
SELECT pg_temp.refuses($$INSERT INTO trading.fee_components (name, valid_from, component, side, percent) VALUES ('parts', '-infinity', 'gst', NULL, 1)$$, '23505', 'the same part twice');

-- The lines are what the rows say, whoever writes them.
UPDATE trading.fee_schedules SET lines = '{}' WHERE name = 'maker';
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6}', 'lines cannot be written');
INSERT INTO trading.fee_components (name, valid_from, component, per_order) VALUES ('maker', '-infinity', 'other', 1);
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6,0,0,0,0,0,0,0,1}', 'a part is added');
UPDATE trading.fee_components SET component = 'gst', per_order = 2 WHERE name = 'maker';
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6,0,0,0,2}', 'and changed');
UPDATE trading.fee_schedules SET valid_from = '2020-01-01' WHERE name = 'maker';
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6,0,0,0,2}', 'and goes with its date');
DELETE FROM trading.fee_components WHERE name = 'maker';
SELECT is(pg_temp.fees('maker', 'buy', 'delivery', 1, 1000), '{6}', 'and taken away');
DELETE FROM trading.fee_schedules WHERE name = 'products';
SELECT is_empty($$SELECT FROM trading.fee_components WHERE name = 'products'$$, 'a schedule goes with its parts');

-- Open orders keep their terms.
INSERT INTO trading.fee_schedules (name, valid_from, percent) VALUES ('kept', '-infinity', 1), ('kept', '2024-01-05', 2), ('kept', '2024-02-01', 3);
SELECT trading.create_portfolio(name => 'keeps', capital => 100000, fee_schedule => 'kept', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('k', 'buy', 10, 10, portfolio => 'keeps', at => '2024-01-08 15:00Z') \g /dev/null
SELECT pg_temp.refuses(s, 'TR241', s) FROM unnest(ARRAY[
  $$UPDATE trading.fee_schedules SET percent = 5 WHERE name = 'kept' AND valid_from = '2024-01-05'$$,
  $$UPDATE trading.fee_schedules SET valid_from = '2024-01-09' WHERE name = 'kept' AND valid_from = '2024-01-05'$$,
  $$UPDATE trading.fee_schedules SET valid_from = '2024-01-08' WHERE name = 'kept' AND valid_from = '2024-02-01'$$,
  $$UPDATE trading.fee_schedules SET name = 'lost' WHERE name = 'kept' AND valid_from = '2024-01-05'$$,
  $$DELETE FROM trading.fee_schedules WHERE name = 'kept' AND valid_from = '2024-01-05'$$,
  $$INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('kept', '2024-01-08')$$,
  $$INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('kept', '2024-01-07')$$,
  $$INSERT INTO trading.fee_components (name, valid_from, component, percent) VALUES ('kept', '2024-01-05', 'gst', 1)$$,
  $$UPDATE trading.portfolios SET fee_schedule = 'free' WHERE name = 'keeps'$$]) AS s;
SELECT lives_ok(s, s) FROM unnest(ARRAY[
  $$INSERT INTO trading.fee_schedules (name, valid_from, percent) VALUES ('kept', '2024-01-05', 9) ON CONFLICT DO NOTHING$$,
  $$INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('kept', '2024-01-09'), ('kept', '2024-01-03')$$,
  $$INSERT INTO trading.fee_components (name, valid_from, component, percent) VALUES ('kept', '2024-01-09', 'gst', 1), ('kept', '2024-01-03', 'gst', 1)$$,
  $$UPDATE trading.fee_schedules SET percent = 5 WHERE name = 'kept' AND valid_from IN ('-infinity', '2024-02-01')$$,
  $$UPDATE trading.fee_schedules SET percent = 2 WHERE name = 'kept' AND valid_from = '2024-01-05'$$,
  $$DELETE FROM trading.fee_schedules WHERE name = 'kept' AND valid_from <> '2024-01-05'$$]) AS s;
SELECT pg_temp.is_sound('the reservation is still what the order needs');
SELECT pg_temp.amounts_to((pg_temp.fill('k', 10, 10, 'k1', portfolio => 'keeps', at => '2024-03-01')).fee, 2, 'and it pays what it was submitted on');
SELECT pg_temp.refuses($$UPDATE trading.portfolios SET fee_schedule = 'none' WHERE name = 'keeps'$$, 'TR214', 'a schedule that does not exist');
SELECT lives_ok($$UPDATE trading.portfolios SET fee_schedule = 'free' WHERE name = 'keeps'$$, 'a portfolio without open orders may change its schedule');

-- The ledger has a transfer for each part that grew.
SELECT trading.create_portfolio(name => 'note', capital => 100000, fee_schedule => 'parts', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('nb', 'buy', 100, 100, portfolio => 'note'), pg_temp.fill('nb', 30, 100, 'nb1', portfolio => 'note'), pg_temp.fill('nb', 70, 100, 'nb2', portfolio => 'note') \g /dev/null
SELECT pg_temp.submit('ns', 'sell', 100, 100, portfolio => 'note'), pg_temp.fill('ns', 60, 100, 'ns1', portfolio => 'note'), pg_temp.fill('ns', 40, 100, 'ns2', portfolio => 'note') \g /dev/null
SELECT results_eq($$SELECT t.component, trim_scale(sum(t.amount)) FROM ledger.transfers AS t WHERE t.portfolio_id = trading.portfolio_id('note') AND t.kind = 'fee' GROUP BY 1 ORDER BY 1$$,
  $$SELECT component::text, trim_scale(sum(amount)) FROM (SELECT * FROM trading.order_fee_lines('parts', '2024-01-08', 100, 10000, 'buy')
                                                          UNION ALL SELECT * FROM trading.order_fee_lines('parts', '2024-01-08', 100, 10000, 'sell')) AS l GROUP BY 1 ORDER BY 1$$,
  'cut into fills an order is charged, part by part, what it costs in one piece');
SELECT is((SELECT array_agg(trim_scale(l)) FROM unnest((pg_temp.order_row('ns', 'note')).fee_lines) AS l), '{3,3,0.3,0,0.59,0,0,0.0166}', 'and the order has the lines');

-- Without terms for its day an order is refused, not free of charge.
SELECT trading.create_portfolio(name => 'early', capital => 100000, fee_schedule => 'future', at => '2024-01-02') \g /dev/null
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.submit('e', 'buy', 10, 10, portfolio => 'early') AS o), '(rejected,TR240)', 'an order without fee terms is rejected');
SELECT is((SELECT o.status::text FROM pg_temp.submit('l', 'buy', 10, 10, portfolio => 'early', at => '2030-01-01 15:00Z') AS o), 'accepted', 'and accepted from their first day on');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
