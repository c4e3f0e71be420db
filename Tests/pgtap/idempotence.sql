-- Every key of a caller counts once: client_order_id, execution_id, transfer reference. The same again answers the first; other terms are an error.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null

-- client_order_id.
SELECT pg_temp.submit('a', 'buy', 10, 50) \g /dev/null
SELECT is((pg_temp.submit('a', 'buy', 10, 50, at => '2024-01-08 16:00Z')), pg_temp.order_row('a'), 'the same order again answers the first row');
SELECT is((pg_temp.order_row('a')).submitted_at, '2024-01-08 15:00Z'::timestamptz, 'which stays as it was');
SELECT pg_temp.amounts_to(pg_temp.held('a'), 500, 'and holds its money once');
SELECT is((pg_temp.submit('a', 'buy', 10.000, 50.000000000)).order_id, 1::bigint, 'zeros after the last digit are no other terms');
SELECT is((pg_temp.submit('a', 'buy', 10, 50, portfolio => 'other')).portfolio_id, trading.portfolio_id('other'), 'another portfolio has its own keys');

SELECT pg_temp.refuses(s, 'TR204', s) FROM unnest(ARRAY[
  $$SELECT pg_temp.submit('a', 'buy', 11, 50)$$, $$SELECT pg_temp.submit('a', 'buy', 10, 51)$$, $$SELECT pg_temp.submit('a', 'sell', 10, 50)$$, $$SELECT pg_temp.submit('a', 'buy', 10)$$,
  $$SELECT trading.submit_order('main', 'IBM', 'buy', 10, 'limit', 50, time_in_force => 'day', client_order_id => 'a')$$,
  $$SELECT trading.submit_order('main', 'IBM', 'buy', 10, 'limit', 50, time_in_force => 'gtc', product => 'intraday', client_order_id => 'a')$$,
  $$SELECT trading.submit_order('main', 'IBM', 'buy', 10, 'stop', stop_price => 50, time_in_force => 'gtc', client_order_id => 'a')$$]) AS s;

-- A bare INSERT inserts nothing the second time.
CREATE FUNCTION pg_temp.insert_rows(ids text[], quantities numeric[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_rows bigint;
BEGIN
  INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, type, time_in_force, quantity, limit_price, submitted_at)
  SELECT trading.portfolio_id('main'), n.id, market.instrument_id('IBM'), 'buy', 'limit', 'gtc', n.quantity, 1, '2024-01-08 15:00Z'
    FROM unnest(ids, quantities) AS n (id, quantity);
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;
SELECT is(pg_temp.insert_rows('{b}', '{1}'), 1::bigint, 'a bare INSERT');
SELECT is(pg_temp.insert_rows('{b}', '{1}'), 0::bigint, 'the same again inserts nothing');
SELECT is(pg_temp.insert_rows('{c,c,b,d}', '{2,2,1,4}'), 2::bigint, 'one statement with a row twice and a known row');
SELECT is((SELECT array_agg((o.client_order_id, o.order_id)::text ORDER BY o.order_id) FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id) WHERE p.name = 'main'),
          ARRAY['(a,1)', '(b,2)', '(c,3)', '(d,4)'], 'numbers run on without gaps');
SELECT pg_temp.refuses($$SELECT pg_temp.insert_rows('{e,e}', '{2,3}')$$, 'TR204', 'one statement with a key on two terms');
SELECT is((SELECT count(*) FROM trading.orders WHERE client_order_id = 'e'), 0::bigint, 'stores neither');
SELECT is((SELECT array_agg(s.order_id) FROM trading.submit_orders(
  array_fill(trading.portfolio_id('main'), '{4}'), '{f,a,f,g}', array_fill(market.instrument_id('IBM'), '{4}'), '{NULL,NULL,NULL,NULL}', '{buy,buy,buy,buy}', '{limit,limit,limit,limit}',
  '{gtc,gtc,gtc,gtc}', '{1,10,1,1}', '{2,50,2,2}', '{NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL}', array_fill(timestamptz '2024-01-08 15:00Z', '{4}')) AS s),
  '{5,1,5,6}', 'a batch answers each of its elements, in its order');

-- Also when the first order is past its time, closed, or no longer what was submitted.
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 3, time_in_force => 'gtd', expires_at => '2024-01-09', client_order_id => 'h', at => '2024-01-08 15:00Z') \g /dev/null
SELECT is((trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 3, time_in_force => 'gtd', expires_at => '2024-01-09', client_order_id => 'h', at => '2024-02-01')).order_id,
          (pg_temp.order_row('h')).order_id, 'after its expiry the first order is still the answer');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 3, time_in_force => 'gtd', expires_at => '2024-01-10', client_order_id => 'h', at => '2024-01-08 15:00Z')$$, 'TR204', 'another expiry is other terms');
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 3, time_in_force => 'day', client_order_id => 'i', at => '2024-01-08 15:00Z') \g /dev/null
SELECT is((trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 3, time_in_force => 'day', client_order_id => 'i', at => '2024-01-09 15:00Z')).expires_at,
          '2024-01-08 21:00Z'::timestamptz, 'a day order again the next day is the first one');
