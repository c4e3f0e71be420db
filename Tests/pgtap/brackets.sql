-- Orders that belong together: a bracket's exits live by its entry's fills, legs exclude each other, and what may only reduce never opens.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'main';
SELECT trading.create_portfolio(name => 'paid', capital => 10000, at => '2024-01-02') \g /dev/null
SELECT ledger.deposit('main', 90000, at => '2024-01-03') \g /dev/null

CREATE FUNCTION pg_temp.orders(prefix text) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(format('%s %s %s/%s', substr(o.client_order_id, length(prefix) + 1), o.status, trim_scale(o.filled_quantity), trim_scale(o.quantity)) ORDER BY o.order_id)
    FROM trading.orders AS o WHERE o.client_order_id LIKE prefix || '%'
$$;

-- The ladder against the stop, as the entry fills in parts.
SELECT is((SELECT array_agg(format('%s %s %s', b.type, b.status, trim_scale(b.quantity)) ORDER BY b.order_id) FROM trading.submit_bracket('main', 'IBM', 'buy', 100, 'limit', 100, take_profits => '{110,120}',
            take_profit_quantities => '{60,40}', stop_loss => 90, time_in_force => 'gtc', client_order_id => 'b', at => '2024-01-08 15:00Z') AS b),
          ARRAY['limit accepted 100', 'limit held 60', 'limit held 40', 'stop held 100'], 'an entry with a ladder and a stop');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_sell_quantity, 0, 'exits that are held promise nothing');
SELECT is((SELECT count(*) FROM trading.submit_bracket('main', 'IBM', 'buy', 100, 'limit', 100, take_profits => '{110,120}', take_profit_quantities => '{60,40}', stop_loss => 90,
            time_in_force => 'gtc', client_order_id => 'b', at => '2024-01-08 15:00Z')), 4::bigint, 'asked again it answers the same four');
SELECT pg_temp.fill('b', 50, 100, 'b1') \g /dev/null
SELECT is(pg_temp.orders('b'), ARRAY[' partially_filled 50/100', '/target-1 accepted 0/30', '/target-2 accepted 0/20', '/stop accepted 0/50'], 'the exits wake with what has filled, in proportion');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_sell_quantity, 50, 'of both legs only the larger is promised');
SELECT pg_temp.is_sound();
SELECT pg_temp.fill('b/target-1', 10, 110, 'b2') \g /dev/null
SELECT is(pg_temp.orders('b'), ARRAY[' partially_filled 50/100', '/target-1 partially_filled 10/30', '/target-2 accepted 0/20', '/stop accepted 0/40'], 'a target takes as much from the stop');
SELECT pg_temp.fill('b', 50, 100, 'b3') \g /dev/null
SELECT is(pg_temp.orders('b'), ARRAY[' filled 100/100', '/target-1 partially_filled 10/60', '/target-2 accepted 0/40', '/stop accepted 0/90'], 'the rest of the entry lets the exits grow, never beyond the position');
SELECT pg_temp.is_sound();
SELECT pg_temp.fill('b/stop', 20, 90, 'b4') \g /dev/null
SELECT is(pg_temp.orders('b'), ARRAY[' filled 100/100', '/target-1 partially_filled 10/60', '/target-2 accepted 0/20', '/stop partially_filled 20/90'], 'the stop takes from the furthest target');
SELECT pg_temp.fill('b/stop', 70, 90, 'b5') \g /dev/null
SELECT is(pg_temp.orders('b'), ARRAY[' filled 100/100', '/target-1 cancelled 10/60', '/target-2 cancelled 0/20', '/stop filled 90/90'], 'a leg that is done ends the other');
SELECT is((pg_temp.order_row('b/target-2')).reason_code, 'TR222', 'with the reason');
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, 0, 'and the position is closed, not turned');
SELECT pg_temp.is_sound();

