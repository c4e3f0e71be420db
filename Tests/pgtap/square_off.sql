-- Intraday positions end with the session; participation and collateral as a runner reads them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio('margin', capital => 10000, participation_percent => 12.5, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'margin';
SELECT is((SELECT p.participation_percent FROM trading.portfolios AS p WHERE p.name = 'margin'), 12.5, 'a portfolio has a share of the volume');
SELECT pg_temp.refuses(format('SELECT trading.create_portfolio(%L, participation_percent => %L)', 'x', v), 'TR214', 'not a share of ' || v)
  FROM unnest('{0,-1,100.5,NaN,0.00001}'::text[]) AS v;

CREATE FUNCTION pg_temp.intraday(id text, side trading.order_side, quantity numeric, at timestamptz DEFAULT '2024-01-08 15:00Z', price numeric DEFAULT NULL,
                                 portfolio text DEFAULT 'main')
RETURNS text LANGUAGE sql
AS $$
  SELECT o.status::text FROM trading.submit_order(portfolio, 'IBM', side, quantity, type => CASE WHEN price IS NULL THEN 'market' ELSE 'limit' END::trading.order_type,
                              limit_price => price, product => 'intraday', client_order_id => id, at => at) AS o
$$;
CREATE FUNCTION pg_temp.orders(at timestamptz, ended_only boolean DEFAULT false, portfolio text DEFAULT 'main') RETURNS text LANGUAGE sql
AS $$
  SELECT string_agg(concat_ws(' ', CASE WHEN o.client_order_id LIKE 'square-off/%' THEN 'new' ELSE o.client_order_id END, o.side, trim_scale(o.quantity), o.time_in_force, o.status), ', ' ORDER BY o.order_id)
    FROM trading.square_off(portfolio, at, ended_only) AS o
$$;

-- Delivery 5, intraday 10, and what rests beside.
SELECT pg_temp.submit('owned', 'buy', 5), pg_temp.fill('owned', 5, 100, 'owned'),
       pg_temp.intraday('bought', 'buy', 10), pg_temp.fill('bought', 10, 100, 'bought'),
       pg_temp.intraday('resting', 'buy', 3, price => 90), pg_temp.submit('target', 'sell', 4, 120), pg_temp.submit('rest', 'sell', 8, 130),
       pg_temp.submit('more', 'buy', 1, 80) \g /dev/null
SELECT is(pg_temp.orders('2024-01-08 20:59Z', true), NULL, 'before the close nothing ends');
SELECT is(pg_temp.orders('2024-01-08 21:00Z', true), 'resting buy 3 day cancelled, rest sell 8 gtc cancelled, new sell 10 at_close accepted',
          'at the close intraday orders end, and what competes for the quantity, and an order for this close sells the intraday part');
SELECT is((SELECT (o.active_at, o.product)::text FROM trading.orders AS o WHERE o.client_order_id LIKE 'square-off/%'), ('2024-01-08 21:00Z'::timestamptz, 'intraday'::trading.product)::text,
          'it waits for the close that is now');
SELECT is(pg_temp.orders('2024-01-08 21:00Z', true), 'new sell 10 at_close accepted', 'again it submits nothing new');
SELECT trading.record_fill('main', 10, 110, 'off', client_order_id => (SELECT o.client_order_id FROM trading.orders AS o WHERE o.client_order_id LIKE 'square-off/%'), at => '2024-01-08 21:00Z') \g /dev/null
SELECT is(((pg_temp.position_row()).quantity, (pg_temp.position_row()).intraday_quantity)::text, (5.00000000, 0.00000000)::text, 'what was bought to keep is kept');
SELECT is(pg_temp.orders('2024-01-09 21:00Z'), NULL, 'the next day nothing is intraday');
SELECT is((pg_temp.order_row('target')).status::text || (pg_temp.order_row('more')).status, 'acceptedaccepted', 'other orders rest on');

-- A short, in the middle of the day, by hand.
SELECT pg_temp.intraday('sold', 'sell', 7, '2024-01-09 15:00Z', portfolio => 'margin'),
       pg_temp.fill('sold', 7, 100, 'sold', portfolio => 'margin', at => '2024-01-09 15:01Z') \g /dev/null
SELECT is((SELECT (a.cash, a.available, a.margin)::text FROM trading.accounts(ARRAY[trading.portfolio_id('margin')]) AS a),
          (SELECT (s.cash::ledger.money, s.available::ledger.money, p.margin)::text FROM trading.portfolio_summary AS s, pg_temp.position_row(portfolio => 'margin') AS p WHERE s.portfolio = 'margin'),
          'collateral is told apart from cash');
SELECT is((SELECT a.margin > 0 FROM trading.accounts(ARRAY[trading.portfolio_id('margin')]) AS a), true, 'and a short has some');
SELECT is(pg_temp.orders('2024-01-09 15:30Z', true, 'margin'), NULL, 'the session goes on');
SELECT is(pg_temp.orders('2024-01-09 15:30Z', false, 'margin'), 'new buy 7 gtc accepted', 'on demand a short is bought back at the market');
SELECT is(pg_temp.orders('2024-01-09 15:40Z', false, 'margin'), 'new buy 7 gtc cancelled, new buy 7 gtc accepted', 'later again: still no more than is intraday');
SELECT pg_temp.refuses($$SELECT trading.square_off('nobody')$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
