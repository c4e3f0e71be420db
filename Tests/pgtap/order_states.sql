-- The state machine: nobody but the owner updates an order, and a careless owner meets the guard; what is append-only stays.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- Every pair of states: what the table lists passes, what it does not list is refused.
SELECT ledger.deposit('main', 1000000, at => '2024-01-03') \g /dev/null
CREATE FUNCTION pg_temp.try_move(from_status trading.order_status, to_status trading.order_status) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_id    text := format('%s-%s', from_status, to_status);
  v_route trading.order_status[] := CASE from_status WHEN 'accepted' THEN '{}' WHEN 'filled' THEN '{}' WHEN 'partially_filled' THEN '{}' WHEN 'rejected' THEN '{}' WHEN 'held' THEN '{}' WHEN 'pending_approval' THEN '{}' ELSE ARRAY[from_status] END;
  v_step  trading.order_status;
  v_parent bigint;
BEGIN
  BEGIN
    IF from_status = 'held' THEN
      v_parent := (pg_temp.submit('parent of ' || v_id, 'buy', 2, 10)).order_id;
      PERFORM trading.submit_order('main', 'IBM', 'sell', 2, 'limit', 20, time_in_force => 'gtc', client_order_id => v_id, parent_order_id => v_parent, at => '2024-01-08 15:00Z');
    ELSIF from_status = 'pending_approval' THEN
      UPDATE trading.portfolios SET requires_approval = true WHERE name = 'main';
    END IF;
    IF from_status <> 'held' THEN
      PERFORM pg_temp.submit(v_id, CASE from_status WHEN 'rejected' THEN 'sell' ELSE 'buy' END::trading.order_side, 2, 10);
    END IF;
    IF from_status IN ('filled', 'partially_filled') THEN
      PERFORM pg_temp.fill(v_id, CASE from_status WHEN 'filled' THEN 2 ELSE 1 END, 10, v_id);
    END IF;
    FOREACH v_step IN ARRAY v_route LOOP
      UPDATE trading.orders SET status = v_step WHERE client_order_id = v_id;
    END LOOP;
    IF (pg_temp.order_row(v_id)).status <> from_status THEN
      RAISE EXCEPTION 'the test did not reach %', from_status;
    END IF;
    UPDATE trading.orders SET status = to_status WHERE client_order_id = v_id;
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
  END;
END
$$;
CREATE TEMP TABLE moves AS
SELECT f AS from_status, t AS to_status, pg_temp.try_move(f, t) AS outcome,
       EXISTS (SELECT FROM trading.order_transitions AS x WHERE x.from_status = f AND x.to_status = t) AS listed,
       f IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced') AS final
  FROM unnest(enum_range(NULL::trading.order_status)) AS f, unnest(enum_range(NULL::trading.order_status)) AS t WHERE f NOT IN ('new', 'pending_submit');
SELECT is_empty($$SELECT * FROM moves WHERE final AND outcome <> 'TR206'$$, 'nothing leaves a final status, not even to itself');
SELECT is_empty($$SELECT * FROM moves WHERE NOT listed AND from_status <> to_status AND outcome <> 'TR206'$$, 'every move that is not listed is refused');
SELECT is_empty($$SELECT * FROM moves WHERE listed AND from_status <> to_status AND to_status NOT IN ('filled', 'partially_filled') AND NOT (to_status = 'rejected' AND from_status = 'partially_filled')
                     AND NOT (from_status = 'pending_approval' AND to_status IN ('accepted', 'pending_submit', 'held')) AND outcome <> 'P0T00'$$,
                'every move that is listed passes');
SELECT is_empty($$SELECT * FROM moves WHERE from_status = 'pending_approval' AND to_status IN ('accepted', 'pending_submit') AND outcome <> 'TR207'$$,
                'but an order that waits for a second person comes to life by an approval');
SELECT is((SELECT outcome FROM moves WHERE from_status = 'pending_approval' AND to_status = 'held'), '23514', 'and only a child waits for a parent');
SELECT is_empty($$SELECT * FROM moves WHERE listed AND from_status <> to_status AND to_status IN ('filled', 'partially_filled') AND outcome <> '23514'$$, 'but nothing is filled without fills');
SELECT is((SELECT count(*) FROM moves), 168::bigint, 'all pairs were tried');

-- A status that the owner updates by hand ends the order like a procedure would; nobody else can.
SELECT pg_temp.submit('hand', 'buy', 5, 10) \g /dev/null
SELECT pg_temp.denies($$UPDATE trading.orders SET status = 'cancelled' WHERE client_order_id = 'hand'$$, 'people cancel by procedure');
UPDATE trading.orders SET status = 'cancelled' WHERE client_order_id = 'hand';
SELECT is((SELECT (o.status, o.version, o.closed_at IS NOT NULL)::text FROM pg_temp.order_row('hand') AS o), '(cancelled,2,t)', 'an UPDATE of the status closes the order');
SELECT is(pg_temp.held('hand'), NULL, 'and frees its money');
SELECT pg_temp.amounts_to((pg_temp.position_row()).open_buy_quantity, 0, 'and its quantity');

-- Terms are not changed by hand.
SELECT pg_temp.submit('terms', 'buy', 5, 10) \g /dev/null
SELECT pg_temp.denies(format('UPDATE trading.orders SET %s WHERE client_order_id = ''terms''', s), s) FROM unnest(ARRAY[
  'quantity = 6', 'limit_price = 11', 'filled_quantity = 1', 'reserve_price = 1', 'reserved = 1', 'reservation_id = NULL', 'expires_at = ''2030-01-01''', 'last_fill_id = 1',
  'average_fill_price = 1', 'split_filled_quantity = 1', 'planned_quantity = 1', 'broker_order_id = ''x''', 'approved_by = ''x''']) AS s;
