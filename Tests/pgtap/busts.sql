-- Fills that the exchange takes back or corrects: new rows that name their cause, and everything as if it had been reported so.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
UPDATE trading.portfolios SET fee_schedule = 'us_equity' WHERE name = 'main';
CREATE FUNCTION pg_temp.deal(id text, side trading.order_side, quantity numeric, price numeric) RETURNS trading.fills LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity); SELECT pg_temp.fill(id, quantity, price, id) $$;
CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('%s for %s, profit %s, first in first out %s, fees %s, lots %s, cash %s', trim_scale(p.quantity), trim_scale(p.cost), trim_scale(p.realised_pnl), trim_scale(p.fifo_pnl), trim_scale(p.fees),
                (SELECT string_agg(format('%s@%s', trim_scale(l.quantity), trim_scale(round(l.cost / l.quantity, 8))), ' ' ORDER BY l.fill_id) FROM trading.lots AS l), trim_scale(pg_temp.cash()))
    FROM pg_temp.position_row() AS p $$;

SELECT pg_temp.deal('a', 'buy', 10, 100), pg_temp.deal('c', 'sell', 5, 130), pg_temp.deal('d', 'buy', 10, 110) \g /dev/null
SELECT pg_temp.state() AS without_b \gset
SAVEPOINT with_b;
SELECT pg_temp.deal('b', 'buy', 10, 120) \g /dev/null
SELECT isnt(pg_temp.state(), :'without_b', 'a fill changes the books');
SELECT is((SELECT (b.side, trim_scale(b.quantity), trim_scale(b.fee), b.execution_id)::text FROM trading.bust_fill('main', execution_id => 'b', at => '2024-01-09') AS b), '(sell,10,-1,bust/b)', 'a bust is a new row, the mirror of the fill');
SELECT is(pg_temp.state(), :'without_b', 'and all is as if it had never been');
SELECT is((SELECT count(*) FROM trading.fills WHERE execution_id = 'b'), 1::bigint, 'the fill stays on record');
SELECT is((SELECT (o.status, trim_scale(o.filled_quantity), trim_scale(o.busted_quantity), trim_scale(o.fees))::text FROM pg_temp.order_row('b') AS o), '(filled,10,10,0)', 'its order keeps its status and counts what was busted');
SELECT pg_temp.is_sound();
SELECT is((SELECT b.fill_id FROM trading.bust_fill('main', execution_id => 'b', at => '2024-01-10') AS b), (SELECT f.fill_id FROM trading.fills AS f WHERE f.busts_fill_id IS NOT NULL), 'a second bust answers the first');
SELECT pg_temp.refuses($$SELECT trading.bust_fill('main', execution_id => 'bust/b')$$, 'TR235', 'a bust is not busted');
SELECT pg_temp.refuses($$SELECT trading.correct_fill('main', 1, 1, 'b2', execution_id => 'b')$$, 'TR235', 'what was taken back is not corrected');
SELECT pg_temp.refuses($$SELECT trading.bust_fill('main', execution_id => 'none')$$, 'TR236', 'an unknown fill');
ROLLBACK TO with_b;

-- From the middle of the history: what came later is seen anew.
SELECT trading.bust_fill('main', execution_id => 'a', at => '2024-01-09') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, 5, 'a bust of an opening turns the later sale into a short sale that the next purchase covered');
SELECT pg_temp.amounts_to((pg_temp.position_row()).realised_pnl, 100, 'with the profit of that');
SELECT pg_temp.is_sound();
ROLLBACK TO with_b;

-- A correction stands where the fill stood.
SELECT is((SELECT (c.side, trim_scale(c.quantity), c.price, trim_scale(c.fee))::text FROM trading.correct_fill('main', 8, 101, 'a2', execution_id => 'a', at => '2024-01-09') AS c), '(buy,8,101.00000000,1)', 'the corrected fill');
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, 13, 'the position');
SELECT is((SELECT string_agg(format('%s@%s', trim_scale(l.quantity), trim_scale(l.cost / l.quantity)), ' ' ORDER BY l.fill_id) FROM trading.lots AS l), '3@101 10@110', 'the oldest lot is still the oldest');
SELECT pg_temp.amounts_to((pg_temp.position_row()).realised_pnl, 145, '5 × (130 − 101)');
SELECT is((SELECT (trim_scale(o.filled_quantity - o.busted_quantity), o.average_fill_price)::text FROM pg_temp.order_row('a') AS o), '(8,101.00000000)', 'the order');
SELECT is((SELECT c.fill_id FROM trading.correct_fill('main', 8, 101, 'a2', execution_id => 'a') AS c), (SELECT f.fill_id FROM trading.fills AS f WHERE f.execution_id = 'a2'), 'said again it is the same');
SELECT pg_temp.refuses($$SELECT trading.correct_fill('main', 7, 101, 'a2', execution_id => 'a')$$, 'TR209', 'said otherwise it is an error');
SELECT pg_temp.refuses($$SELECT trading.correct_fill('main', 9, 101, 'a3', execution_id => 'a2')$$, 'TR219', 'nor more than was reported');
SELECT trading.correct_fill('main', 8, 102, 'a3', execution_id => 'a2', fee => 2, at => '2024-01-10') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.position_row()).realised_pnl, 140, 'a correction of a correction');
SELECT is((SELECT l.opened_at FROM trading.lots AS l ORDER BY l.fill_id LIMIT 1), timestamptz '2024-01-08 15:01Z', 'keeps the day on which it happened');
SELECT pg_temp.is_sound();

