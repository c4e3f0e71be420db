-- What a broker reports is a fact: it is booked whatever the order, and what contradicts the order is kept. On paper, where the exchange is our own, and
-- when a person's figures contradict the order, it is refused.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'desk', capital => 10000, broker => 'somewhere', at => '2024-01-02'),
       trading.create_portfolio(name => 'short', capital => 10000, broker => 'somewhere', account_type => 'margin', at => '2024-01-02') \g /dev/null

CREATE FUNCTION pg_temp.order_at(id text, side trading.order_side, quantity numeric, price numeric, portfolio text DEFAULT 'desk', at timestamptz DEFAULT '2024-01-08 15:00Z')
RETURNS trading.orders LANGUAGE sql AS $$
  SELECT pg_temp.submit(id, side, quantity, price, portfolio => portfolio, at => at);
  SELECT trading.report_order(portfolio, 'working', client_order_id => id, broker_order_id => 'b-' || id, at => at) $$;
CREATE FUNCTION pg_temp.fact(id text, quantity numeric, price numeric, execution text, portfolio text DEFAULT 'desk', at timestamptz DEFAULT '2024-01-08 15:03Z', force boolean DEFAULT false)
RETURNS trading.fills LANGUAGE sql AS $$ SELECT trading.record_fill(portfolio, quantity, price, execution, client_order_id => id, at => at, force => force) $$;
-- The array form, as a broker's program reports.
CREATE FUNCTION pg_temp.reported(id text, quantity numeric, price numeric, execution text, portfolio text DEFAULT 'desk', at timestamptz DEFAULT '2024-01-08 15:03Z')
RETURNS text LANGUAGE sql AS $$
  SELECT coalesce(r.code, 'booked') FROM trading.record_fills(ARRAY[trading.portfolio_id(portfolio)], ARRAY[(pg_temp.order_row(id, portfolio)).order_id], ARRAY[quantity], ARRAY[price],
                                                              'somewhere', ARRAY[execution], ARRAY[at]) AS r $$;
CREATE FUNCTION pg_temp.codes(execution text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(c.code, ' ' ORDER BY c.code) FROM trading.contradictory_fills AS c WHERE c.execution_id = execution $$;
CREATE FUNCTION pg_temp.held_of(portfolio text DEFAULT 'desk') RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT (pg_temp.position_row('IBM', portfolio)).quantity::numeric $$;

-- One match of the exchange has two sides.
SELECT pg_temp.order_at('s', 'sell', 3, 100, 'short'), pg_temp.order_at('b', 'buy', 3, 100, 'short') \g /dev/null
SELECT pg_temp.fact('s', 3, 100, '195673', 'short'), pg_temp.fact('b', 3, 100, '195673', 'short') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held_of('short'), 0, 'one trade number on both of my sides is two fills');
SELECT is((pg_temp.fact('b', 3, 100, '195673', 'short')).fill_id, 2::bigint, 'each of which counts once');
SELECT pg_temp.refuses($$SELECT pg_temp.fact('b', 3, 99, '195673', 'short')$$, 'TR209', 'with its own figures');
SELECT pg_temp.refuses($$SELECT trading.bust_fill('short', execution_id => '195673', at => '2024-01-09')$$, 'TR250', 'a bust of a number with two fills needs the order');
SELECT pg_temp.refuses($$SELECT trading.correct_fill('short', 2, 100, 'n', execution_id => '195673', at => '2024-01-09')$$, 'TR250', 'as does a correction');
SELECT pg_temp.refuses($$SELECT trading.bust_fill('short', execution_id => '195673', client_order_id => 'none', at => '2024-01-09')$$, 'TR205', 'a known one');
SELECT is((trading.bust_fill('short', execution_id => '195673', client_order_id => 's', at => '2024-01-09')).busts_fill_id, 1::bigint, 'with it, it is clear');
SELECT is((trading.correct_fill('short', 2, 100, '195673/2', execution_id => '195673', order_id => (pg_temp.order_row('b', 'short')).order_id, at => '2024-01-09')).corrects_fill_id, 2::bigint, 'and so is a correction');
SELECT pg_temp.amounts_to(pg_temp.held_of('short'), 2, 'what is left of both');
SELECT is((SELECT count(*) FROM trading.contradictory_fills), 0::bigint, 'nothing of this contradicts an order');
SELECT pg_temp.is_sound();

