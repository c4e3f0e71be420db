-- Fee schedules: what an order costs in all, and that its fills are charged exactly that between them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

INSERT INTO trading.fee_schedules (name, valid_from, per_share, per_order, percent, minimum, maximum) VALUES
  ('shares', '-infinity', 0.005, 0, 0, 1, NULL), ('capped', '-infinity', 0.01, 0.35, 0, 0, 5), ('percent', '-infinity', 0, 0, 0.1, 2, 20),
  ('changes', '2020-01-01', 0, 1, 0, 0, NULL), ('changes', '2024-01-08', 0, 2, 0, 0, NULL), ('third', '-infinity', 0, 0, 0.33333333, 0, NULL);

-- The whole order.
SELECT pg_temp.amounts_to(trading.order_fee(f.schedule, '2024-01-08 15:00Z', f.quantity, f.value), f.fee, format('%s: %s for %s', f.schedule, f.quantity, f.value)) FROM (VALUES
  ('free', 100, 1000, 0), ('shares', 0, 0, 0), ('shares', 1, 100, 1), ('shares', 200, 20000, 1), ('shares', 201, 20100, 1.005), ('capped', 1, 1, 0.36), ('capped', 465, 1, 5),
  ('capped', 466, 1, 5), ('percent', 1, 100, 2), ('percent', 1, 2000.01, 2.00001), ('percent', 1, 19999.99, 19.99999), ('percent', 1, 50000, 20), ('changes', 1, 1, 2),
  ('third', 1, 100, 0.33333333), ('third', 1, 1.5, 0.005), ('third', 1, 0.00000151, 0.00000001)) AS f (schedule, quantity, value, fee);
SELECT pg_temp.amounts_to(trading.order_fee('changes', '2024-01-07 23:59Z', 1, 1), 1, 'the terms of the day before');
SELECT pg_temp.amounts_to(trading.order_fee('changes', '2024-01-08 00:00Z', 1, 1), 2, 'the terms of the day');
SELECT is(trading.order_fee('none', now(), 1, 1), NULL, 'an unknown schedule has no fee');

-- Several fills of one order: each is charged the difference that it makes.
CREATE FUNCTION pg_temp.charged(schedule text, side trading.order_side, quantities numeric[], price numeric) RETURNS numeric[] LANGUAGE plpgsql AS $$
DECLARE
  v_name text := schedule || '-' || side;
BEGIN
  PERFORM trading.create_portfolio(name => v_name, capital => 10000000, fee_schedule => schedule, at => '2024-01-02');
  IF side = 'sell' THEN
    PERFORM pg_temp.submit('hold', 'buy', 10000, 1, portfolio => v_name), pg_temp.fill('hold', 10000, 1, v_name || 'hold', fee => 0, portfolio => v_name);
  END IF;
  PERFORM pg_temp.submit('o', side, (SELECT sum(q) FROM unnest(quantities) AS q), price, portfolio => v_name);
  RETURN (SELECT array_agg((pg_temp.fill('o', q, price, v_name || i, portfolio => v_name)).fee ORDER BY i) FROM unnest(quantities) WITH ORDINALITY AS n (q, i));
END
$$;
SELECT is(pg_temp.charged('shares', 'buy', '{100,100,100}', 10), '{1,0,0.5}', 'a minimum is paid with the first fill, and used up before more is charged');
SELECT is(pg_temp.charged('shares', 'sell', '{300,1}', 10), '{1.5,0.005}', 'a sell pays alike');
SELECT is(pg_temp.charged('capped', 'buy', '{100,300,300}', 10), '{1.35,3,0.65}', 'a maximum ends the charges');
SELECT is(pg_temp.charged('percent', 'buy', '{1,200,2000}', 10), '{2,0.01,17.99}', 'percent between minimum and maximum');
SELECT is(pg_temp.charged('third', 'buy', '{1,1,1}', 1), '{0.00333333,0.00333334,0.00333333}', 'roundings of the parts add up to the rounding of the whole');
SELECT is((SELECT array_agg(o.fees ORDER BY p.name) FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id) WHERE o.client_order_id = 'o'),
          '{5,20,1.5,1.505,0.01}', 'each order was charged what the whole costs');