-- Money that is not there is not taken back.
SELECT ledger.withdraw('main', pg_temp.available(), at => '2024-01-11') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.bust_fill('main', execution_id => 'c', at => '2024-01-11')$$, 'TR401', 'the proceeds of a busted sale are gone');
SELECT is((SELECT count(*) FROM trading.fills WHERE busts_fill_id = (SELECT f.fill_id FROM trading.fills AS f WHERE f.execution_id = 'c')), 0::bigint, 'nothing was booked');
SELECT ledger.deposit('main', 650, at => '2024-01-11'), trading.bust_fill('main', execution_id => 'c', at => '2024-01-11') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.position_row()).quantity, 18, 'with the money there, it is');
SELECT pg_temp.is_sound();

-- Exits shrink with what a bust took.
SELECT trading.submit_order('main', 'IBM', 'sell', 18, 'stop', stop_price => 90, time_in_force => 'gtc', reduce_only => true, client_order_id => 's', at => '2024-01-11') \g /dev/null
SELECT trading.bust_fill('main', execution_id => 'd', at => '2024-01-12') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.order_row('s')).quantity, 8, 'a stop that may only reduce keeps within what is left');
SELECT pg_temp.is_sound();

-- A cash account promises no more than it holds.
SELECT pg_temp.submit('last', 'sell', 6, 200), trading.bust_fill('main', execution_id => 'a3', at => '2024-01-13') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_sell_quantity, 0, 'open sells of what a bust took are gone');
SELECT is((pg_temp.order_row('last')).reason_code, 'TR402', 'with the reason');
SELECT pg_temp.is_sound();

-- A fill from before a split is in shares that are no more.
SELECT ledger.deposit('main', 5000, at => '2024-01-14'), pg_temp.deal('z', 'buy', 2, 100), market.add_split('IBM', '2024-01-20', 2) \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], (SELECT action_id FROM market.corporate_actions), '2024-01-20 05:00Z') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.bust_fill('main', execution_id => 'z', at => '2024-01-21')$$, 'TR235', 'it cannot be taken back');
SELECT trading.close_position('main', 'IBM', 'out', '2024-01-21'), pg_temp.fill('out', 4, 100, 'out', at => '2024-01-21') \g /dev/null

-- Partly filled: the lines of its fee go back with the fill, and what its money is needed for is counted anew.
SELECT ledger.deposit('main', 20000, at => '2024-01-22'), pg_temp.submit('p', 'buy', 1000, 10), pg_temp.fill('p', 400, 10, 'p1', at => '2024-01-22') \g /dev/null
SELECT trading.bust_fill('main', execution_id => 'p1', at => '2024-01-22') \g /dev/null
SELECT is((SELECT sum(l) FROM pg_temp.order_row('p') AS o, unnest(o.fee_lines) AS l), 0::numeric, 'the lines of the fee add up to the fee');
SELECT pg_temp.fill('p', 600, 10, 'p2', at => '2024-01-22') \g /dev/null
SELECT pg_temp.amounts_to((pg_temp.order_row('p')).fees, 3, 'what fills then pays for what has filled');
SELECT pg_temp.is_sound();
SELECT pg_temp.submit('f', 'buy', 300, 10), pg_temp.fill('f', 100, 10, 'f1', 0, at => '2024-01-22'), trading.bust_fill('main', execution_id => 'f1', at => '2024-01-22') \g /dev/null
SELECT is(pg_temp.held('f'), 2001::numeric, 'the fee of what was taken back is not held');
SELECT pg_temp.is_sound();

-- Of an entry: its exits protect nothing then.
SELECT trading.submit_bracket('main', 'IBM', 'buy', 5, take_profits => '{150}', stop_loss => 50, time_in_force => 'gtc', client_order_id => 'e', at => '2024-01-23') \g /dev/null
SELECT pg_temp.fill('e', 5, 100, 'e1', at => '2024-01-23'), trading.bust_fill('main', execution_id => 'e1', at => '2024-01-23') \g /dev/null
SELECT is((SELECT array_agg(format('%s %s', o.status, o.reason_code) ORDER BY o.order_id) FROM trading.orders AS o WHERE o.client_order_id LIKE 'e/%'), ARRAY['cancelled TR223', 'cancelled TR223'], 'no resting child of a dead parent');
SELECT pg_temp.is_sound();

-- Of one leg, which was cancelled since: the other leg goes on.
SELECT trading.submit_oco('main', 'IBM', 'buy', 5, 90, 110, client_order_id => 'oco', at => '2024-01-23') \g /dev/null
SELECT pg_temp.fill('oco', 2, 90, 'oco1', at => '2024-01-23'), trading.cancel_order('main', client_order_id => 'oco', at => '2024-01-23'), trading.bust_fill('main', execution_id => 'oco1', at => '2024-01-23') \g /dev/null
SELECT is((SELECT (o.status, trim_scale(o.quantity))::text FROM pg_temp.order_row('oco/stop') AS o), '(accepted,3)', 'a bust is no fill: it ends no other leg');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
