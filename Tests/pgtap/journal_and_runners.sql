-- The journal and its consumers, runners and their leases, the cursors of feeds. What needs several sessions is in Tests/isolation.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- What an order leaves in the journal.
SELECT pg_temp.submit('a', 'buy', 10, 10), pg_temp.fill('a', 4, 10, 'a1'), pg_temp.fill('a', 6, 10, 'a2'), pg_temp.submit('b', 'sell', 10, 20), trading.cancel_order('main', client_order_id => 'b', at => '2024-01-08 16:00Z') \g /dev/null
SELECT results_eq($$SELECT kind, order_id, payload ->> 'client_order_id', (payload ->> 'fill_id')::int, payload ->> 'reason_code', at FROM ops.events WHERE portfolio_id = trading.portfolio_id('main') ORDER BY stream_xid, event_id$$,
  $$VALUES ('portfolio.created', NULL::bigint, NULL, NULL::int, NULL, timestamptz '2024-01-02 09:00Z'), ('ledger.deposit', NULL, NULL, NULL, NULL, '2024-01-02 09:00Z'),
           ('order.accepted', 1, 'a', NULL, NULL, '2024-01-08 15:00Z'), ('order.partially_filled', 1, 'a', 1, NULL, '2024-01-08 15:01Z'), ('order.filled', 1, 'a', 2, NULL, '2024-01-08 15:01Z'),
           ('order.accepted', 2, 'b', NULL, NULL, '2024-01-08 15:00Z'), ('order.cancelled', 2, 'b', NULL, 'TR216', '2024-01-08 16:00Z')$$, 'every step, once, in order');
SELECT is((SELECT count(*) FROM ops.events WHERE actor <> session_user), 0::bigint, 'with who did it');

-- Consumers. This transaction is not through: nothing of it may be read.
SELECT ops.add_consumer('reader') \g /dev/null
SELECT is_empty($$SELECT * FROM ops.read_events('reader')$$, 'events of a transaction that runs are not read yet');
-- Older events, as if committed long ago.
SET LOCAL session_replication_role = replica;
INSERT INTO ops.events (stream_xid, kind, at) SELECT ((n + 1) / 2)::text::xid8, 'test.event', '2024-01-08' FROM generate_series(5, 14) AS n;
SET LOCAL session_replication_role = origin;
SELECT is((SELECT array_agg(e.stream_xid::text ORDER BY e.stream_xid, e.event_id) FROM ops.read_events('reader') AS e), '{3,3,4,4,5,5,6,6,7,7}', 'what is through is read in order of its keys');
SELECT is((SELECT count(*) FROM ops.read_events('reader', 3)), 3::bigint, 'at most as many as asked for');
SELECT is((SELECT count(*) FROM ops.read_events('reader', 0)), 1::bigint, 'at least one');
SELECT is((SELECT count(*) FROM ops.read_events('reader')), 10::bigint, 'reading moves nothing');
SELECT (ops.advance_consumer('reader', e.stream_xid, e.event_id)).name FROM ops.read_events('reader', 3) AS e ORDER BY e.stream_xid, e.event_id \g /dev/null
SELECT is((SELECT array_agg(e.stream_xid::text ORDER BY e.stream_xid, e.event_id) FROM ops.read_events('reader') AS e), '{4,5,5,6,6,7,7}', 'moving on leaves the rest, also within a transaction');
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT ops.advance_consumer('reader', '3', 1)$$, 'TR603'), ($$SELECT ops.advance_consumer('reader', '4', 0)$$, 'TR603'), ($$SELECT ops.advance_consumer('reader', pg_current_xact_id(), 1)$$, 'TR603'),
  ($$SELECT ops.advance_consumer('reader', '18446744073709551615', 1)$$, 'TR603'), ($$SELECT ops.advance_consumer('reader', NULL, 1)$$, 'TR603'), ($$SELECT ops.advance_consumer('none', '4', 1)$$, 'TR602'),
  ($$SELECT ops.read_events('none')$$, 'TR602'), ($$SELECT ops.add_consumer('')$$, 'TR602'), ($$SELECT ops.add_consumer(NULL)$$, 'TR602')) AS w (s, c);
