-- An order that breaks a rule is stored as rejected, with the rule's code and figures; it takes no money and no quantity.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.verdict(o trading.orders) RETURNS text LANGUAGE sql
AS $$ SELECT concat_ws(' ', o.status, o.reason_code, CASE WHEN o.closed_at = o.submitted_at THEN 'closed at once' END) $$;

SELECT market.add_exchange('ASX', 'Sydney', 'Australia/Sydney', 'USD', '10:00', '16:00') \g /dev/null
SELECT market.add_instrument(symbol => 'DARK'), market.add_instrument(symbol => 'GONE'),
       market.add_instrument(symbol => 'FUT', kind => 'future', expires_on => '2024-01-10', multiplier => 50),
       market.add_instrument(symbol => 'ASX1', exchange => 'ASX', expires_on => '2024-01-10'),
       market.add_instrument(symbol => 'INFY', exchange => 'NSE') \g /dev/null
SELECT trading.create_portfolio(name => 'margin', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'margin';
UPDATE market.instruments SET is_active = false WHERE symbol = 'GONE';

UPDATE market.instruments SET initial_margin = 1 WHERE symbol = 'FUT';
-- TR105 and TR107: the market.
SELECT is(pg_temp.verdict(pg_temp.submit('105', 'buy', 1, symbol => 'DARK')), 'rejected TR105 closed at once', 'a market buy without any price');
SELECT is(pg_temp.verdict(pg_temp.submit('105s', 'sell', 1, symbol => 'DARK')), 'rejected TR105 closed at once', 'a market sell without any price, of what is not held');
SELECT is(pg_temp.verdict(pg_temp.submit('105l', 'buy', 1, 5, symbol => 'DARK')), 'accepted', 'a limit is a price');
SELECT is(pg_temp.verdict(pg_temp.submit('107', 'buy', 1, 5, symbol => 'GONE')), 'rejected TR107 closed at once', 'an inactive instrument');
SELECT is(pg_temp.verdict(pg_temp.submit('fut1', 'buy', 1, 5, symbol => 'FUT', portfolio => 'margin', at => '2024-01-11 04:59Z')), 'accepted', 'the last day of a future, in its exchange''s time zone');
SELECT is(pg_temp.verdict(pg_temp.submit('fut2', 'buy', 1, 5, symbol => 'FUT', portfolio => 'margin', at => '2024-01-11 05:00Z')), 'rejected TR107 closed at once', 'the day after its last');
SELECT is(pg_temp.verdict(pg_temp.submit('asx1', 'buy', 1, 5, symbol => 'ASX1', at => '2024-01-10 12:59Z')), 'accepted', 'the last day in Sydney');
SELECT is(pg_temp.verdict(pg_temp.submit('asx2', 'buy', 1, 5, symbol => 'ASX1', at => '2024-01-10 13:00Z')), 'rejected TR107 closed at once', 'ends before it ends in UTC');
SELECT trading.cancel_order('main', client_order_id => c) FROM unnest(ARRAY['105l', 'asx1']) AS c \g /dev/null

SELECT is(pg_temp.verdict(pg_temp.submit('fut3', 'buy', 1, 5, symbol => 'FUT')), 'rejected TR225 closed at once', 'a future in a cash account');
-- TR401: the last cent decides.
SELECT is(pg_temp.verdict(pg_temp.submit('401', 'buy', 101, 99.01)), 'rejected TR401 closed at once', 'more than the cash');
SELECT matches((pg_temp.order_row('401')).reason, '10000 USD are available, 10000\.01 are needed', 'the reason has the figures');
SELECT is(pg_temp.verdict(pg_temp.submit('401ok', 'buy', 100, 100)), 'accepted', 'exactly the cash');
SELECT is(pg_temp.verdict(pg_temp.submit('401b', 'buy', 1, 0.01)), 'rejected TR401 closed at once', 'one cent more');
SELECT pg_temp.amounts_to(pg_temp.available(), 0, 'nothing is left');
SELECT trading.cancel_order('main', client_order_id => '401ok') \g /dev/null
SELECT is(pg_temp.verdict(pg_temp.submit('401m', 'buy', 96)), 'rejected TR401 closed at once', 'a market buy needs the buffer on top of the last price');
SELECT is(pg_temp.verdict(pg_temp.submit('401n', 'buy', 95)), 'accepted', 'and gets it when it is there');
SELECT pg_temp.amounts_to(pg_temp.held('401n'), 9975, '95 × 100 × 1.05');
SELECT trading.cancel_order('main', client_order_id => '401n') \g /dev/null
SELECT is(pg_temp.verdict(pg_temp.submit('401c', 'buy', 1, 5, symbol => 'INFY')), 'rejected TR401 closed at once', 'a currency that the portfolio has no account in');
SELECT is(pg_temp.verdict(pg_temp.submit('401f', 'buy', 41, 5, symbol => 'FUT', portfolio => 'margin')), 'rejected TR401 closed at once', 'the multiplier counts: 41 × 5 × 50');
SELECT is(pg_temp.verdict(pg_temp.submit('huge', 'buy', 9999999999, 9999999999)), 'rejected TR401 closed at once', 'a cost of more digits than money has');

-- TR402: what is held and not promised to other sells.
SELECT is(pg_temp.verdict(pg_temp.submit('402', 'sell', 1, 100)), 'rejected TR402 closed at once', 'nothing is held');
SELECT pg_temp.submit('hold', 'buy', 10, 100), pg_temp.fill('hold', 10, 100, 'hold') \g /dev/null
SELECT is(pg_temp.verdict(pg_temp.submit('402a', 'sell', 11, 100)), 'rejected TR402 closed at once', 'more than is held');
SELECT is(pg_temp.verdict(pg_temp.submit('402b', 'sell', 6, 100)), 'accepted', 'less than is held');
SELECT is(pg_temp.verdict(pg_temp.submit('402c', 'sell', 5, 100)), 'rejected TR402 closed at once', 'more than is not promised yet');
SELECT is(pg_temp.verdict(pg_temp.submit('402d', 'sell', 4)), 'accepted', 'what is not promised, at the market');
SELECT matches((pg_temp.order_row('402c')).reason, '^10 IBM are held, 6 of them promised to open sells, 5 are to be sold$', 'the reason has the figures');

-- Without a price a market sell of what is held still passes: nobody is kept in a position.
DELETE FROM market.quotes;
SELECT trading.cancel_order('main', client_order_id => '402d') \g /dev/null
SELECT is(pg_temp.verdict(pg_temp.submit('blind', 'sell', 4)), 'accepted', 'a market sell without any price, of what is held');

-- A rejected order leaves its row and one event, and nothing else.
SELECT is_empty($$SELECT order_id FROM trading.orders WHERE status = 'rejected' AND (reservation_id IS NOT NULL OR reason IS NULL OR filled_quantity <> 0)$$, 'no rejected order holds anything');
SELECT results_eq($$SELECT DISTINCT e.version, e.from_status::text, e.to_status::text, e.reason_code = o.reason_code FROM trading.order_events AS e JOIN trading.orders AS o USING (portfolio_id, order_id) WHERE o.status = 'rejected'$$,
                  $$VALUES (1, 'new', 'rejected', true)$$, 'each has one event with the code');
SELECT is_empty($$SELECT order_id FROM trading.orders WHERE status = 'rejected' AND NOT EXISTS (SELECT FROM ops.events AS e WHERE e.order_id = orders.order_id AND e.kind = 'order.rejected' AND e.payload ->> 'reason_code' = reason_code)$$, 'and is in the journal');
SELECT is((SELECT count(*) FROM risk.breaches), 0::bigint, 'funds and holdings are no breaches of risk rules');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
