-- Replacing an order: the old one is over and the new one judged without it; refused terms leave the old one as it was. Closing a position.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.swap(id text, new_id text, quantity numeric DEFAULT NULL, price numeric DEFAULT NULL, stop numeric DEFAULT NULL, at timestamptz DEFAULT '2024-01-08 15:05Z') RETURNS trading.orders LANGUAGE sql
AS $$ SELECT trading.replace_order('main', client_order_id => id, new_client_order_id => new_id, quantity => quantity, limit_price => price, stop_price => stop, at => at) $$;

-- Other price, other quantity, both kinds of money.
SELECT pg_temp.submit('a', 'buy', 100, 100) \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.available(), 0, 'all the cash is reserved');
SELECT is((SELECT (n.client_order_id, n.quantity, n.limit_price, n.status, n.replaces_order_id)::text FROM pg_temp.swap('a', 'b', 50, 200) AS n), '(b,50.00000000,200.00000000,accepted,1)', 'the new order may use the money of the old');
SELECT is((SELECT (o.status, o.version, o.closed_at)::text FROM pg_temp.order_row('a') AS o), '(replaced,2,"2024-01-08 15:05:00+00")', 'the old one is over');
SELECT pg_temp.amounts_to(pg_temp.held('b'), 10000, 'reserved once');
SELECT is((pg_temp.swap('a', 'b', 50, 200)).order_id, 2::bigint, 'asked for again: the same new order');
SELECT pg_temp.refuses($$SELECT pg_temp.swap('a', 'c', 50, 200)$$, 'TR210', 'replaced once only');
SELECT pg_temp.is_sound();

-- Partly filled: the quantity counts what is filled.
SELECT pg_temp.fill('b', 20, 200, 'b1') \g /dev/null
SELECT pg_temp.refuses($$SELECT pg_temp.swap('b', 'c', 20)$$, 'TR201', 'no less than what is filled');
SELECT is((SELECT (n.quantity, n.limit_price)::text FROM pg_temp.swap('b', 'c', 30, 150) AS n), '(10.00000000,150.00000000)', '30 in all, 20 of them filled: 10 are ordered');
SELECT is((SELECT (o.status, o.filled_quantity, o.quantity)::text FROM pg_temp.order_row('b') AS o), '(replaced,20.00000000,50.00000000)', 'the old one keeps its fills');
SELECT is((pg_temp.swap('c', 'd')).quantity::numeric, 10.00000000, 'no new terms: the same order under a new key');
SELECT pg_temp.is_sound();

-- Refused: the old order stands, with its money, and nothing else has happened.
SELECT pg_temp.submit('e', 'buy', 1, 10) \g /dev/null
CREATE TEMP TABLE before AS SELECT (SELECT count(*) FROM trading.orders) AS orders, (SELECT count(*) FROM trading.order_events) AS order_events, (SELECT count(*) FROM ledger.transfers) AS transfers, (SELECT max(event_id) FROM ops.events) AS events;
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT pg_temp.swap('d', 'x', 10000)$$, 'TR401'), ($$SELECT pg_temp.swap('d', 'x', NULL, 150.001)$$, 'TR202'), ($$SELECT pg_temp.swap('d', 'x', NULL, NULL, 10)$$, 'TR202'), ($$SELECT pg_temp.swap('d', 'x', 10.5)$$, 'TR201'),
  ($$SELECT pg_temp.swap('d', 'e')$$, 'TR204'), ($$SELECT pg_temp.swap('d', 'd')$$, 'TR204'), ($$SELECT pg_temp.swap('d', ' ')$$, 'TR212'), ($$SELECT pg_temp.swap('d', 'x', 'NaN')$$, 'TR201'), ($$SELECT pg_temp.swap('none', 'x')$$, 'TR205'),
  ($$SELECT trading.replace_order('main')$$, 'TR205')) AS r (s, c);
