-- What a buy order holds: its worst cost, less what was filled; what a fill saves is free at once, what it costs more comes out of free cash.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- A limit buy over partial fills at its price, at better ones, and cancelled with a rest.
SELECT pg_temp.submit('a', 'buy', 10, 100) \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('a'), 1000, 'a limit buy holds quantity × limit');
SELECT pg_temp.fill('a', 3, 100, 'a1') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('a'), 700, 'a fill at the limit takes its part');
SELECT pg_temp.amounts_to(pg_temp.cash(), 9700, 'out of the cash');
SELECT pg_temp.fill('a', 4, 90, 'a2') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('a'), 300, 'a better fill leaves what the rest needs');
SELECT pg_temp.amounts_to(pg_temp.available(), 9040, 'and what it saved is free: 10000 - 300 - 360 - 300');
SELECT trading.cancel_order('main', client_order_id => 'a') \g /dev/null
SELECT ok(pg_temp.held('a') IS NULL, 'the cancelled rest holds nothing');
SELECT pg_temp.amounts_to(pg_temp.available(), 9340, 'and is free');
SELECT results_eq($$SELECT state::text, kind::text, amount::numeric FROM ledger.transfers WHERE portfolio_id = trading.portfolio_id('main') AND order_id = 1 ORDER BY transfer_id$$,
  $$VALUES ('pending', 'reservation', 1000.00000000), ('posted', 'trade', 300.00000000), ('posted', 'trade', 360.00000000), ('voided', 'reservation', 40.00000000), ('voided', 'reservation', 300.00000000)$$,
  'its transfers tell the story: reserved, posted, posted, saved, freed');
SELECT pg_temp.is_sound();

-- A market buy at the price foreseen, at a worse one that free cash covers, and at one that nothing covers.
SELECT pg_temp.submit('b', 'buy', 10) \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('b'), 1050, 'a market buy holds five percent more than the last price');
SELECT pg_temp.fill('b', 4, 101, 'b1') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('b'), 630, 'a fill below the reserve price: the rest keeps its share');
SELECT pg_temp.fill('b', 4, 120, 'b2') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('b'), 210, 'a fill above it leaves the rest its share too');
SELECT pg_temp.amounts_to(pg_temp.available(), 9340 - 404 - 480 - 210, 'and takes the difference out of free cash');
SELECT pg_temp.refuses($$SELECT pg_temp.fill('b', 2, 4300, 'b3')$$, 'TR401', 'a fill that neither reservation nor cash covers is not booked');
SELECT pg_temp.amounts_to(pg_temp.held('b'), 210, 'and changes nothing');
SELECT is((SELECT r.code FROM trading.record_fills(ARRAY[trading.portfolio_id('main')], ARRAY[(pg_temp.order_row('b')).order_id], '{2}', '{4300}', 'paper', '{b3}', '{2024-01-08 15:02Z}') AS r), 'TR401',
          'in a batch it is dropped');
SELECT is((SELECT concat_ws(' ', o.status, o.reason_code) FROM pg_temp.order_row('b') AS o), 'cancelled TR401', 'and its order ends: it would fail again at every tick');
SELECT is((SELECT count(*) FROM ops.events WHERE kind = 'fill.refused' AND payload ->> 'code' = 'TR401'), 1::bigint, 'with an event that says so');
SELECT pg_temp.submit('c', 'buy', 2) \g /dev/null
SELECT pg_temp.refuses($$SELECT pg_temp.fill('c', 2, 4228.00000001, 'c0')$$, 'TR401', 'two units of the last digit too much are refused by the fund check, before the CHECK would');
SELECT pg_temp.fill('c', 2, 4228, 'c1') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.available(), 0, 'a fill may take the last cent');
SELECT pg_temp.is_sound();

-- Stop and stop-limit buys.
SELECT ledger.deposit('main', 10000, at => '2024-01-09') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'buy', 10, 'stop', stop_price => 110, time_in_force => 'gtc', client_order_id => 'd', at => '2024-01-09') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('d'), 1155, 'a stop buy holds its stop price and the buffer');
SELECT trading.submit_order('main', 'IBM', 'buy', 10, 'stop_limit', 112, 110, 'gtc', client_order_id => 'e', at => '2024-01-09') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('e'), 1120, 'a stop-limit buy holds its limit');
SELECT pg_temp.submit('f', 'sell', 5, 1) \g /dev/null
SELECT ok((pg_temp.order_row('f')).reservation_id IS NULL, 'a sell holds no money');