-- A cancel is a request.
SELECT pg_temp.order_at('a', 'buy', 60, 100) \g /dev/null
SELECT is((trading.cancel_order('desk', client_order_id => 'a', at => '2024-01-08 15:01Z')).status::text, 'pending_cancel', 'an order at a broker is asked to be cancelled');
SELECT pg_temp.amounts_to(pg_temp.held('a', 'desk'), 6000, 'and keeps its money');
SELECT is((trading.cancel_order('desk', client_order_id => 'a', at => '2024-01-08 15:02Z')).version, (pg_temp.order_row('a', 'desk')).version, 'asking again changes nothing');
SELECT pg_temp.fact('a', 10, 100, 'a1') \g /dev/null
SELECT is((pg_temp.order_row('a', 'desk')).status::text, 'pending_cancel', 'a part that fills meanwhile does not answer it');
SELECT is((trading.report_order('desk', 'working', client_order_id => 'a', at => '2024-01-08 15:02Z')).status::text, 'partially_filled', 'the broker may refuse it');
SELECT is((SELECT (e.status, e.reason_code)::text FROM trading.end_orders(ARRAY[trading.portfolio_id('desk')], ARRAY[1], '{cancelled}', '{TR216}', '{agent}', '{2024-01-08 15:02:30Z}') AS e), '(pending_cancel,TR216)', 'programs ask as well');
SELECT is((trading.report_order('desk', 'cancelled', client_order_id => 'a', at => '2024-01-08 15:02:40Z')).reason, 'agent', 'what ends it keeps the words of who asked');
SELECT is(pg_temp.held('a', 'desk'), NULL, 'then its money is free');
SELECT pg_temp.submit('new', 'buy', 1, 50, portfolio => 'desk') \g /dev/null
SELECT is((trading.cancel_order('desk', client_order_id => 'new', at => '2024-01-08 15:01Z')).status::text, 'pending_cancel', 'one that waits to be sent may be on its way');
SELECT is((trading.report_order('desk', 'working', client_order_id => 'new', broker_order_id => 'b-new', at => '2024-01-08 15:01Z')).status::text, 'pending_cancel', 'the receipt of the order is no answer to the cancel');
SELECT is((trading.report_order('desk', 'rejected', client_order_id => 'new', at => '2024-01-08 15:01Z')).status::text, 'rejected', 'the broker may not take it at all');
SELECT is((SELECT o.status::text FROM pg_temp.submit('mine', 'buy', 1, 50) AS s, trading.cancel_order('main', client_order_id => 'mine', at => '2024-01-08 15:01Z') AS o), 'cancelled', 'on paper it ends at once');
SELECT pg_temp.is_sound();

-- A fill that comes after the end.
SELECT is((pg_temp.fact('a', 20, 99, 'a2')).quantity::numeric, 20.00000000, 'a fill after the cancel was reported is booked');
SELECT is((SELECT (o.status, o.filled_quantity, o.average_fill_price, o.closed_at)::text FROM pg_temp.order_row('a', 'desk') AS o), '(cancelled,30.00000000,99.33333333,"2024-01-08 15:03:00+00")', 'its order ended as it ended');
SELECT pg_temp.amounts_to(pg_temp.held_of(), 30, 'and it is in the position');
SELECT is((SELECT (c.code, c.order_status, c.is_taken_back)::text FROM trading.contradictory_fills AS c WHERE c.execution_id = 'a2'), '(TR210,cancelled,f)', 'what contradicts is shown');
SELECT is((SELECT (e.payload - 'reason')::text FROM ops.events AS e WHERE e.kind = 'fill.contradicted'),
          '{"code": "TR210", "price": 99.00000000, "fill_id": 2, "quantity": 20.00000000, "execution_id": "a2", "client_order_id": "a"}', 'and journaled with the figures');
SELECT is((pg_temp.fact('a', 20, 99, 'a2')).fill_id, 2::bigint, 'again it is known');
SELECT is(pg_temp.reported('new', 1, 50, 'n1'), 'booked', 'one that the broker had rejected');
SELECT pg_temp.fact('a', 30, 100, 'a3') \g /dev/null
SELECT is((SELECT (o.status, o.filled_quantity)::text FROM pg_temp.order_row('a', 'desk') AS o), '(cancelled,60.00000000)', 'all of it may have filled');
SELECT pg_temp.refuses($$SELECT pg_temp.fact('a', 1, 100, 'a4')$$, 'TR208', 'more than all of it a person does not report by the way');
SELECT pg_temp.refuses($$SELECT pg_temp.submit('mine2', 'buy', 1, 50), trading.cancel_order('main', client_order_id => 'mine2', at => '2024-01-08 15:01Z'), trading.record_fill('main', 1, 50, 'm2', client_order_id => 'mine2', at => '2024-01-08 15:02Z')$$,
                       'TR210', 'on paper an order that is cancelled does not fill');
