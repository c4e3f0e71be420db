-- A split changes quantity, price, open orders and the last price together; what is held is worth the same before and after.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT ledger.deposit('main', 990000, at => '2024-01-03') \g /dev/null

CREATE FUNCTION pg_temp.split(symbol text, new numeric, old numeric, at timestamptz DEFAULT '2024-01-09 14:30Z', portfolio text DEFAULT 'main') RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_action int := (market.add_split(symbol, '2024-01-09', new, old)).action_id;
BEGIN
  RETURN (SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id(portfolio)], v_action, at));
END
$$;
-- A position of 15 at 100, a price of 110, and five open orders; in an instrument of its own.
CREATE FUNCTION pg_temp.prepare(symbol text) RETURNS void LANGUAGE sql AS $$
  SELECT market.add_instrument(symbol => symbol);
  SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], '{2024-01-08 21:00Z}', '{110}', '{NULL}');
  SELECT pg_temp.submit(symbol || 'hold', 'buy', 15, 100, symbol), pg_temp.fill(symbol || 'hold', 15, 100, symbol || 'hold');
  SELECT pg_temp.submit(symbol || 'limit', 'buy', 10, 90.01, symbol), pg_temp.submit(symbol || 'part', 'buy', 9, 95, symbol), pg_temp.submit(symbol || 'market', 'buy', 3, symbol => symbol),
         pg_temp.submit(symbol || 'sell', 'sell', 6, 120.01, symbol), pg_temp.submit(symbol || 'rest', 'sell', 9, 130, symbol);
  SELECT pg_temp.fill(symbol || 'part', 4, 95, symbol || 'part');
$$;
CREATE FUNCTION pg_temp.terms(id text) RETURNS text LANGUAGE sql STABLE
AS $$ SELECT concat_ws(' ', trim_scale(o.quantity), trim_scale(o.filled_quantity), trim_scale(o.limit_price), trim_scale(o.reserve_price), trim_scale(pg_temp.held(id)), o.status, o.version) FROM pg_temp.order_row(id) AS o $$;
CREATE FUNCTION pg_temp.equity() RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT s.equity FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main' $$;

-- 2:1.
SELECT pg_temp.prepare('TWO') \g /dev/null
SELECT pg_temp.equity() AS before \gset
SELECT is(pg_temp.split('TWO', 2, 1), 5, 'five open orders changed');
SELECT is((SELECT (p.quantity, p.cost, p.average_price)::text FROM pg_temp.position_row('TWO') AS p), '(38.00000000,1880.00000000,49.47368421)', 'quantity doubles, cost stays, the average is halved');
SELECT is((SELECT q.last FROM market.quotes AS q WHERE q.instrument_id = market.instrument_id('TWO')), 55::float8, 'the last price is halved');
SELECT pg_temp.amounts_to(pg_temp.equity(), :before, 'equity does not jump');
SELECT is((trading.update_portfolio_value('main', '2024-01-09 14:30Z')).equity, :before::ledger.money, 'nor does the portfolio''s value');
SELECT is(pg_temp.terms('TWOlimit'), '20 0 45 45 900 accepted 2', 'a buy limit: on the grid, rounded down, what it saves is free');
SELECT is(pg_temp.terms('TWOpart'), '18 8 47.5 47.5 475 partially_filled 3', 'a partly filled order: both parts double');
SELECT is(pg_temp.terms('TWOmarket'), '6 0 57.75 346.5 accepted 2', 'a market buy: reserve price halved, money the same');
SELECT is(pg_temp.terms('TWOsell'), '12 0 60.01 accepted 2', 'a sell limit: rounded up');
SELECT is((SELECT (o.split_filled_quantity, o.average_fill_price, o.filled_value)::text FROM pg_temp.order_row('TWOpart') AS o), '(4.00000000,47.50000000,380.00000000)', 'what was filled is told in today''s shares');
SELECT is((SELECT (p.open_buy_quantity, p.open_sell_quantity)::text FROM pg_temp.position_row('TWO') AS p), '(36.00000000,30.00000000)', 'promises follow');
SELECT is((SELECT e.kind FROM ops.events AS e WHERE e.order_id = (pg_temp.order_row('TWOlimit')).order_id ORDER BY e.event_id DESC LIMIT 1), 'order.adjusted', 'the journal calls it an adjustment');
SELECT pg_temp.is_sound();
SELECT is(pg_temp.split('TWO', 2, 1), 0, 'the same split again changes nothing');
SELECT is(pg_temp.split('TWO', 2, 1, '2024-03-01'), 0, 'nor does it later');
SELECT is((SELECT q.last FROM market.quotes AS q WHERE q.instrument_id = market.instrument_id('TWO')), 55::float8, 'the last price was halved once');
SELECT pg_temp.fill('TWOpart', 10, 47.5, 'TWOpart2') \g /dev/null
SELECT is(pg_temp.terms('TWOpart'), '18 18 47.5 47.5 filled 4', 'what was open fills in the new shares');
SELECT is((SELECT (o.average_fill_price, o.filled_value)::text FROM pg_temp.order_row('TWOpart') AS o), '(47.50000000,855.00000000)', 'at one average');
SELECT pg_temp.fill('TWOrest', 18, 66, 'TWOrest1') \g /dev/null
SELECT pg_temp.is_sound();

