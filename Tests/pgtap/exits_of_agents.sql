-- The exits that a program rests for a position: a stop and targets in one group, and how one takes another's place.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'main';
SELECT ledger.deposit('main', 90000, at => '2024-01-03') \g /dev/null

CREATE FUNCTION pg_temp.exits() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(format('%s %s %s', o.client_order_id, o.status, trim_scale(o.quantity - o.filled_quantity)) ORDER BY o.order_id)
    FROM trading.orders AS o WHERE o.client_order_id ~ '^(stop|target)'
$$;
-- One exit as a program sends it: it only reduces, and excludes those of the other leg.
CREATE FUNCTION pg_temp.exit(id text, side text, quantity numeric, leg int, stop numeric DEFAULT NULL, target numeric DEFAULT NULL, at timestamptz DEFAULT '2024-01-08 15:01Z')
RETURNS text LANGUAGE sql AS $$
  SELECT (o.status, coalesce(o.reason_code, '-'))::text
    FROM trading.submit_orders(ARRAY[trading.portfolio_id('main')], ARRAY[id], ARRAY[market.instrument_id('IBM')], '{NULL}', ARRAY[side], ARRAY[CASE WHEN stop IS NULL THEN 'limit' ELSE 'stop' END], '{gtc}', ARRAY[quantity],
                               ARRAY[target], ARRAY[stop], '{NULL}', ARRAY[at], true, '{true}', ARRAY[leg]) AS o
$$;
CREATE FUNCTION pg_temp.replace(id text, new_id text, quantity numeric, stop numeric DEFAULT NULL, target numeric DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT (o.client_order_id, o.status, trim_scale(o.quantity - o.filled_quantity), trim_scale(coalesce(o.stop_price, o.limit_price)))::text
    FROM trading.replace_orders(ARRAY[trading.portfolio_id('main')], ARRAY[(pg_temp.order_row(id)).order_id], ARRAY[new_id], ARRAY[quantity], ARRAY[target], ARRAY[stop], '{2024-01-08 15:02Z}', true) AS o
$$;

SELECT pg_temp.submit('entry', 'buy', 10), pg_temp.fill('entry', 10, 100, 'e1') \g /dev/null
SELECT is(pg_temp.exit('stop', 'sell', 10, 2, stop => 90), '(working,-)', 'the first begins a group');
-- One that joins a group in a batch takes nothing from what comes behind it: another agent's exit of ten more.
SELECT pg_temp.submit('more', 'buy', 10), pg_temp.fill('more', 10, 100, 'e2') \g /dev/null
SELECT is((SELECT array_agg((o.status, coalesce(o.reason_code, '-'))::text ORDER BY o.order_id)
             FROM trading.submit_orders(array_fill(trading.portfolio_id('main'), '{2}'), '{near-target,other}', array_fill(market.instrument_id('IBM'), '{2}'),
                                        '{NULL,NULL}', '{sell,sell}', '{limit,stop}', '{gtc,gtc}', '{4,10}', '{140,NULL}', '{NULL,90}', '{NULL,NULL}',
                                        '{2024-01-08 15:01:30Z,2024-01-08 15:01:30Z}', true, '{true,true}', '{1,NULL}') AS o),
          '{"(working,-)","(working,-)"}', 'a target beside the stop leaves the rest of the position to others');
SELECT trading.cancel_order('main', client_order_id => c, at => '2024-01-08 15:01:40Z') FROM unnest('{near-target,other}'::text[]) AS c \g /dev/null
SELECT pg_temp.submit('less', 'sell', 10), pg_temp.fill('less', 10, 100, 'e3') \g /dev/null
SELECT is(pg_temp.exit('target-1', 'sell', 4, 1, target => 110), '(working,-)', 'the next joins it');
SELECT is(pg_temp.exit('target-2', 'sell', 6, 1, target => 120), '(working,-)', 'and another');
SELECT is((SELECT count(DISTINCT o.oco_group_id) FROM trading.orders AS o WHERE o.oco_leg IS NOT NULL), 1::bigint, 'it is one group');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_sell_quantity, 10, 'which sells the position once');
SELECT is(pg_temp.exit('target-3', 'sell', 1, 1, target => 130), '(rejected,TR220)', 'and no more of it');
SELECT pg_temp.is_sound();