SELECT pg_temp.is_sound();
SELECT trading.bust_fill('desk', execution_id => 'a2', at => '2024-01-09') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held_of(), 41, 'a late fill can be taken back');
SELECT is((SELECT c.is_taken_back FROM trading.contradictory_fills AS c WHERE c.execution_id = 'a2'), true, 'which the view says');
SELECT is((pg_temp.fact('a', 20, 98, 'a5', at => '2024-01-09 15:00Z')).quantity::numeric, 20.00000000, 'and what the exchange took back it may fill anew');
SELECT pg_temp.order_at('full', 'sell', 1, 100), pg_temp.fact('full', 1, 100, 'f1'), trading.bust_fill('desk', execution_id => 'f1', at => '2024-01-09') \g /dev/null
SELECT is((pg_temp.fact('full', 1, 101, 'f2', at => '2024-01-09 15:00Z')).quantity::numeric, 1.00000000, 'also of an order that had filled');
SELECT is((SELECT (o.status, o.filled_quantity, o.busted_quantity, o.average_fill_price)::text FROM pg_temp.order_row('full', 'desk') AS o), '(filled,2.00000000,1.00000000,101.00000000)', 'whose figures say so');
SELECT pg_temp.is_sound();

-- Money for it: free cash, then reservations of other orders, the latest first, then the broker.
SAVEPOINT money;
SELECT trading.create_portfolio(name => 'tight', capital => 1000, broker => 'somewhere', at => '2024-01-02'), pg_temp.order_at('x', 'buy', 10, 100, 'tight'),
       trading.report_order('tight', 'cancelled', client_order_id => 'x', at => '2024-01-08 15:01Z'),
       pg_temp.order_at('y', 'buy', 4, 100, 'tight'), pg_temp.order_at('z', 'buy', 6, 100, 'tight') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.available('tight'), 0, 'its money was given to other orders');
SELECT pg_temp.fact('x', 5, 100, 'x1', 'tight') \g /dev/null
SELECT is((SELECT string_agg(format('%s %s %s', o.client_order_id, o.status, o.reason_code), ', ' ORDER BY o.order_id) FROM trading.orders AS o WHERE o.portfolio_id = trading.portfolio_id('tight')),
          'x cancelled TR216, y working , z cancelled TR234', 'the latest gives it up');
SELECT is(pg_temp.codes('x1'), 'TR210 TR401', 'and the lack is kept');
SELECT pg_temp.amounts_to(pg_temp.available('tight'), 100, 'the rest of what it gave up is free');
SELECT is(pg_temp.reported('x', 5, 150, 'x2', 'tight'), 'booked', 'more than all that is there');
SELECT is((SELECT (s.cash, s.equity)::text FROM trading.portfolio_summary AS s WHERE s.portfolio = 'tight'), '(0,1000)', 'is advanced by the broker: a capital of 250, and a loss of as much');
SELECT is(pg_temp.codes('x2'), 'TR210 TR247 TR401', 'with all that contradicts');
SELECT is((SELECT (e.payload ->> 'amount') FROM ops.events AS e WHERE e.kind = 'margin.deficit'), '250.00000000', 'the deficit is journaled');
SELECT is((pg_temp.order_row('y', 'tight')).status::text, 'cancelled', 'after the last reservation');
SELECT pg_temp.is_sound();
ROLLBACK TO money;

-- Figures that contradict: a typing error of a person, a fact of a broker.
SELECT pg_temp.order_at('t', 'buy', 10, 95, at => '2024-01-08 15:00Z') \g /dev/null
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT pg_temp.fact('t', 10, 10000, 't1')$$, 'TR247'), ($$SELECT pg_temp.fact('t', 0.5, 95, 't1')$$, 'TR248'), ($$SELECT pg_temp.fact('t', 1, 95, 't1', at => '2024-01-07 15:00Z')$$, 'TR249'),
  ($$SELECT pg_temp.fact('t', 1, 95, 't1', at => now() + interval '1 day')$$, 'TR249'), ($$SELECT pg_temp.fact('t', 11, 95, 't1')$$, 'TR208'),
  ($$SELECT pg_temp.fact('t', 1, 95, 't1', at => '2023-12-31')$$, 'TR219'), ($$SELECT pg_temp.fact('t', 1, 95, 't1', at => '0044-03-15 BC')$$, 'TR219')) AS n (s, c);
SELECT is((SELECT string_agg(pg_temp.reported('t', q, p, x, at => a), ' ') FROM (VALUES
  (0.5, 95, 'q', timestamptz '2024-01-08 15:03Z'), (1, 95.01, 'p', '2024-01-08 15:03Z'), (1, 95, 'early', '2024-01-07 15:00Z'), (1, 95, 'later', now() + interval '1 day')) AS n (q, p, x, a)),
  'booked booked booked booked', 'what a program reports of a broker is booked');