-- What the broker says counts, and the schedule fills up what it did not charge.
SELECT trading.create_portfolio(name => 'broker', capital => 100000, fee_schedule => 'shares', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('b', 'buy', 1000, 10, portfolio => 'broker') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.fill('b', 400, 10, 'b1', fee => 0.123456789, portfolio => 'broker')).fee, 0.12345679, 'a given fee, rounded');
SELECT pg_temp.amounts_to((pg_temp.fill('b', 400, 10, 'b2', portfolio => 'broker')).fee, 4 - 0.12345679, 'the schedule charges the rest of 800 shares');
SELECT pg_temp.amounts_to((pg_temp.fill('b', 100, 10, 'b3', fee => 10, portfolio => 'broker')).fee, 10, 'more than the schedule');
SELECT pg_temp.amounts_to((pg_temp.fill('b', 100, 10, 'b4', portfolio => 'broker')).fee, 0, 'never less than nothing');
SELECT is((SELECT (s.fees, s.cash)::text FROM trading.portfolio_summary AS s WHERE s.portfolio = 'broker'), '(14,89986)', 'fees leave the cash');
SELECT pg_temp.amounts_to((SELECT l.credits_posted FROM ledger.balances AS l WHERE l.portfolio_id = trading.portfolio_id('broker') AND l.account_id = internal.account_id(l.portfolio_id, 'USD', 'fees')), 14,
                          'and are on the fees account');