-- The entry ends without a fill, or in part.
SELECT trading.submit_bracket('main', 'IBM', 'buy', 10, 'limit', 100, take_profits => '{110}', stop_loss => 90, time_in_force => 'gtc', client_order_id => 'dead', at => '2024-01-08 15:00Z') \g /dev/null
SELECT trading.cancel_order('main', client_order_id => 'dead', at => '2024-01-08 15:01Z') \g /dev/null
SELECT is(pg_temp.orders('dead'), ARRAY[' cancelled 0/10', '/target-1 cancelled 0/10', '/stop cancelled 0/10'], 'no child survives a parent that ends without a fill');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'sell', 1, client_order_id => 'orphan', parent_order_id => (pg_temp.order_row('dead')).order_id)$$, 'TR212', 'nor is one born to it');
SELECT trading.submit_bracket('main', 'IBM', 'buy', 10, 'limit', 100, stop_loss => 90, time_in_force => 'gtc', client_order_id => 'part', at => '2024-01-08 15:00Z') \g /dev/null
SELECT pg_temp.fill('part', 4, 100, 'p1') \g /dev/null
SELECT trading.cancel_order('main', client_order_id => 'part', at => '2024-01-08 15:02Z') \g /dev/null
SELECT is(pg_temp.orders('part'), ARRAY[' cancelled 4/10', '/stop accepted 0/4'], 'what has filled stays protected');
SELECT trading.close_position('main', 'IBM', 'close', '2024-01-08 15:03Z') \g /dev/null
SELECT is(pg_temp.orders('part'), ARRAY[' cancelled 4/10', '/stop cancelled 0/4'], 'until the position is closed');
SELECT pg_temp.fill('close', 4, 100, 'p2') \g /dev/null
SELECT is((SELECT array_agg(b.status::text) FROM trading.submit_bracket('main', 'IBM', 'buy', 100000, 'limit', 100, stop_loss => 90, client_order_id => 'poor', at => '2024-01-08 15:00Z') AS b), ARRAY['rejected'], 'an entry that is rejected has no exits');
SELECT pg_temp.is_sound();

-- An entry and its exits end together, however they end.
SELECT pg_temp.submit('hold', 'buy', 1), pg_temp.fill('hold', 1, 100, 'h1') \g /dev/null
SELECT trading.submit_bracket('main', 'IBM', 'buy', 10, 'limit', 99, stop_loss => 90, exit_time_in_force => 'day', client_order_id => 'day', at => '2024-01-08 15:00Z') \g /dev/null
SELECT trading.expire_orders('main', '2024-01-08 21:00Z') \g /dev/null
SELECT is(pg_temp.orders('day'), ARRAY[' expired 0/10', '/stop cancelled 0/10'], 'a day''s bracket that did not fill');
SELECT trading.submit_bracket('main', 'IBM', 'buy', 10, 'limit', 99, stop_loss => 90, time_in_force => 'gtc', client_order_id => 'more', at => '2024-01-08 15:00Z') \g /dev/null
SELECT trading.close_position('main', 'IBM', 'close1', '2024-01-08 15:03Z'), pg_temp.fill('close1', 1, 100, 'h2') \g /dev/null
SELECT is(pg_temp.orders('more'), ARRAY[' cancelled 0/10', '/stop cancelled 0/10'], 'one that waits when the position is closed');
SELECT pg_temp.is_sound();

-- Replacing the entry, and an exit.
SELECT trading.submit_bracket('main', 'IBM', 'buy', 10, 'limit', 99, take_profits => '{110}', stop_loss => 90, time_in_force => 'gtc', client_order_id => 'r', at => '2024-01-08 15:00Z') \g /dev/null
SELECT trading.replace_order('main', client_order_id => 'r', new_client_order_id => 'r2', limit_price => 98, quantity => 6, at => '2024-01-08 15:01Z') \g /dev/null
SELECT is(pg_temp.orders('r'), ARRAY[' replaced 0/10', '/target-1 held 0/6', '/stop held 0/6', '2 accepted 0/6'], 'the exits go over to the new entry');
SELECT pg_temp.fill('r2', 6, 98, 'r1') \g /dev/null
SELECT trading.replace_order('main', client_order_id => 'r/stop', new_client_order_id => 'r/stop2', stop_price => 95, at => '2024-01-08 15:02Z') \g /dev/null
SELECT pg_temp.fill('r/target-1', 2, 110, 'r3') \g /dev/null
SELECT is((SELECT (o.status, trim_scale(o.quantity), o.stop_price)::text FROM pg_temp.order_row('r/stop2') AS o), '(accepted,4,95.00000000)', 'an exit that was replaced keeps its place in the group');
SELECT pg_temp.is_sound();
SELECT trading.close_position('main', 'IBM', 'close2', '2024-01-08 15:03Z'), pg_temp.fill('close2', 4, 100, 'r4') \g /dev/null

