-- risk.emergency_exit: halts, cancels all that rests, closes all that is held, by scope; asked again it answers what is under way.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
SELECT market.add_instrument(symbol => 'MSFT', sector => 'Tech'), market.add_instrument(symbol => 'XOM', sector => 'Energy'), trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02'),
       trading.create_portfolio(name => 'short', capital => 10000, at => '2024-01-02'), strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'short';
SELECT pg_temp.quote('MSFT', 50), pg_temp.quote('XOM', 10), strategy.create_agent('a', 'main', 's', '{MSFT}') \g /dev/null
SELECT pg_temp.hold('ibm', 10, 100), pg_temp.hold('msft', 20, 50, 'MSFT'), pg_temp.hold('ibm', 5, 100, portfolio => 'other'), pg_temp.hold('down', 10, 50, 'MSFT', 'short', 'sell') \g /dev/null
SELECT pg_temp.submit('rest', 'buy', 1, 90), pg_temp.submit('take', 'sell', 4, 120), pg_temp.submit('xom', 'buy', 1, 9, 'XOM') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'sell', 6, 'stop', stop_price => 90, time_in_force => 'gtc', client_order_id => 'stop', at => '2024-01-08 15:00Z'),
       trading.submit_order('short', 'MSFT', 'buy', 10, 'stop', stop_price => 60, time_in_force => 'gtc', client_order_id => 'stop', at => '2024-01-08 15:00Z') \g /dev/null

-- Each scope, undone afterwards.
SAVEPOINT here;
SELECT results_eq($$SELECT portfolio, symbol, held, orders_cancelled, status::text FROM risk.emergency_exit('portfolio', 'main', at => '2024-01-08 15:05Z')$$,
  $$VALUES ('main', 'US:IBM', 10::numeric, 3, 'accepted'), ('main', 'US:MSFT', 20, 0, 'accepted'), ('main', 'US:XOM', 0, 1, NULL)$$, 'a portfolio: stops and all');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 10), pg_temp.verdict('buy', 1, 10, portfolio => 'other')), 'TR301 accepted', 'is halted for orders that open');
ROLLBACK TO here;
SELECT results_eq($$SELECT portfolio, symbol, held, orders_cancelled, status::text FROM risk.emergency_exit('instrument', 'IBM', at => '2024-01-08 15:05Z')$$,
  $$VALUES ('main', 'US:IBM', 10::numeric, 3, 'accepted'), ('other', 'US:IBM', 5, 0, 'accepted')$$, 'an instrument, in all portfolios');
ROLLBACK TO here;
SELECT results_eq($$SELECT portfolio, symbol, held FROM risk.emergency_exit('sector', 'Tech', at => '2024-01-08 15:05Z')$$, $$VALUES ('main', 'US:MSFT', 20::numeric), ('short', 'US:MSFT', -10)$$, 'a sector');
ROLLBACK TO here;
SELECT results_eq($$SELECT portfolio, symbol, held FROM risk.emergency_exit('agent', 'a', at => '2024-01-08 15:05Z')$$, $$VALUES ('main', 'US:MSFT', 20::numeric)$$, 'an agent: its instruments in its portfolio');
ROLLBACK TO here;
SELECT results_eq($$SELECT portfolio, symbol, held FROM risk.emergency_exit('strategy', 's', at => '2024-01-08 15:05Z')$$, $$VALUES ('main', 'US:MSFT', 20::numeric)$$, 'a strategy: those of its agents');
ROLLBACK TO here;
SELECT pg_temp.refuses($$SELECT risk.emergency_exit('user', session_user::text)$$, 'TR306', 'a user has no positions');
SELECT pg_temp.refuses($$SELECT risk.emergency_exit('portfolio', 'none')$$, 'TR306', 'no such portfolio');