-- 3:2: half a share is paid in cash, 0.5 × 110 × 2/3; of orders whole shares are left.
SELECT pg_temp.prepare('THREE') \g /dev/null
SELECT pg_temp.equity() AS before \gset
SELECT pg_temp.split('THREE', 3, 2) \g /dev/null
SELECT is((SELECT (p.quantity, p.cost)::text FROM pg_temp.position_row('THREE') AS p), '(28.00000000,1847.01754386)', '19 shares become 28.5, of which half a share takes 1880 × 0.5/28.5 of the cost');
SELECT is(pg_temp.terms('THREElimit'), '15 0 60 60 900 accepted 2', '90.01 × 2/3 = 60.006…, down to the grid');
SELECT is(pg_temp.terms('THREEpart'), '13 6 63.33 63.33 443.31 partially_filled 3', 'a partly filled order: of 7.5 shares 7 are left, and the money of half a share is free');
SELECT is(pg_temp.terms('THREErest'), '13 0 86.67 accepted 2', 'a sell of 13.5 is one of 13');
SELECT ok(abs(pg_temp.equity() - :before) < 0.0001, 'equity does not jump beyond the digits of a price');
SELECT trading.cancel_order('main', client_order_id => 'THREE' || o) FROM unnest(ARRAY['limit', 'part', 'market', 'sell', 'rest']) AS o \g /dev/null
-- Without any price nothing can be paid: the fraction stays.
SELECT market.add_instrument(symbol => 'ODD') \g /dev/null
SELECT pg_temp.submit('odd', 'buy', 19, 100, 'ODD'), pg_temp.fill('odd', 19, 100, 'odd') \g /dev/null
SELECT pg_temp.split('ODD', 3, 2) \g /dev/null
SELECT is((SELECT (p.quantity, p.cost)::text FROM pg_temp.position_row('ODD') AS p), '(28.50000000,1900.00000000)', '19 shares become 28.5');
SELECT pg_temp.refuses($$SELECT pg_temp.submit('frac', 'sell', 28.4, 70, 'ODD')$$, 'TR201', 'a fraction of a lot is no order');
SELECT is((trading.close_position('main', 'ODD', 'close3', at => '2024-01-09 15:00Z')).quantity::numeric, 28.50000000, 'unless it is the whole position');
SELECT pg_temp.fill('close3', 28.5, 73, 'close3') \g /dev/null
SELECT is((trading.close_position('main', 'ODD', 'close3', at => '2024-01-09 15:00Z')).status, 'filled', 'which can be closed, and asked for again');
SELECT pg_temp.is_sound();

-- 1:10.
SELECT pg_temp.prepare('TEN') \g /dev/null
SELECT pg_temp.equity() AS before \gset
SELECT pg_temp.split('TEN', 1, 10) \g /dev/null
SELECT is((SELECT (p.quantity, p.average_price)::text FROM pg_temp.position_row('TEN') AS p), '(1.00000000,989.47368421)', 'a reverse split, 0.9 of a share paid in cash');
SELECT is(pg_temp.terms('TENlimit'), '1 0 900.1 900.1 900.1 accepted 2', 'prices times ten');
SELECT is((SELECT (o.status, o.reason_code, o.quantity, o.filled_quantity)::text FROM pg_temp.order_row('TENpart') AS o), '(cancelled,TR201,9.00000000,4.00000000)', 'half a share is no order: what is open of it ends');
SELECT is((SELECT array_agg(o.client_order_id ORDER BY o.order_id) FROM trading.orders AS o WHERE o.client_order_id LIKE 'TEN%' AND o.closed_at IS NULL), '{TENlimit}', 'so do all of which less than a share is left');
SELECT pg_temp.amounts_to(pg_temp.held('TENmarket'), NULL, 'their money is free');
SELECT pg_temp.amounts_to(pg_temp.equity(), :before, 'equity does not jump');
SELECT is((SELECT a.quantity_delta::numeric FROM trading.position_adjustments AS a JOIN market.corporate_actions AS c USING (action_id) WHERE c.instrument_id = market.instrument_id('TEN')), -18.00000000, 'the adjustment is kept');
SELECT pg_temp.is_sound();