-- Each part of an order is charged by the terms of its own day; minimum, maximum and what is due per order once.
SELECT trading.create_portfolio(name => 'terms', capital => 1000000, fee_schedule => 'changes', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('t', 'buy', 2, 10, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.fill('t', 2, 10, 't1', portfolio => 'terms', at => '2024-01-09 15:00Z')).fee, 2, 'submitted before the change, filled after it: the new terms');
SELECT pg_temp.submit('u', 'buy', 2, 10, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.fill('u', 1, 10, 'u1', portfolio => 'terms', at => '2024-01-05 15:01Z')).fee, 1, 'a part before the change: the old terms');
SELECT pg_temp.amounts_to((pg_temp.fill('u', 1, 10, 'u2', portfolio => 'terms', at => '2024-01-09 15:00Z')).fee, 0, 'what is due per order was paid with its first part');
INSERT INTO trading.fee_schedules (name, valid_from, percent, minimum, maximum, decimals) VALUES ('rises', '2020-01-01', 0.0125, 0, NULL, 0), ('rises', '2024-01-08', 0.02, 0, NULL, 0), ('bounded', '2020-01-01', 0.1, 5, 20, 2), ('bounded', '2024-01-08', 0.2, 5, 20, 2);
UPDATE trading.portfolios SET fee_schedule = 'rises' WHERE name = 'terms';
SELECT pg_temp.submit('r', 'buy', 300, 100, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
-- 10,000 at 0.0125 % are 1.25, so 1; 20,000 would be 2.5, so 3. Then 0.02 %: of 30,000 less of 20,000 are 6 less 4.
SELECT is(ARRAY[(pg_temp.fill('r', 100, 100, 'r1', portfolio => 'terms', at => '2024-01-05 20:00Z')).fee, (pg_temp.fill('r', 100, 100, 'r2', portfolio => 'terms', at => '2024-01-08 04:59:59Z')).fee,
                (pg_temp.fill('r', 100, 100, 'r3', portfolio => 'terms', at => '2024-01-08 05:00Z')).fee]::numeric[], '{1,2,2}', 'the day begins at midnight of the exchange, and roundings go on across it');
UPDATE trading.portfolios SET fee_schedule = 'bounded' WHERE name = 'terms';
SELECT pg_temp.submit('m', 'buy', 500, 100, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
-- The least of 5 is paid at once; 0.2 % of 4,000 would be 8, of 10,000 are 20; no more than 20 by either terms.
SELECT is(ARRAY[(pg_temp.fill('m', 40, 100, 'm1', portfolio => 'terms', at => '2024-01-05 20:00Z')).fee, (pg_temp.fill('m', 10, 100, 'm2', portfolio => 'terms', at => '2024-01-08 15:00Z')).fee,
                (pg_temp.fill('m', 350, 100, 'm3', portfolio => 'terms', at => '2024-01-09 15:00Z')).fee, (pg_temp.fill('m', 100, 100, 'm4', portfolio => 'terms', at => '2024-01-09 16:00Z')).fee]::numeric[],
          '{5,2,10,0}', 'minimum and maximum count once');
-- Taken back: the fee comes back as it was charged, and the next part heals what is missing.
UPDATE trading.portfolios SET fee_schedule = 'rises' WHERE name = 'terms';
SELECT pg_temp.submit('b', 'buy', 400, 100, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
SELECT is(ARRAY[(pg_temp.fill('b', 200, 100, 'b1', portfolio => 'terms', at => '2024-01-05 20:00Z')).fee, (pg_temp.fill('b', 100, 100, 'b2', portfolio => 'terms', at => '2024-01-08 15:00Z')).fee]::numeric[], '{3,2}', 'two days, two rates');
SELECT pg_temp.amounts_to((trading.bust_fill('terms', execution_id => 'b1', at => '2024-01-09 15:00Z')).fee, -3, 'a bust gives back what the old terms took');
SELECT pg_temp.amounts_to((pg_temp.fill('b', 100, 100, 'b3', portfolio => 'terms', at => '2024-01-09 15:00Z')).fee, 2, 'and the rest is charged as if it had never been');
SELECT pg_temp.amounts_to((trading.correct_fill('terms', 50, 100, 'b4', execution_id => 'b2', at => '2024-01-09 15:00Z')).fee, 2, 'a correction keeps the fee');
SELECT pg_temp.is_sound('books of two rates are sound');

-- What an order reserves covers the dearest terms that are known for its life, of which a year counts.
UPDATE trading.portfolios SET fee_schedule = 'changes' WHERE name = 'terms';
INSERT INTO trading.fee_schedules (name, valid_from, per_order) VALUES ('changes', '2024-03-01', 7), ('changes', '2025-02-01', 1000);
SELECT trading.submit_order('terms', 'IBM', 'buy', 1, 'limit', limit_price => 100, time_in_force => tif::trading.time_in_force, expires_at => ends::timestamptz, client_order_id => tif || coalesce(ends, ''), at => '2024-01-08 15:00Z')
  FROM (VALUES ('day', NULL), ('gtc', NULL), ('gtd', '2024-02-29 20:00Z'), ('gtd', '2024-03-01 15:00Z')) AS o (tif, ends) \g /dev/null
SELECT is((SELECT array_agg(trim_scale(pg_temp.held(id, 'terms'))) FROM unnest('{day,gtc,"gtd2024-02-29 20:00Z","gtd2024-03-01 15:00Z"}'::text[]) AS id), '{102,107,102,107}', 'day, gtc and gtd orders reserve by their lives');
SELECT pg_temp.amounts_to((pg_temp.fill('gtc', 1, 100, 'g1', portfolio => 'terms', at => '2024-03-04 15:00Z')).fee, 7, 'and pay the day of the fill');
-- Terms that are made known while it is open: it reserves them as far as there is cash, and finds the rest when it fills.
INSERT INTO trading.fee_schedules (name, valid_from, per_order) VALUES ('changes', '2024-02-01', 9);
SELECT is((SELECT array_agg(trim_scale(pg_temp.held(id, 'terms'))) FROM unnest('{day,"gtd2024-02-29 20:00Z","gtd2024-03-01 15:00Z"}'::text[]) AS id), '{102,109,109}', 'open orders reserve for new terms');
DELETE FROM trading.fee_schedules WHERE name = 'changes' AND valid_from = '2024-02-01';
SELECT is((SELECT array_agg(trim_scale(pg_temp.held(id, 'terms'))) FROM unnest('{day,"gtd2024-02-29 20:00Z","gtd2024-03-01 15:00Z"}'::text[]) AS id), '{102,102,107}', 'and give back what is needed no more');
SELECT ledger.withdraw('terms', pg_temp.available('terms') - 1, at => '2024-01-09 15:00Z') \g /dev/null
INSERT INTO trading.fee_schedules (name, valid_from, per_order) VALUES ('changes', '2024-02-15', 15);
SELECT is((SELECT array_agg(trim_scale(pg_temp.held(id, 'terms'))) FROM unnest('{day,"gtd2024-02-29 20:00Z","gtd2024-03-01 15:00Z"}'::text[]) AS id), '{102,103,107}', 'as far as there is cash');
SELECT ledger.deposit('terms', 1000, at => '2024-01-09 15:00Z') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.fill('gtd2024-02-29 20:00Z', 1, 100, 'g2', portfolio => 'terms', at => '2024-02-20 15:00Z')).fee, 15, 'what it lacks comes out of free cash');
SELECT pg_temp.is_sound('reservations of several terms are sound');

-- Schedules that make no sense.
SELECT pg_temp.refuses(format('INSERT INTO trading.fee_schedules (name, %s) VALUES (%L, %s)', c, 'wrong', v), '23514', format('%s of %s', c, v))
  FROM (VALUES ('per_share', '-1'), ('per_order', '-1'), ('percent', '101'), ('percent', '-1'), ('minimum', '-1'), ('maximum', '-1'), ('per_share', '''NaN'''), ('percent', '''NaN''')) AS w (c, v);
SELECT pg_temp.refuses($$INSERT INTO trading.fee_schedules (name, minimum, maximum) VALUES ('wrong', 2, 1)$$, '23514', 'a maximum below the minimum');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