SELECT is((pg_temp.order_row('d')).status, 'accepted', 'the old order stands');
SELECT pg_temp.amounts_to(pg_temp.held('d'), 1500, 'with its money');
SELECT results_eq('SELECT (SELECT count(*) FROM trading.orders), (SELECT count(*) FROM trading.order_events), (SELECT count(*) FROM ledger.transfers), (SELECT max(event_id) FROM ops.events)', 'SELECT * FROM before', 'nothing was written');
SELECT risk.set_limit('order_value', 1600) \g /dev/null
SELECT pg_temp.refuses($$SELECT pg_temp.swap('d', 'x', 11)$$, 'TR302', 'a limit refuses with its own code');
SELECT is((SELECT count(*) FROM risk.breaches), 0::bigint, 'and what did not happen is no breach');
SELECT risk.set_limit('order_value', NULL) \g /dev/null

-- Times in force and stop prices carry over.
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'stop_limit', 30, 20, 'gtd', '2024-01-10', client_order_id => 'g', at => '2024-01-08 15:00Z') \g /dev/null
SELECT is((SELECT (n.stop_price, n.limit_price, n.time_in_force, n.expires_at)::text FROM pg_temp.swap('g', 'h', NULL, 25) AS n), '(20.00000000,25.00000000,gtd,"2024-01-10 00:00:00+00")', 'gtd keeps its end');
SELECT is((pg_temp.swap('h', 'i', stop => 21)).stop_price::numeric, 21.00000000, 'a new stop price');
SELECT pg_temp.refuses($$SELECT pg_temp.swap('i', 'j', at => '2024-01-11')$$, 'TR203', 'after its end it is not replaced');
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 30, client_order_id => 'k', at => '2024-01-08 15:00Z') \g /dev/null
SELECT is((pg_temp.swap('k', 'l', at => '2024-01-08 15:30Z')).expires_at, '2024-01-08 21:00Z'::timestamptz, 'day ends with the session');
SELECT is((pg_temp.swap('l', 'm', at => '2020-01-01')).submitted_at, '2024-01-08 15:30Z'::timestamptz, 'a new order is never older than the change before it');

-- A fraction of a lot, left by a broker, does not stand in the way.
SELECT pg_temp.submit('n', 'buy', 3, 10), pg_temp.fill('n', 0.5, 10, 'n1', force => true) \g /dev/null
SELECT is((pg_temp.swap('n', 'o', NULL, 9)).quantity::numeric, 2.50000000, 'the rest of 2.5 gets another price');
SELECT is((pg_temp.swap('o', 'p', 2.5, 8)).quantity::numeric, 2.50000000, 'also when it is said');
SELECT pg_temp.refuses($$SELECT pg_temp.swap('p', 'q', 2.4, 8)$$, 'TR201', 'no other fraction');
SELECT pg_temp.is_sound();

-- Closing a position: open orders of the instrument go, a market order takes all.
SELECT pg_temp.submit('s', 'sell', 20, 300) \g /dev/null
SELECT is((SELECT (c.side, c.type, c.quantity, c.status, c.time_in_force)::text FROM trading.close_position('main', 'IBM', at => '2024-01-08 16:00Z') AS c), '(sell,market,20.50000000,accepted,gtc)', 'a market sell of all that is held');
SELECT is_empty($$SELECT * FROM trading.open_orders WHERE portfolio = 'main' AND type <> 'market'$$, 'nothing else is open');
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.order_row('s') AS o), '(cancelled,TR216)', 'the others were cancelled');
SELECT pg_temp.refuses($$SELECT trading.close_position('main', 'NONE')$$, 'TR101', 'an unknown symbol');
SELECT market.add_instrument(symbol => 'FLAT') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.close_position('main', 'FLAT')$$, 'TR215', 'nothing is held');
SELECT risk.halt(reason => 'test') \g /dev/null
SELECT is((trading.close_position('main', 'IBM', at => '2024-01-08 16:00Z')).status, 'accepted', 'a halt keeps nobody in a position');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