SELECT lives_ok($$SELECT ops.advance_consumer(c.name, c.stream_xid, c.event_id) FROM ops.consumers AS c$$, 'standing still is allowed');
SELECT ops.add_consumer('late', from_start => false) \g /dev/null
SELECT is_empty($$SELECT * FROM ops.read_events('late')$$, 'a consumer that begins now does not see the past');

-- Cursors of feeds.
SELECT trading.create_portfolio(name => 'second', at => '2024-01-02') \g /dev/null
SELECT array_agg(p.portfolio_id) AS both, min(p.portfolio_id) AS first FROM trading.portfolios AS p \gset
SELECT ops.save_cursor(:'both', 'bars', 10, '2024-01-08') \g /dev/null
SELECT ops.save_cursor(:'both', 'bars', 10, '2024-01-08') \g /dev/null
SELECT ops.save_cursor(ARRAY[:first], 'bars', 20, NULL, true) \g /dev/null
SELECT results_eq($$SELECT position, at, is_finished FROM ops.feed_cursors ORDER BY position$$, $$VALUES (10::bigint, timestamptz '2024-01-08', false), (20, '2024-01-08', true)$$, 'cursors move forward, or stand');
SELECT pg_temp.refuses(format('SELECT ops.save_cursor(%L, %L, %s, now())', a, 'bars', p), c, format('to %s of %s', p, a)) FROM (VALUES
  (:'both', '15', 'TR603'), (format('{%s}', :first), '19', 'TR603'), ('{-1}', '1', 'TR211'), (:'both', '-1', 'TR603'), (:'both', 'NULL', 'TR603'), (NULL, '1', 'TR603')) AS w (a, p, c);
SELECT results_eq($$SELECT position FROM ops.feed_cursors ORDER BY position$$, $$VALUES (10::bigint), (20)$$, 'a cursor that would run back moves none of them');
SELECT ops.save_cursor(:'both', 'ticks', 0, NULL) \g /dev/null
SELECT is((SELECT count(*) FROM ops.feed_cursors), 4::bigint, 'each feed has its own');

