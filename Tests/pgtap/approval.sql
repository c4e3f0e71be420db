-- A second person: orders wait for an approval that nobody gives to an order of their own, and fail closed.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
CREATE ROLE bourse_test_second SUPERUSER;
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'main';

SELECT is((pg_temp.submit('a', 'buy', 5, 100)).status::text, 'pending_approval', 'an order waits');
SELECT is(pg_temp.held('a'), NULL, 'without money');
SELECT pg_temp.amounts_to(coalesce((pg_temp.position_row()).open_buy_quantity, 0), 0, 'and without a promise');
SELECT pg_temp.refuses($$SELECT pg_temp.fill('a', 1, 100, 'early')$$, 'TR210', 'it does not fill');
SELECT pg_temp.refuses($$SELECT trading.approve_order('main', client_order_id => 'a')$$, 'TR228', 'who submitted it does not approve it');
SELECT pg_temp.refuses($$UPDATE trading.orders SET status = 'accepted' WHERE client_order_id = 'a'$$, 'TR207', 'nor does an UPDATE');
SELECT pg_temp.denies($$UPDATE trading.orders SET approved_by = 'bourse_test_second' WHERE client_order_id = 'a'$$, 'nor a forged approval');
SELECT pg_temp.denies($$UPDATE trading.orders SET status = 'accepted', approved_by = 'bourse_test_second' WHERE client_order_id = 'a'$$, 'not even together');
SELECT pg_temp.refuses($$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity, approved_by) VALUES (trading.portfolio_id('main'), 'f', market.instrument_id('IBM'), 'buy', 1, 'bourse_test_second')$$, 'TR212', 'nor a new order that brings its own');
SELECT pg_temp.refuses($$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity, submitted_by) VALUES (trading.portfolio_id('main'), 'f', market.instrument_id('IBM'), 'buy', 1, 'somebody')$$, 'TR212', 'or another sender');

SET SESSION AUTHORIZATION bourse_test_second;
SELECT is((SELECT (o.status, o.approved_by)::text FROM trading.approve_order('main', client_order_id => 'a', at => '2024-01-08 15:30Z') AS o), '(accepted,bourse_test_second)', 'a second person does');
SELECT is((SELECT o.version FROM trading.approve_order('main', client_order_id => 'a', at => '2024-01-08 15:31Z') AS o), 2, 'once');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.amounts_to(pg_temp.held('a'), 500, 'now it holds its money');
SELECT pg_temp.fill('a', 5, 100, 'x1') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.approve_order('main', client_order_id => 'a')$$, 'TR210', 'what does not wait is not approved');
SELECT pg_temp.is_sound();

-- It is judged when it is approved.
SELECT pg_temp.submit('b', 'buy', 90, 100) \g /dev/null
SELECT ledger.withdraw('main', 5000, at => '2024-01-08 15:40Z') \g /dev/null
SET SESSION AUTHORIZATION bourse_test_second;
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.approve_order('main', client_order_id => 'b', at => '2024-01-08 15:41Z') AS o), '(rejected,TR401)', 'by the money of that moment');
RESET SESSION AUTHORIZATION;
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 100, client_order_id => 'day', at => '2024-01-08 15:00Z') \g /dev/null
SET SESSION AUTHORIZATION bourse_test_second;
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.approve_order('main', client_order_id => 'day', at => '2024-01-08 21:00Z') AS o), '(expired,TR217)', 'and not after its time');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.submit('no', 'buy', 1, 100), trading.cancel_order('main', client_order_id => 'no') \g /dev/null
SELECT is((pg_temp.order_row('no')).status::text, 'cancelled', 'turning it down is cancelling it');

-- What only reduces a position waits for nobody.
SELECT is((pg_temp.submit('out', 'sell', 5)).status::text, 'accepted', 'the way out stays open');
SELECT pg_temp.fill('out', 5, 100, 'x2') \g /dev/null

-- A strategy that asks for approval.
UPDATE trading.portfolios SET requires_approval = false WHERE name = 'main';
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}'), strategy.create_agent('robot', 'main', 's', '{IBM}') \g /dev/null
UPDATE strategy.strategies SET requires_approval = true WHERE name = 's';
SELECT is((SELECT o.status::text FROM trading.submit_order('main', 'IBM', 'buy', 1, agent => 'robot', client_order_id => 'r', at => '2024-01-08 16:00Z') AS o), 'pending_approval', 'its agents'' orders wait');
SELECT is((pg_temp.submit('m', 'buy', 1)).status::text, 'accepted', 'a person''s do not');

-- The children of an approved entry: exits need no approval.
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'main';
SELECT is((SELECT array_agg(b.status::text ORDER BY b.order_id) FROM trading.submit_bracket('main', 'IBM', 'buy', 2, 'limit', 100, stop_loss => 90, time_in_force => 'gtc', client_order_id => 'br', at => '2024-01-08 16:00Z') AS b),
          ARRAY['pending_approval', 'held'], 'a bracket waits as a whole');
SET SESSION AUTHORIZATION bourse_test_second;
SELECT trading.approve_order('main', client_order_id => 'br', at => '2024-01-08 16:01Z') \g /dev/null
RESET SESSION AUTHORIZATION;
SELECT pg_temp.fill('br', 2, 100, 'x3') \g /dev/null
SELECT is((pg_temp.order_row('br/stop')).status::text, 'accepted', 'its stop wakes at once');
SELECT pg_temp.is_sound();

-- A real broker: what is sent waits for an answer and is never sent blindly again.
SELECT trading.create_portfolio(name => 'live', capital => 10000, broker => 'somewhere', at => '2024-01-02') \g /dev/null
SELECT is((pg_temp.submit('l', 'buy', 5, 100, portfolio => 'live')).status::text, 'pending_submit', 'an order for a broker waits to be sent');
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.report_order('live', 'unknown', client_order_id => 'l', at => '2024-01-08 15:01Z') AS o), '(unknown,TR231)', 'no answer came');
SELECT is((SELECT (o.status, o.broker_order_id)::text FROM trading.report_order('live', 'working', client_order_id => 'l', broker_order_id => 'B7', at => '2024-01-08 15:02Z') AS o), '(working,B7)', 'asked about, it is found to work');
SELECT is((SELECT o.version FROM trading.report_order('live', 'working', client_order_id => 'l', broker_order_id => 'B7', at => '2024-01-08 15:03Z') AS o), 3, 'the same answer twice says nothing new');
SELECT pg_temp.refuses($$SELECT trading.report_order('live', 'working', client_order_id => 'l', broker_order_id => 'B8')$$, 'TR229', 'it does not change its number');
SELECT pg_temp.refuses($$SELECT trading.report_order('live', 'filled', client_order_id => 'l')$$, 'TR229', 'a fill is not a report');
SELECT pg_temp.fill('l', 2, 99, 'lx', portfolio => 'live') \g /dev/null
SELECT is((SELECT o.status::text FROM trading.report_order('live', 'working', client_order_id => 'l', at => '2024-01-08 15:03Z') AS o), 'partially_filled', 'an answer that a fill has overtaken');
SELECT is((SELECT (o.status, o.reason)::text FROM trading.report_order('live', 'cancelled', client_order_id => 'l', reason => 'too late', at => '2024-01-08 15:05Z') AS o), '(cancelled,"too late")', 'the broker cancels the rest');
SELECT is(pg_temp.held('l', 'live'), NULL, 'and its money is free');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