-- Dust: the cost of what is held stays with what is left, and of an order nothing may be left.
SELECT market.add_instrument(symbol => 'DUST') \g /dev/null
SELECT pg_temp.submit('dust', 'buy', 1, 100, 'DUST'), pg_temp.fill('dust', 0.00000004, 100, 'dust1', force => true), pg_temp.fill('dust', 0.00000003, 100, 'dust2', force => true), pg_temp.fill('dust', 0.99999992, 100, 'dust3', force => true) \g /dev/null
SELECT pg_temp.split('DUST', 1, 10) \g /dev/null
SELECT is((SELECT array_agg(format('%s for %s', l.quantity, l.cost) ORDER BY l.fill_id) FROM trading.lots AS l WHERE l.instrument_id = market.instrument_id('DUST')),
          ARRAY['0.00000001 for 0.00000700', '0.09999999 for 99.99999200'], 'a lot that comes to nothing leaves its cost to the next');
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.order_row('dust') AS o), '(cancelled,TR201)', 'an order of which nothing is left ends');
SELECT pg_temp.is_sound();
SELECT market.add_instrument(symbol => 'SPECK') \g /dev/null
SELECT pg_temp.submit('speck', 'buy', 1, 100, 'SPECK'), pg_temp.fill('speck', 0.00000004, 100, 'speck1', force => true) \g /dev/null
SELECT pg_temp.split('SPECK', 1, 10) \g /dev/null
SELECT is((SELECT (p.quantity, p.cost)::text FROM pg_temp.position_row('SPECK') AS p), '(0.00000001,0.00000400)', 'what is held never comes to nothing');
SELECT pg_temp.is_sound();

-- Roundings never promise more than is held.
SELECT market.add_instrument(symbol => 'THIRD') \g /dev/null
SELECT pg_temp.submit('t0', 'buy', 10, 100, 'THIRD'), pg_temp.fill('t0', 10, 100, 't0'), pg_temp.submit('t1', 'sell', 5, 100, 'THIRD'), pg_temp.submit('t2', 'sell', 5, 100, 'THIRD') \g /dev/null
SELECT pg_temp.split('THIRD', 1, 3) \g /dev/null
SELECT ok(p.open_sell_quantity <= p.quantity, 'two sells of half the position each') FROM pg_temp.position_row('THIRD') AS p;
SELECT pg_temp.is_sound();

-- A fee per share can need more than is held: the fill takes it from free cash, or is refused.
INSERT INTO trading.fee_schedules (name, per_share) VALUES ('dear', 1);
SELECT trading.create_portfolio(name => 'dear', capital => 1010, fee_schedule => 'dear', at => '2024-01-02') \g /dev/null
SELECT market.add_instrument(symbol => 'FEE') \g /dev/null
SELECT pg_temp.submit('f', 'buy', 10, 100, 'FEE', 'dear') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('f', 'dear'), 1010, 'reserved with the fee of ten shares');
SELECT pg_temp.split('FEE', 2, 1, portfolio => 'dear') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('f', 'dear'), 1010, 'twenty shares would need ten more, which is not there');
SELECT pg_temp.is_sound('which is no violation');
SELECT pg_temp.refuses($$SELECT pg_temp.fill('f', 20, 50, 'f1', portfolio => 'dear')$$, 'TR401', 'the fill needs it');
SELECT ledger.deposit('dear', 10, at => '2024-01-09') \g /dev/null
SELECT is((pg_temp.fill('f', 20, 50, 'f1', portfolio => 'dear')).fee::numeric, 20.00000000, 'and takes it from free cash when it is there');
SELECT pg_temp.is_sound();

-- Another portfolio, later: the price is not divided again. A price of the ex-date is in the new terms already.
SELECT trading.create_portfolio(name => 'late', capital => 1000, at => '2024-01-02') \g /dev/null
SELECT pg_temp.submit('l', 'buy', 2, 100, 'TWO', 'late'), pg_temp.fill('l', 2, 100, 'l', portfolio => 'late') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('TWO')], '{2024-01-09 15:00Z}', '{56}', '{NULL}') \g /dev/null
SELECT pg_temp.split('TWO', 2, 1, '2024-01-10', 'late') \g /dev/null
SELECT is((SELECT q.last FROM market.quotes AS q WHERE q.instrument_id = market.instrument_id('TWO')), 56::float8, 'the price stays');
SELECT pg_temp.amounts_to((pg_temp.position_row('TWO', 'late')).quantity, 4, 'the position follows');

-- Announcements.
SELECT pg_temp.refuses(format('SELECT market.add_split(%L, %s, %s, %s)', 'IBM', d, n, o), 'TR106', format('%s:%s on %s', n, o, d)) FROM (VALUES
  ('''2024-01-09''', '0', '1'), ('''2024-01-09''', '-2', '1'), ('''2024-01-09''', '2', '2'), ('''2024-01-09''', '2', '0'), ('''2024-01-09''', 'NULL', '1'), ('NULL', '2', '1'),
  ('''infinity''', '2', '1'), ('''2024-01-09''', '''NaN''', '1'), ('''2024-01-09''', '1000000', '1')) AS s (d, n, o);
SELECT pg_temp.refuses($$SELECT market.add_split('TWO', '2024-01-09', 3)$$, 'TR106', 'another split of the same day');
SELECT is((market.add_split('TWO', '2024-01-09', 4, 2)).action_id, (market.add_split('TWO', '2024-01-09', 2)).action_id, '4:2 is 2:1');
SELECT pg_temp.refuses($$SELECT trading.apply_split(ARRAY[trading.portfolio_id('main')], -1, now())$$, 'TR106', 'an unknown split');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
