-- The story of an order, from tick to fill.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT strategy.create_strategy('s', 'custom', '1 minute', '{"entry": "close > 100"}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('bot', 'main', 's', '{IBM}', kind => 'hybrid'), strategy.start_agent('main', 'bot', '2024-01-08 14:00Z') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, price, size, seq, received_at) SELECT market.instrument_id('IBM'), t::timestamptz, p, 10, n, t::timestamptz + interval '3 milliseconds'
  FROM (VALUES ('2024-01-08 14:59:10Z', 100, 1), ('2024-01-08 14:59:40Z', 102, 2), ('2024-01-08 15:00:05Z', 103, 3), ('2024-01-08 15:10Z', 95, 4), ('2024-01-08 15:20Z', 96, 5)) AS t (t, p, n);

CREATE FUNCTION pg_temp.signal(no bigint, wanted text, reason text, price float8, operands jsonb, client_order_id text, at timestamptz) RETURNS void LANGUAGE sql AS $$
  SELECT strategy.record_signals(ARRAY[a.portfolio_id], ARRAY[a.agent_id], ARRAY[market.instrument_id('IBM')], ARRAY[no], ARRAY[signal.at], ARRAY[wanted], ARRAY[signal.reason], ARRAY[signal.price], ARRAY[signal.operands],
                                 ARRAY[signal.client_order_id], '{NULL}') FROM strategy.agents AS a WHERE a.name = 'bot'
$$;
SELECT (strategy.record_signal('bot', 'IBM', 'buy', at => '2024-01-08 14:59:30Z', confidence => 0.9, note => 'news')).external_signal_id AS e \gset
SELECT pg_temp.signal(1, 'buy', NULL, 102, '{"close": 102, "adx(14)": null}', 'bot/entry', '2024-01-08 15:00Z') \g /dev/null
SELECT strategy.handle_external_signals(ARRAY[trading.portfolio_id('main')], ARRAY[:e], '{2024-01-08 15:00Z}', '{1}') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'buy', 10, time_in_force => 'gtc', client_order_id => 'bot/entry', agent => 'bot', at => '2024-01-08 15:00Z') \g /dev/null
SELECT pg_temp.fill('bot/entry', 4, 103, 'x-1', fee => 1, at => '2024-01-08 15:00:05Z'), pg_temp.fill('bot/entry', 6, 103, 'x-2', fee => 0, at => '2024-01-08 15:00:05Z') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'sell', 10, 'stop', stop_price => 96, time_in_force => 'gtc', client_order_id => 'bot/stop', agent => 'bot', reduce_only => true, at => '2024-01-08 15:00:05Z') \g /dev/null
SELECT pg_temp.fill('bot/stop', 10, 95, 'x-3', fee => 1, at => '2024-01-08 15:10Z'), pg_temp.signal(2, 'exit', 'stop', 95, '{}', 'bot/stop', '2024-01-08 15:10Z') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'buy', 10000, time_in_force => 'gtc', client_order_id => 'mine', at => '2024-01-08 15:21Z') \g /dev/null

SELECT results_eq($$SELECT step, at, detail FROM strategy.why('main', 'bot/entry')$$, $$VALUES
  ('outside signal', timestamptz '2024-01-08 14:59:30Z', format('buy, by %s, confidence 0.9, news', session_user::text) COLLATE "default"),
  ('tick', '2024-01-08 14:59:40Z', '10 at 102'),
  ('candle', '2024-01-08 15:00Z', '00:01:00 from 2024-01-08 14:59:00: open 100, high 102, low 100, close 102, volume 20'),
  ('signal', '2024-01-08 15:00Z', 'buy at 102, adx(14) = unknown, close = 102'),
  ('order accepted', '2024-01-08 15:00Z', 'buy market 10, by agent bot'),
  ('tick', '2024-01-08 15:00:05Z', '10 at 103'),
  ('fill, partially_filled', '2024-01-08 15:00:05Z', 'bought 4 at 103, fee 1'),
  ('fill, filled', '2024-01-08 15:00:05Z', 'bought 6 at 103, fee 0')$$, 'an entry, from tick to fill');
SELECT results_eq($$SELECT step, at, detail FROM strategy.why('main', 'bot/stop')$$, $$VALUES
  ('tick', timestamptz '2024-01-08 15:00:05Z', '10 at 103'), ('order accepted', '2024-01-08 15:00:05Z', 'sell stop 10 stop 96, by agent bot'),
  ('tick', '2024-01-08 15:10Z', '10 at 95'), ('fill, filled', '2024-01-08 15:10Z', 'sold 10 at 95, fee 1'), ('signal', '2024-01-08 15:10Z', 'exit (stop) at 95')$$, 'a stop');
SELECT results_eq($$SELECT step, at, detail FROM strategy.why('main', 'mine')$$, $$VALUES
  ('tick', timestamptz '2024-01-08 15:20Z', '10 at 96'), ('order rejected', '2024-01-08 15:21Z', format('buy market 10000, by %s, TR401: %s', session_user::text, (SELECT o.reason FROM trading.orders AS o WHERE o.client_order_id = 'mine')) COLLATE "default")$$, 'a person''s order that was refused');
SELECT is((SELECT count(*) FROM strategy.why('main', 1)), 8::bigint, 'by number');
SELECT is((SELECT count(*) FROM strategy.why('main', '1')), 8::bigint, 'a number as text');
SELECT is((SELECT array_agg(DISTINCT w.client_order_id) FROM strategy.why('main', 1) AS w), '{bot/entry}', 'each step has the id that joins them');
SELECT results_eq($$SELECT e.kind FROM ops.events AS e WHERE e.payload ->> 'client_order_id' = 'bot/entry' ORDER BY e.event_id$$, $$VALUES ('order.accepted'), ('order.partially_filled'), ('order.filled')$$, 'as the journal has it');
SELECT ok((SELECT bool_and(w.latency IS NOT NULL) FROM strategy.why('main', 1) AS w WHERE w.step NOT IN ('candle', 'outside signal')), 'each step has its latency');
SELECT is((SELECT w.latency FROM strategy.why('main', 3) AS w WHERE w.step = 'order rejected'), (SELECT e.recorded_at - t.received_at FROM trading.order_events AS e, market.ticks AS t WHERE e.order_id = 3 AND t.seq = 5), 'measured by the clock, since the tick was received');
SELECT pg_temp.refuses($$SELECT strategy.why('main', 'none')$$, 'TR205', 'an unknown order');
SELECT pg_temp.refuses($$SELECT strategy.why('main', NULL::bigint)$$, 'TR205', 'no order');
SELECT pg_temp.refuses($$SELECT strategy.why('none', 1)$$, 'TR211', 'an unknown portfolio');

SELECT results_eq($$SELECT agent, symbol, signal_no, action::text, reason::text, order_status::text, code FROM strategy.signal_history ORDER BY at$$,
  $$VALUES ('bot', 'US:IBM', 1::bigint, 'buy', NULL, 'filled', NULL), ('bot', 'US:IBM', 2, 'exit', 'stop', 'filled', NULL)$$, 'signals with what became of them');

SELECT * FROM finish();
ROLLBACK;