SELECT is(pg_temp.replace('stop', 'stop-2', 10, stop => 95), '(stop-2,working,10,95)', 'a stop moves in one step');
SELECT is(pg_temp.replace('stop', 'stop-2', 10, stop => 95), '(stop-2,working,10,95)', 'asked again it answers the same');
SELECT is((SELECT o.reduce_only::text || o.oco_leg FROM pg_temp.order_row('stop-2') AS o), 'true2', 'and stays what it is');
SELECT is(pg_temp.replace('stop-2', 'stop-3', 11, stop => 96), '(stop-2,working,10,95)', 'one that would close more than is held leaves the old one');
SELECT is((SELECT count(*) FROM trading.orders AS o WHERE o.client_order_id = 'stop-3'), 0::bigint, 'without a trace');
SELECT is(pg_temp.replace('stop', 'stop-4', 10, stop => 96), '(stop,replaced,10,90)', 'one that is closed stays closed');
SELECT is(pg_temp.replace('target-2', 'target-2b', 5, target => 125), '(target-2b,working,5,125)', 'a target shrinks and moves');
SELECT pg_temp.fill('target-1', 4, 110, 't1') \g /dev/null
SELECT is((SELECT trim_scale(o.quantity - o.filled_quantity) FROM pg_temp.order_row('stop-2') AS o), 6::numeric, 'what the target took the stop gives up');
SELECT is(pg_temp.exit('target-4', 'sell', 1, 1, target => 130), '(working,-)', 'the group takes members while one of its orders is open');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_sell_quantity, 6, 'all for the same six');
SELECT pg_temp.is_sound();
SELECT pg_temp.fill('stop-2', 6, 95, 's2') \g /dev/null
SELECT is(pg_temp.exits(), ARRAY['stop replaced 10', 'target-1 filled 0', 'target-2 replaced 6', 'target-3 rejected 1', 'stop-2 filled 0', 'target-2b cancelled 5', 'target-4 cancelled 1'],
          'with the position all exits are gone');
SELECT is(pg_temp.exit('stop-5', 'sell', 1, 2, stop => 90), '(rejected,TR220)', 'there is nothing to close');

-- A short is closed by buying.
SELECT pg_temp.submit('short', 'sell', 10), pg_temp.fill('short', 10, 100, 'sh1') \g /dev/null
SELECT is(pg_temp.exit('stop-s', 'buy', 10, 2, stop => 110), '(working,-)', 'its stop is above');
SELECT is(pg_temp.exit('target-s', 'buy', 10, 1, target => 90), '(working,-)', 'its target below');
SELECT is(pg_temp.replace('stop-s', 'stop-s2', 10, stop => 105), '(stop-s2,working,10,105)', 'and it moves down');
SELECT pg_temp.fill('target-s', 10, 90, 'ts1') \g /dev/null
SELECT is((SELECT o.status::text FROM pg_temp.order_row('stop-s2') AS o), 'cancelled', 'one cancels the other');
SELECT pg_temp.is_sound();

SELECT pg_temp.refuses($$SELECT trading.replace_orders('{1,1}', '{1}', '{x}', '{1}', '{NULL}', '{NULL}', '{now}')$$, 'TR604', 'arrays of different lengths');
SELECT pg_temp.refuses($$SELECT trading.replace_orders(ARRAY[trading.portfolio_id('main')], '{999}', '{x}', '{1}', '{NULL}', '{NULL}', '{now}')$$, 'TR205', 'an order that there is not');
SELECT pg_temp.refuses($$SELECT trading.submit_orders('{1}', '{x}', '{1}', '{NULL}', '{buy}', '{market}', '{gtc}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{now}', true, '{true,true}', '{1}')$$, 'TR604', 'orders with too many conditions');
SELECT is_empty($$SELECT trading.replace_orders('{}', '{}', '{}', '{}', '{}', '{}', '{}')$$, 'an empty batch is no error');
SELECT * FROM finish();
ROLLBACK;