-- All of it, without an argument, with limits in force, a restricted name and another halt that would refuse everything else.
SELECT risk.set_limit('order_value', 0), risk.set_limit('restricted', 0, 'instrument', 'IBM'), risk.halt('portfolio', 'other') \g /dev/null
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'other';
SELECT risk.resume('portfolio', 'other'), pg_temp.submit('waits', 'buy', 1, 10, 'XOM', 'other'), risk.halt('portfolio', 'other') \g /dev/null
SELECT is((pg_temp.order_row('waits', 'other')).status, 'pending_approval', 'an order that waits for a second person, in what was never held');
CREATE TEMP TABLE first AS SELECT * FROM risk.emergency_exit();
SELECT results_eq($$SELECT portfolio, symbol, held, orders_cancelled, status::text, problem FROM first$$,
  $$VALUES ('main', 'US:IBM', 10::numeric, 3, 'accepted', NULL), ('main', 'US:MSFT', 20, 0, 'accepted', NULL), ('main', 'US:XOM', 0, 1, NULL, NULL), ('other', 'US:IBM', 5, 0, 'accepted', NULL), ('other', 'US:XOM', 0, 1, NULL, NULL), ('short', 'US:MSFT', -10, 1, 'accepted', NULL)$$, 'everything');
SELECT is_empty($$SELECT 1 FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.type <> 'market'$$, 'nothing rests any more');
SELECT results_eq($$SELECT o.side::text, o.quantity::numeric, o.opening_quantity::numeric FROM trading.orders AS o WHERE o.closed_at IS NULL ORDER BY o.portfolio_id, o.order_id$$,
  $$VALUES ('sell', 10::numeric, 0::numeric), ('sell', 20, 0), ('sell', 5, 0), ('buy', 10, 0)$$, 'but orders that close');
SELECT is((SELECT (o.status, o.reason_code, o.reason)::text FROM pg_temp.order_row('stop') AS o), '(cancelled,TR216,"emergency exit")', 'stops are cancelled too');
SELECT results_eq('SELECT portfolio, symbol, held, closing_order_id, status FROM risk.emergency_exit()', $$SELECT portfolio, symbol, held, closing_order_id, status FROM first WHERE held <> 0$$, 'a second one finds the same orders under way');
SELECT is((SELECT count(*) FROM trading.orders AS o WHERE o.closed_at IS NULL), 4::bigint, 'and sends nothing more');
SELECT is((SELECT count(*) FROM risk.halts AS h WHERE h.scope = 'system' AND h.resumed_at IS NULL), 1::bigint, 'one halt is in force');
SELECT is((pg_temp.submit('in', 'buy', 1, 10)).reason_code, 'TR301', 'nothing opens');
-- Half a fill later, and with the rest cancelled by somebody.
SELECT trading.record_fill('main', 4, 99, 'half', order_id => (SELECT f.closing_order_id FROM first AS f WHERE f.portfolio = 'main' AND f.symbol = 'US:IBM'), at => now()) \g /dev/null
SELECT results_eq($$SELECT e.held, e.closing_order_id = f.closing_order_id FROM risk.emergency_exit() AS e JOIN first AS f USING (portfolio, symbol) WHERE e.portfolio = 'main' AND e.symbol = 'US:IBM'$$, $$VALUES (6::numeric, true)$$, 'what is half done goes on');
SELECT trading.cancel_order('main', f.closing_order_id) FROM first AS f WHERE f.portfolio = 'main' AND f.symbol = 'US:IBM' \g /dev/null
SELECT results_eq($$SELECT e.held, e.closing_order_id > f.closing_order_id, e.status::text FROM risk.emergency_exit() AS e JOIN first AS f USING (portfolio, symbol) WHERE e.portfolio = 'main' AND e.symbol = 'US:IBM'$$, $$VALUES (6::numeric, true, 'accepted')$$, 'what somebody stopped is sent again');
-- What cannot be closed is told, and keeps nothing else open.
SELECT trading.cancel_order('main', o.order_id) FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.portfolio_id = trading.portfolio_id('main') \g /dev/null
UPDATE market.instruments SET is_active = false WHERE symbol = 'IBM';
SELECT results_eq($$SELECT symbol, status::text, problem IS NULL FROM risk.emergency_exit('portfolio', 'main')$$, $$VALUES ('US:IBM', 'rejected', false), ('US:MSFT', 'accepted', true)$$, 'one that takes no orders any more');
SELECT is((risk.resume()).state, 'halted', 'a person resumes');
SELECT is((SELECT array_agg(DISTINCT e.kind) FROM ops.events AS e WHERE e.kind LIKE 'risk.h%'), '{risk.halted}', 'the journal knows');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