-- A pair of entries.
SELECT is((SELECT array_agg(format('%s %s', b.type, b.status) ORDER BY b.order_id) FROM trading.submit_oco('main', 'IBM', 'buy', 10, 95, 105, client_order_id => 'o', at => '2024-01-08 15:00Z') AS b),
          ARRAY['limit accepted', 'stop accepted'], 'a limit and a stop');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_buy_quantity, 10, 'that want ten together');
SELECT pg_temp.fill('o/stop', 10, 106, 'o1') \g /dev/null
SELECT is(pg_temp.orders('o'), ARRAY[' cancelled 0/10', '/stop filled 10/10'], 'one cancels the other');
SELECT is(pg_temp.held('o'), NULL, 'and frees its money');
SELECT is((SELECT array_agg(b.status::text ORDER BY b.order_id) FROM trading.submit_oco('paid', 'IBM', 'sell', 20, 120, 95, client_order_id => 'half', at => '2024-01-08 15:00Z') AS b), ARRAY['rejected'], 'of what is not held there is no pair');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'sell', 1, client_order_id => 'leg', oco_group_id => (pg_temp.order_row('o')).order_id, oco_leg => 2)$$, 'TR212', 'a group that is over takes no members');
SELECT pg_temp.refuses(format('SELECT trading.submit_bracket(''main'', ''IBM'', ''buy'', 10, client_order_id => ''x'', %s)', s), 'TR227', s) FROM unnest(ARRAY[
  'take_profits => ''{110,120}''', 'take_profits => ''{110}'', take_profit_quantities => ''{9}''', 'stop_loss => 90, trail_percent => 5', 'stop_loss_limit => 90',
  'take_profits => ''{110,120}'', take_profit_quantities => ''{10,0}''', 'take_profits => ''{110}'', take_profit_quantities => ''{NULL}''', 'take_profits => NULL']) AS s;

-- Reduce-only.
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.submit_order('main', 'IBM', 'sell', 11, client_order_id => 'ro1', reduce_only => true, at => '2024-01-08 16:00Z') AS o), '(rejected,TR220)', 'more than is held does not reduce');
SELECT is((SELECT o.status::text FROM trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'ro2', reduce_only => true, at => '2024-01-08 16:00Z') AS o), 'rejected', 'nor does buying more');
SELECT trading.submit_order('main', 'IBM', 'sell', 6, 'limit', 150, time_in_force => 'gtc', client_order_id => 'ro3', reduce_only => true, at => '2024-01-08 16:00Z') \g /dev/null
SELECT pg_temp.submit('any', 'sell', 7), pg_temp.fill('any', 7, 100, 'any1') \g /dev/null
SELECT is(pg_temp.orders('ro3'), ARRAY[' accepted 0/3'], 'it shrinks with the position');
SELECT pg_temp.submit('any2', 'sell', 5), pg_temp.fill('any2', 5, 100, 'any2') \g /dev/null
SELECT is(pg_temp.orders('ro3'), ARRAY[' cancelled 0/3'], 'and ends with it');
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, -2, 'the account is short now');
SELECT pg_temp.is_sound();

-- A leg closes only what nobody else is to close.
SELECT pg_temp.submit('cover', 'buy', 7), pg_temp.fill('cover', 7, 100, 'cover') \g /dev/null
SELECT pg_temp.submit('over', 'sell', 8, 150) \g /dev/null
SELECT trading.submit_oco('main', 'IBM', 'sell', 5, 160, 95, client_order_id => 'legs', at => '2024-01-08 16:00Z') \g /dev/null
SELECT is((SELECT array_agg(trim_scale(o.opening_quantity) ORDER BY o.order_id) FROM trading.orders AS o WHERE o.client_order_id LIKE 'legs%'), ARRAY[5, 5]::numeric[], 'of a position that is promised to others each leg opens a short');
SELECT trading.close_position('main', 'IBM', 'flat', '2024-01-08 16:00Z'), pg_temp.fill('flat', 5, 100, 'flat'), pg_temp.submit('short', 'sell', 2), pg_temp.fill('short', 2, 100, 'short') \g /dev/null
SELECT pg_temp.is_sound();