-- With fees: the reservation includes them, and the fill gives back what was not charged.
INSERT INTO trading.fee_schedules (name, per_share, minimum) VALUES ('five_cents', 0.05, 1);
SELECT trading.create_portfolio(name => 'fees', capital => 1001, fee_schedule => 'five_cents', at => '2024-01-02') \g /dev/null
SELECT is((pg_temp.submit('g', 'buy', 10, 100.01, portfolio => 'fees')).reason_code, 'TR401', 'the fee counts: 1000.10 and 1');
SELECT is((pg_temp.submit('h', 'buy', 10, 100, portfolio => 'fees')).status, 'accepted', 'exactly price and fee');
SELECT pg_temp.amounts_to(pg_temp.held('h', 'fees'), 1001, 'are held');
SELECT pg_temp.fill('h', 5, 100, 'h1', portfolio => 'fees') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('h', 'fees'), 500, 'the minimum fee is paid with the first fill');
SELECT pg_temp.fill('h', 5, 100, 'h2', fee => 0, portfolio => 'fees') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.cash('fees'), 0, 'to the last cent');
SELECT pg_temp.is_sound();

-- The multiplier.
SELECT market.add_instrument(symbol => 'FUT', multiplier => 50, tick_size => 0.25) \g /dev/null
SELECT pg_temp.submit('m', 'buy', 2, 10.25, symbol => 'FUT') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('m'), 1025, '2 × 10.25 × 50');
SELECT pg_temp.fill('m', 1, 10, 'm1') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held('m'), 512.5, 'half of it is left');
SELECT is((SELECT (f.value, o.average_fill_price, p.average_price)::text FROM trading.fills AS f, pg_temp.order_row('m') AS o, pg_temp.position_row('FUT') AS p WHERE f.execution_id = 'm1'),
          '(500.00000000,10.00000000,10.00000000)', 'value counts the multiplier, prices do not');
SELECT pg_temp.is_sound();

-- The CHECK is the last word, whoever writes.
SELECT pg_temp.refuses($$UPDATE ledger.balances SET debits_posted = credits_posted - debits_pending + 0.00000001 WHERE NOT may_overdraw AND credits_posted > 0$$, '23514', 'a superuser cannot overdraw by UPDATE');
SELECT pg_temp.refuses($$UPDATE ledger.balances SET debits_pending = credits_posted - debits_posted + 0.00000001 WHERE NOT may_overdraw$$, '23514', 'nor reserve what is not there');
SELECT ledger.deposit('main', 10, at => '2024-01-09'), ledger.hold('main', 10, at => '2024-01-09', reference => 'hold') \g /dev/null
CREATE TEMP TABLE hold AS SELECT t.portfolio_id, t.transfer_id FROM ledger.transfers AS t WHERE t.reference = 'hold';
SELECT pg_temp.refuses($$SELECT internal.draw_hold(h.portfolio_id, h.transfer_id, 10.00000001) FROM hold AS h$$, 'TR405', 'a hold gives no more than it has');
SELECT pg_temp.amounts_to((SELECT internal.release_hold(h.portfolio_id, h.transfer_id, 0, now()) FROM hold AS h), 10, 'and releases it');
SELECT pg_temp.amounts_to((SELECT internal.release_hold(h.portfolio_id, h.transfer_id, 0, now()) FROM hold AS h), 0, 'once');
SELECT pg_temp.refuses($$SELECT internal.draw_hold(h.portfolio_id, h.transfer_id, 1) FROM hold AS h$$, 'TR405', 'then it gives nothing');
SELECT pg_temp.submit('one', 'buy', 1, 1, portfolio => 'fees') \g /dev/null
SELECT pg_temp.refuses($$
  SELECT internal.reserve(jsonb_populate_record(o, '{"reserved": 0.00000001}'), now()) FROM pg_temp.order_row('one', 'fees') AS o$$, '23514',
  'nor can the function that reserves, when its caller did not check');
SELECT pg_temp.refuses($$UPDATE trading.orders SET reserved = 0.00000001 WHERE client_order_id = 'one'$$, 'TR206', 'a refused order reserves nothing');
SELECT pg_temp.refuses($$UPDATE trading.orders SET reserved = reserved + 1e9 WHERE client_order_id = 'm'$$, '23514', 'nor does an order take more than there is');
SELECT pg_temp.refuses($$UPDATE trading.orders SET reserved = -1 WHERE client_order_id = 'm'$$, '23514', 'or less than nothing');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
