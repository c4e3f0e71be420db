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

-- The terms of the day on which an order was submitted hold for all its fills.
SELECT trading.create_portfolio(name => 'terms', capital => 1000, fee_schedule => 'changes', at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('t', 'buy', 2, 10, portfolio => 'terms', at => '2024-01-05 15:00Z') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.fill('t', 2, 10, 't1', portfolio => 'terms', at => '2024-01-09 15:00Z')).fee, 1, 'the old terms');

-- Schedules that make no sense.
SELECT pg_temp.refuses(format('INSERT INTO trading.fee_schedules (name, %s) VALUES (%L, %s)', c, 'wrong', v), '23514', format('%s of %s', c, v))
  FROM (VALUES ('per_share', '-1'), ('per_order', '-1'), ('percent', '101'), ('percent', '-1'), ('minimum', '-1'), ('maximum', '-1'), ('per_share', '''NaN'''), ('percent', '''NaN''')) AS w (c, v);
SELECT pg_temp.refuses($$INSERT INTO trading.fee_schedules (name, minimum, maximum) VALUES ('wrong', 2, 1)$$, '23514', 'a maximum below the minimum');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