-- Trailing stops.
SELECT is((SELECT (o.status, o.stop_price)::text FROM trading.submit_order('main', 'IBM', 'buy', 2, 'trailing_stop', time_in_force => 'gtc', trail_percent => 3.33, client_order_id => 't', at => '2024-01-08 16:00Z') AS o),
          '(accepted,103.33000000)', 'begins at its distance from the last price');
SELECT trading.trail_orders(ARRAY[o.portfolio_id], ARRAY[o.order_id], ARRAY[p], '{2024-01-08 16:01Z}') FROM pg_temp.order_row('t') AS o, unnest(ARRAY[102.5, 103, 101.25]) AS p \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.order_row('t')).stop_price, 101.25, 'and only ever follows');
SELECT pg_temp.refuses(format('SELECT trading.submit_order(''main'', ''IBM'', ''buy'', 1, %s)', s), c, s) FROM (VALUES
  ('''trailing_stop''', 'TR202'), ('''trailing_stop'', trail_amount => 1, trail_percent => 1', 'TR202'), ('''market'', trail_amount => 1', 'TR202'), ('''trailing_stop'', trail_amount => 0.005', 'TR202'),
  ('''trailing_stop'', trail_percent => 100', 'TR202'), ('''trailing_stop'', trail_amount => 1, limit_price => 5', 'TR202'), ('''limit_if_touched'', limit_price => 5', 'TR202'),
  ('''stop'', stop_price => 110, time_in_force => ''at_open''', 'TR203'), ('''market'', post_only => true', 'TR203'), ('''limit'', limit_price => 5, time_in_force => ''ioc'', post_only => true', 'TR203')) AS v (s, c);

-- At the open and at the close.
SELECT is((SELECT (o.active_at, o.expires_at)::text FROM trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'moo', time_in_force => 'at_open', at => '2024-01-08 16:00Z') AS o),
          format('("%s","%s")', timestamptz '2024-01-09 14:30Z', timestamptz '2024-01-09 15:30Z'), 'the next opening');
SELECT is((SELECT o.active_at FROM trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 99, client_order_id => 'loc', time_in_force => 'at_close', at => '2024-01-08 16:00Z') AS o), timestamptz '2024-01-08 21:00Z', 'today''s close');

-- A target position.
SELECT trading.cancel_order('main', client_order_id => c) FROM unnest(ARRAY['t', 'moo', 'loc']) AS c \g /dev/null
SELECT is((SELECT (o.side, trim_scale(o.quantity))::text FROM trading.order_target('main', 'IBM', 5, client_order_id => 'to5', at => '2024-01-08 16:00Z') AS o), '(buy,7)', 'the engine computes the difference');
SELECT is((SELECT count(*) FROM trading.order_target('main', 'IBM', 5, at => '2024-01-08 16:00Z')), 0::bigint, 'and counts what is under way');
SELECT is((SELECT (o.side, trim_scale(o.quantity))::text FROM trading.order_target('main', 'IBM', 0, at => '2024-01-08 16:00Z') AS o), '(sell,5)', 'back to nothing');
SELECT is((SELECT count(*) FROM trading.order_target('main', 'IBM', 5, client_order_id => 'to5', at => '2024-01-08 16:00Z')), 1::bigint, 'the same key answers the first');

-- A trailing exit waits without a place: it finds one behind the price at which its entry fills.
SELECT trading.create_portfolio('trail', capital => 1000, at => '2024-01-02') \g /dev/null
SELECT trading.submit_bracket('trail', 'IBM', 'buy', 2, 'limit', 104, trail_amount => 5, time_in_force => 'gtc',
                              client_order_id => 'b', at => '2024-01-08 17:00Z') \g /dev/null
SELECT is((SELECT (o.status, o.stop_price, o.opening_quantity, o.reserve_price)::text
             FROM pg_temp.order_row('b/stop', 'trail') AS o), '(held,,0.00000000,)', 'it has no place while it waits');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-08 17:30Z}', '{103}', '{NULL}'),
       pg_temp.fill('b', 2, 103, 'late', portfolio => 'trail', at => '2024-01-08 17:31Z') \g /dev/null
SELECT is((SELECT (o.status, o.stop_price)::text FROM pg_temp.order_row('b/stop', 'trail') AS o),
          '(accepted,98.00000000)', 'and stands behind the latest price when it comes to life');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