-- A careless owner meets the guard where an order would become another one.
SELECT pg_temp.refuses(format('UPDATE trading.orders SET %s WHERE client_order_id = ''terms''', s), 'TR207', s) FROM unnest(ARRAY[
  'filled_value = 1', 'fees = 1', 'maker_value = 1', 'side = ''sell''', 'client_order_id = ''x''', 'order_id = 99', 'submitted_at = ''2020-01-01''', 'time_in_force = ''ioc''',
  'instrument_id = instrument_id + 1', 'agent_id = 1', 'replaces_order_id = 1', 'product = ''intraday''', 'created_at = ''2020-01-01''', 'submitted_by = ''x''', 'type = ''market''',
  'reduce_only = true', 'post_only = true', 'oco_group_id = 1, oco_leg = 1', 'portfolio_id = 99']) AS s;
SELECT pg_temp.refuses($$UPDATE trading.orders SET closed_at = '2024-02-01' WHERE client_order_id = 'terms'$$, '23514', 'closed without a final status');
SELECT is((pg_temp.order_row('terms')).version, 1, 'nothing has changed');

-- A late fill finds the order closed.
SELECT pg_temp.refuses($$SELECT pg_temp.fill('hand', 1, 10, 'late')$$, 'TR210', 'a fill after the cancellation');
SELECT is((trading.cancel_order('main', client_order_id => 'hand')).version, 2, 'cancelling again answers the same row');
SELECT pg_temp.fill('terms', 5, 10, 'full') \g /dev/null
SELECT pg_temp.refuses($$SELECT trading.cancel_order('main', client_order_id => 'terms')$$, 'TR210', 'cancelling what is filled');
SELECT pg_temp.refuses($$SELECT trading.cancel_order('main')$$, 'TR205', 'cancelling without saying what');
SELECT pg_temp.refuses($$SELECT trading.cancel_order('main', order_id => 1, client_order_id => 'terms')$$, 'TR205', 'cancelling what the two keys do not both name');
SELECT pg_temp.refuses($$SELECT trading.cancel_order('main', order_id => -1)$$, 'TR205', 'cancelling an unknown number');

-- Acknowledgements move accepted orders only.
SELECT pg_temp.submit('ack', 'buy', 5, 10) \g /dev/null
SELECT is((SELECT array_agg(a.status::text) FROM trading.acknowledge_orders(array_fill(trading.portfolio_id('main'), '{2}'),
  ARRAY[(pg_temp.order_row('ack')).order_id, (pg_temp.order_row('terms')).order_id], '2024-01-08 15:05Z') AS a), '{working}', 'acknowledged: what was accepted, not what is filled');
SELECT is((pg_temp.order_row('ack')).updated_at, '2024-01-08 15:05Z'::timestamptz, 'at the event''s time');
SELECT is((SELECT count(*) FROM trading.acknowledge_orders(array_fill(trading.portfolio_id('main'), '{1}'), ARRAY[(pg_temp.order_row('ack')).order_id], '2024-01-08 15:06Z')), 0::bigint, 'once');
SELECT results_eq($$SELECT e.version, e.from_status::text, e.to_status::text FROM trading.order_events AS e JOIN pg_temp.order_row('ack') AS o USING (portfolio_id, order_id) ORDER BY 1$$,
                  $$VALUES (1, 'new', 'accepted'), (2, 'accepted', 'working')$$, 'each state has its event');
SELECT is((SELECT array_agg(r.status::text ORDER BY r.order_id) FROM trading.end_orders(array_fill(trading.portfolio_id('main'), '{2}'),
  ARRAY[(pg_temp.order_row('terms')).order_id, (pg_temp.order_row('ack')).order_id], '{cancelled,expired}', '{TR216,TR217}', '{a,b}', array_fill(timestamptz '2024-01-08 16:00Z', '{2}')) AS r),
  '{filled,expired}', 'a batch of endings ends what is open and leaves what is closed');

-- Append-only.
SELECT pg_temp.refuses('DELETE FROM trading.orders', 'TR213', 'DELETE of orders');
SELECT pg_temp.refuses(format(s, t), 'TR213', format(s, t))
  FROM unnest(ARRAY['ledger.transfers', 'trading.order_events', 'trading.fills', 'trading.position_adjustments', 'strategy.strategy_versions', 'strategy.signals', 'risk.breaches', 'ops.events']) AS t,
       unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s CASCADE']) AS s;
SELECT pg_temp.refuses('UPDATE trading.fills SET price = price', 'TR213', 'UPDATE of fills');
SELECT pg_temp.refuses('UPDATE ledger.transfers SET amount = amount WHERE false', 'TR213', 'UPDATE of transfers, even of none');
SELECT pg_temp.refuses('UPDATE trading.order_events SET at = at', 'TR213', 'UPDATE of order events');
SELECT pg_temp.refuses('UPDATE ops.events SET payload = ''{}''', 'TR213', 'UPDATE of the journal');
SELECT pg_temp.refuses(format(s, t), 'TR213', format(s, t)) FROM unnest('{market.instruments,trading.portfolios,ledger.accounts,ledger.portfolio_clocks,trading.orders}'::text[]) AS t,
       unnest(ARRAY['DELETE FROM %s', 'TRUNCATE %s CASCADE']) AS s;
SELECT pg_temp.refuses('TRUNCATE trading.orders CASCADE', 'TR213', 'TRUNCATE of orders with all that hangs on them');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