SELECT is((SELECT string_agg(format('%s %s', x, pg_temp.codes(x)), ', ') FROM unnest('{q,p,early,later}'::text[]) AS x), 'q TR248, p TR247, early TR249, later TR249', 'and kept, each with its code');
SELECT is((pg_temp.fact('t', 20, 95, 't2', force => true)).quantity::numeric, 20.00000000, 'a person may say that it is a fact');
SELECT is((SELECT (o.status, o.filled_quantity, o.reserved)::text FROM pg_temp.order_row('t', 'desk') AS o), '(filled,23.50000000,0.00000000)', 'more than was ordered fills the order');
SELECT is(pg_temp.codes('t2'), 'TR208', 'and is kept');
SELECT is((SELECT c.reason FROM trading.contradictory_fills AS c WHERE c.execution_id = 'p'), 'the limit to buy is 95, the fill is at 95.01', 'with the figures of both');
SELECT pg_temp.is_sound();
SELECT is((trading.record_fill('main', 1, 2, 'f-1', client_order_id => 'paper', at => '2024-01-08 15:03Z', force => true)).fill_id, 1::bigint, 'also on paper')
  FROM (SELECT pg_temp.submit('paper', 'buy', 1, 1)) AS n;
SELECT is(pg_temp.codes('f-1'), 'TR247', 'with what contradicts');

-- What was never sent nobody has filled.
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'desk';
SELECT pg_temp.submit('unapproved', 'buy', 1, 50, portfolio => 'desk') \g /dev/null
UPDATE trading.portfolios SET requires_approval = false WHERE name = 'desk';
SELECT pg_temp.submit('poor', 'buy', 1000000, 100, portfolio => 'desk') \g /dev/null
SELECT pg_temp.refuses(format($$SELECT pg_temp.fact(%L, 1, 50, 'u', force => true)$$, id), 'TR210', id) FROM unnest('{unapproved,poor}'::text[]) AS id;
SELECT is(pg_temp.reported('poor', 1, 50, 'u'), 'TR210', 'a program hears of it');
SELECT is((SELECT count(*) FROM ops.events WHERE kind = 'fill.refused' AND portfolio_id = trading.portfolio_id('desk')), 1::bigint, 'and the journal does');
SELECT pg_temp.is_sound();

-- Links of what came late: it takes its part, no more, and a cash account sells nothing twice.
SELECT trading.create_portfolio(name => 'linked', capital => 10000, broker => 'somewhere', at => '2024-01-02'), pg_temp.order_at('in', 'buy', 10, 100, 'linked'), pg_temp.fact('in', 10, 100, 'i1', 'linked') \g /dev/null
SELECT trading.submit_oco('linked', 'IBM', 'sell', 10, 110, 90, client_order_id => 'exit', at => '2024-01-08 15:04Z') \g /dev/null
SELECT trading.report_order('linked', s, client_order_id => 'exit', at => '2024-01-08 15:05Z') FROM unnest('{working,cancelled}'::trading.order_status[]) AS s \g /dev/null
SELECT pg_temp.fact('exit', 4, 110, 'e1', 'linked', '2024-01-08 15:06Z') \g /dev/null
SELECT is((SELECT (o.status, o.quantity)::text FROM pg_temp.order_row('exit/stop', 'linked') AS o), '(pending_submit,6.00000000)', 'a late fill of one leg leaves the other its rest');
SELECT trading.report_order('linked', s, client_order_id => 'exit/stop', at => '2024-01-08 15:07Z') FROM unnest('{working,cancelled}'::trading.order_status[]) AS s \g /dev/null
SELECT pg_temp.order_at('sell', 'sell', 6, 105, 'linked', '2024-01-08 15:08Z'), pg_temp.fact('exit/stop', 2, 90, 'e2', 'linked', '2024-01-08 15:09Z') \g /dev/null
SELECT is((SELECT (o.status, o.quantity)::text FROM pg_temp.order_row('sell', 'linked') AS o), '(working,4.00000000)', 'an open sell keeps within what is held');
SELECT pg_temp.fact('exit/stop', 4, 90, 'e3', 'linked', '2024-01-08 15:10Z') \g /dev/null
SELECT is((pg_temp.order_row('sell', 'linked')).status::text, 'cancelled', 'and ends with it');
SELECT pg_temp.fact('exit', 6, 110, 'e4', 'linked', '2024-01-08 15:11Z') \g /dev/null
SELECT pg_temp.amounts_to(pg_temp.held_of('linked'), -6, 'what was sold twice is short, whatever the account');
SELECT pg_temp.is_sound();
SELECT pg_temp.refuses($$DELETE FROM trading.contradictions$$, 'TR213', 'what was kept stays');

SELECT * FROM finish();
ROLLBACK;