-- Runners of this session: the lease is the session's, so it may start again.
SELECT is((SELECT (r.name, r.backend_pid = pg_backend_pid(), r.stopped_at)::text FROM ops.start_runner('r1', 'here', 7, '1.0', 'bars', :'both') AS r), '(r1,t,)', 'a runner');
SELECT is((SELECT count(*) FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.classid = 1114599795 AND l.pid = pg_backend_pid()), 2::bigint, 'holds the lock of each of its portfolios');
SELECT lives_ok(format($$SELECT ops.start_runner('r2', 'here', 7, '1.0', 'bars', %L)$$, :'both'), 'the same session again');
SELECT is((SELECT array_agg(DISTINCT r.name) FROM ops.leases AS l JOIN ops.runners AS r USING (runner_id)), '{r2}', 'the latest has the lease');
SELECT pg_temp.refuses($$SELECT ops.start_runner('r', 'here', 7, '1.0', 'bars', '{-1}')$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses($$SELECT ops.start_runner('r', 'here', 7, '1.0', 'bars', '{NULL}')$$, 'TR211', 'no portfolio');
SELECT is((SELECT count(*) FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.classid = 1114599795 AND l.pid = pg_backend_pid()), 2::bigint, 'a refused start takes no lock');
SELECT ops.touch_runner(r.runner_id, true) FROM ops.runners AS r WHERE r.name = 'r1' \g /dev/null
SELECT is((SELECT array_agg((r.name, r.stopped_at IS NOT NULL)::text ORDER BY r.name) FROM ops.runners AS r), ARRAY['(r1,t)', '(r2,f)'], 'an orderly stop');
SELECT pg_temp.is_sound();

-- The database comes to another server, whose transaction ids are lower: there the rows of ops.epochs are written by another transaction.
SELECT is((SELECT (e.epoch, e.is_current)::text FROM ops.current_epoch AS e), '(0,t)', 'the journal began here');
SELECT is((SELECT e.epoch FROM ops.begin_epoch() AS e), 0, 'and goes on in its epoch');
SELECT pg_advisory_unlock_all() \g /dev/null
CREATE FUNCTION pg_temp.restore() RETURNS void LANGUAGE sql AS $$ UPDATE ops.epochs SET began_at = began_at $$;
SAVEPOINT restored;
SELECT pg_temp.restore() \g /dev/null
UPDATE ledger.portfolio_clocks SET stream_xid = '900000000';
SELECT results_eq($$SELECT invariant, portfolio_id FROM ops.check_invariants()$$, $$VALUES ('the journal is of this server', NULL::int)$$, 'the audit says that the journal is of elsewhere');
SELECT is((SELECT count(*) FROM ops.read_events('reader')), (SELECT count(*) FROM ops.events AS e, ops.consumers AS c WHERE c.name = 'reader' AND (e.stream_xid, e.event_id) > (c.stream_xid, c.event_id)), 'all that came with it can be read');
SELECT pg_temp.submit('restored', 'buy', 1, 10) \g /dev/null
SELECT is((SELECT (e.epoch, e.is_current)::text FROM ops.current_epoch AS e), '(1,t)', 'whoever journals begins an epoch');
SELECT ok((SELECT bool_and(e.stream_xid = k.stream_xid AND e.stream_xid::text = (1000000000000000 + pg_current_xact_id()::text::bigint)::text)
             FROM ops.events AS e JOIN ledger.portfolio_clocks AS k USING (portfolio_id) WHERE e.payload ->> 'client_order_id' = 'restored'), 'above all that was before');
SELECT is_empty($$SELECT FROM ops.read_events('late') AS e WHERE e.payload ->> 'client_order_id' = 'restored'$$, 'and what runs is not read yet');
SELECT is((SELECT (count(*), count(r.stopped_at))::text FROM ops.runners AS r), '(2,2)', 'runners of elsewhere have stopped');
SELECT is_empty($$SELECT * FROM ops.leases$$, 'and have no leases');
SELECT pg_temp.is_sound('the journal goes on');
SELECT is((SELECT c.stream_xid::text::bigint / 1000000000000000 FROM ops.add_consumer('new', from_start => false) AS c), 1::bigint, 'a reader that begins now begins in the epoch');
SELECT is((SELECT e.epoch FROM ops.begin_epoch(force => true) AS e), 2, 'a person can begin one, too');
SELECT trading.cancel_order('main', client_order_id => 'restored', at => '2024-01-08 16:00Z') \g /dev/null
SELECT is((SELECT array_agg(e.stream_xid::text::bigint / 1000000000000000 ORDER BY e.stream_xid, e.event_id) FROM ops.events AS e WHERE e.payload ->> 'client_order_id' = 'restored'), '{1,2}', 'a portfolio''s events stay in order');
ROLLBACK TO restored;
SELECT is((SELECT count(*) FROM ops.epochs), 1::bigint, 'what is rolled back has begun nothing');
-- The first to come is a consumer, in a part of its transaction.
SELECT pg_temp.restore() \g /dev/null
SAVEPOINT a;
SELECT pg_temp.refuses($$SELECT ops.advance_consumer('reader', '2000000000000000', 1)$$, 'TR603', 'a consumer does not move to where nothing can be yet');
SELECT ops.advance_consumer('reader', c.stream_xid, c.event_id) FROM ops.consumers AS c WHERE c.name = 'reader' \g /dev/null
RELEASE SAVEPOINT a;
SELECT is((SELECT (e.epoch, e.is_current)::text FROM ops.current_epoch AS e), '(1,t)', 'an epoch that a subtransaction began is one');
SAVEPOINT b;
SELECT pg_temp.restore() \g /dev/null
SELECT ops.start_runner('r3', 'here', 7, '1.0', 'bars', :'both') \g /dev/null
SELECT is((SELECT e.epoch FROM ops.current_epoch AS e WHERE e.is_current), 2, 'a runner begins one when it starts');
SELECT is((SELECT count(*) FROM ops.leases), 2::bigint, 'and has its leases');
-- What cannot be.
UPDATE ledger.portfolio_clocks SET stream_xid = '9000000000000000000' WHERE portfolio_id = :first;
UPDATE ops.consumers SET stream_xid = '9000000000000000000' WHERE name = 'late';
SELECT results_eq($$SELECT invariant, portfolio_id FROM ops.check_invariants() ORDER BY 1, 2$$, format($$VALUES ('no clock is ahead of its server', %s), ('no clock is ahead of its server', NULL)$$, :first), 'clocks and readers that wait for transactions far ahead');

SELECT * FROM finish();
ROLLBACK;
SELECT pg_advisory_unlock_all() \g /dev/null