SELECT trading.apply_split(ARRAY[trading.portfolio_id('main')], (market.add_split('IBM', '2024-01-09', 2)).action_id, '2024-01-09 14:30Z') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.order_row('a')).quantity, 20, 'a split has changed the order');
SELECT pg_temp.amounts_to((pg_temp.submit('a', 'buy', 10, 50)).quantity, 20, 'the terms of its submission still name it');
SELECT pg_temp.refuses($$SELECT pg_temp.submit('a', 'buy', 20, 25)$$, 'TR204', 'today''s terms do not');
SELECT trading.cancel_order('main', client_order_id => 'a') \g /dev/null
SELECT is((pg_temp.submit('a', 'buy', 10, 50)).status, 'cancelled', 'a closed order is answered, not opened again');
SELECT is((pg_temp.submit('j', 'sell', 10, 50)).status, 'rejected', 'a rejected order');
SELECT pg_temp.submit('k', 'buy', 10, 60), pg_temp.fill('k', 10, 60, 'k-1') \g /dev/null
SELECT is((pg_temp.submit('j', 'sell', 10, 50)).status, 'rejected', 'stays rejected when it would pass by now');

-- execution_id.
SELECT is((pg_temp.fill('k', 10, 60, 'k-1', at => '2024-02-01')).fill_id, 1::bigint, 'a fill again answers the first, also of a closed order');
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, 10, 'and is booked once');
SELECT is((pg_temp.fill('k', 10, 60, 'k-1', fee => 0)).fill_id, 1::bigint, 'the fee that was charged is no other fee');
SELECT pg_temp.refuses(s, 'TR209', s) FROM unnest(ARRAY[
  $$SELECT pg_temp.fill('k', 9, 60, 'k-1')$$, $$SELECT pg_temp.fill('k', 10, 61, 'k-1')$$,
  $$SELECT trading.record_fill('main', 10, 60, 'k-1', client_order_id => 'k', broker => 'elsewhere', at => '2024-01-10')$$,
  $$SELECT pg_temp.fill('k', 10, 60, 'k-1', fee => 1)$$]) AS s;
SELECT is((pg_temp.fill('a', 4, 50, 'k-1', portfolio => 'other')).fill_id, 1::bigint, 'another portfolio has its own executions');
SELECT pg_temp.refuses($$SELECT pg_temp.fill('k', 1, 60, 'k-2')$$, 'TR210', 'another fill of a filled order');
SELECT is((trading.record_fill('main', 1, 0.5, 'k-1', client_order_id => 'c', at => '2024-01-10')).fill_id, 2::bigint, 'another order has its own executions: a match has two sides');
SELECT is((SELECT array_agg(concat_ws(' ', r.fill_id, r.code)) FROM trading.record_fills(
  array_fill(trading.portfolio_id('main'), '{4}'), ARRAY[3, 3, 4, 10], '{1,1,9,1}', '{0.5,0.5,0.5,0.5}', 'paper', '{m-1,m-1,m-2,m-3}', array_fill(timestamptz '2024-01-10', '{4}')) AS r),
  '{3,3,TR208,TR210}', 'a batch books once, answers the doubled, and drops what its orders cannot take');
SELECT is((SELECT count(*) FROM ops.events WHERE kind = 'fill.refused'), 2::bigint, 'what was dropped is in the journal');

-- Transfer references.
SELECT pg_temp.amounts_to((ledger.deposit('main', 500, reference => 'wire-1', at => '2024-01-03')).amount, 500, 'a deposit');
SELECT is(ledger.deposit('main', 500.00, reference => 'wire-1', at => '2024-01-04'),
          (SELECT t FROM ledger.transfers AS t WHERE t.portfolio_id = trading.portfolio_id('main') AND t.reference = 'wire-1'), 'again answers the first transfer');
SELECT is((ledger.deposit('main', 500, currency => 'USD', reference => 'wire-1')).at, '2024-01-03'::timestamptz, 'as it was');
SELECT pg_temp.refuses(s, 'TR406', s) FROM unnest(ARRAY[
  $$SELECT ledger.deposit('main', 501, reference => 'wire-1')$$, $$SELECT ledger.withdraw('main', 500, reference => 'wire-1')$$, $$SELECT ledger.deposit('main', 500, currency => 'EUR', reference => 'wire-1')$$,
  $$SELECT ledger.deposit('main', NULL, reference => 'wire-1')$$]) AS s;
SELECT lives_ok($$SELECT ledger.deposit('other', 1, reference => 'wire-1')$$, 'another portfolio has its own references');
SELECT pg_temp.amounts_to((SELECT net_deposits FROM trading.portfolio_summary WHERE portfolio = 'main'), 10500, 'booked once');

-- Names.
SELECT is((trading.close_position('main', 'IBM', client_order_id => 'close-1', at => '2024-01-10')).order_id, (trading.close_position('main', 'IBM', client_order_id => 'close-1')).order_id, 'closing a position twice is one order');
SELECT pg_temp.refuses($$SELECT trading.close_position('main', 'IBM', client_order_id => 'b')$$, 'TR204', 'closing with the key of a limit order');
SELECT pg_temp.amounts_to((market.add_instrument(symbol => 'IBM', tick_size => 5)).tick_size, 0.01, 'an instrument that exists is returned unchanged');
SELECT is((ops.add_consumer('reader')).name, (ops.add_consumer('reader', from_start => false)).name, 'a consumer that exists keeps its position');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
