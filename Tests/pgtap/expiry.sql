-- Orders end when their time in force does: day with the session of their exchange, in its time zone; gtd at its time; gtc, ioc and fok not by time.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT ledger.deposit('main', 90000, at => '2024-01-03') \g /dev/null
SELECT market.add_exchange('ASX', 'Sydney', 'Australia/Sydney', 'USD', '10:00', '16:00'), market.add_exchange('NEVER', 'Closed for good', 'UTC', 'USD', '10:00', '16:00', '{}'),
       market.add_exchange('LUNCH', 'With a break', 'Asia/Tokyo', 'USD', '09:00', '11:30') \g /dev/null
INSERT INTO market.sessions SELECT exchange_id, weekday, '12:30', '15:00' FROM market.sessions JOIN market.exchanges USING (exchange_id) WHERE code = 'LUNCH';
SELECT market.add_instrument(symbol => 'COIN', exchange => 'CRYPTO'), market.add_instrument(symbol => 'OZ', exchange => 'ASX'), market.add_instrument(symbol => 'SHUT', exchange => 'NEVER'),
       market.add_instrument(symbol => 'BREAK', exchange => 'LUNCH'), market.add_instrument(symbol => 'EURUSD', exchange => 'FX') \g /dev/null

-- When a day order ends.
SELECT is((trading.submit_order('main', s.symbol, 'buy', 1, 'limit', 1, at => s.at)).expires_at, s.ends, format('%s at %s', s.symbol, s.why)) FROM (VALUES
  ('IBM', timestamptz '2024-01-08 15:00Z', timestamptz '2024-01-08 21:00Z', 'ten in the morning, winter'),
  ('IBM', '2024-07-08 15:00Z', '2024-07-08 20:00Z', 'eleven in the morning, summer'),
  ('IBM', '2024-03-08 20:59Z', '2024-03-08 21:00Z', 'Friday before the clocks change'),
  ('IBM', '2024-03-08 21:00Z', '2024-03-11 20:00Z', 'the close itself: the next session, after the clocks changed'),
  ('IBM', '2024-11-01 20:00Z', '2024-11-04 21:00Z', 'the close before the clocks change back'),
  ('IBM', '2024-01-08 03:00Z', '2024-01-08 21:00Z', 'the night before, still Sunday in New York'),
  ('IBM', '2024-01-06 15:00Z', '2024-01-08 21:00Z', 'Saturday'),
  ('IBM', '2024-07-03 15:00Z', '2024-07-03 17:00Z', 'a shortened day'),
  ('IBM', '2024-07-03 17:00Z', '2024-07-05 20:00Z', 'after its early close: the day after the holiday'),
  ('COIN', '2024-01-06 15:00Z', '2024-01-07 00:00Z', 'around the clock: midnight'),
  ('OZ', '2024-01-08 23:30Z', '2024-01-09 05:00Z', 'Tuesday morning in Sydney, Monday in UTC'),
  ('BREAK', '2024-01-09 01:00Z', '2024-01-09 02:30Z', 'the session before noon'),
  ('BREAK', '2024-01-09 02:30Z', '2024-01-09 06:00Z', 'the session after noon'),
  ('EURUSD', '2024-01-07 23:00Z', '2024-01-08 05:00Z', 'Sunday evening: local midnight'),
  ('SHUT', '2024-01-08 12:00Z', '2024-01-09 12:00Z', 'an exchange that never opens: a day')) AS s (symbol, at, ends, why);
SELECT trading.end_orders(array_agg(o.portfolio_id), array_agg(o.order_id), array_agg('cancelled'::text), array_agg('TR216'::text), array_agg('test'::text), array_agg(o.submitted_at)) FROM trading.orders AS o \g /dev/null

-- Expiring.
CREATE FUNCTION pg_temp.order_for(id text, tif trading.time_in_force, expires timestamptz DEFAULT NULL) RETURNS trading.orders LANGUAGE sql
AS $$ SELECT trading.submit_order('main', 'IBM', 'buy', 2, 'limit', 10, time_in_force => tif, expires_at => expires, client_order_id => id, at => '2024-01-08 15:00Z') $$;
SELECT pg_temp.order_for('day', 'day'), pg_temp.order_for('gtd', 'gtd', '2024-01-08 18:00Z'), pg_temp.order_for('gtc', 'gtc'), pg_temp.order_for('ioc', 'ioc'), pg_temp.order_for('fok', 'fok'),
       pg_temp.order_for('part', 'day'), pg_temp.order_for('never', 'gtd', '9999-01-01') \g /dev/null
SELECT pg_temp.fill('part', 1, 10, 'part') \g /dev/null
CREATE FUNCTION pg_temp.expire(at timestamptz) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(e.client_order_id ORDER BY e.order_id) FROM trading.expire_orders('main', at) AS e $$;
SELECT is(pg_temp.expire('2024-01-08 17:59:59.999999Z'), NULL, 'nothing before its time');
SELECT is(pg_temp.expire('2024-01-08 18:00Z'), '{gtd}', 'gtd at its very moment');
SELECT is(pg_temp.expire('2024-01-12'), '{day,part}', 'day orders after their session, in order of their numbers');
SELECT is(pg_temp.expire('2024-01-12'), NULL, 'once');
SELECT is((SELECT (o.status, o.reason_code, o.closed_at)::text FROM pg_temp.order_row('day') AS o), '(expired,TR217,"2024-01-08 21:00:00+00")', 'at the time when they ended, not when it was noticed');
SELECT is((SELECT (o.status, o.filled_quantity)::text FROM pg_temp.order_row('part') AS o), '(expired,1.00000000)', 'what was filled stays');
SELECT ok(pg_temp.held('day') IS NULL AND pg_temp.held('part') IS NULL, 'their money is free');
SELECT pg_temp.amounts_to(pg_temp.available(), 100000 - 10 - 4 * 20, 'four orders still hold theirs');
SELECT pg_temp.refuses($$SELECT pg_temp.fill('day', 1, 10, 'late')$$, 'TR210', 'a late fill is refused');
SELECT pg_temp.refuses($$SELECT trading.expire_orders('none')$$, 'TR211', 'an unknown portfolio');
SELECT is_empty($$SELECT trading.expire_orders('main', NULL)$$, 'no time, nothing ends');
SELECT is(pg_temp.expire('infinity'), '{never}', 'at any time only what has an end');
SELECT is((SELECT count(*) FROM trading.open_orders), 3::bigint, 'gtc, ioc and fok stay');
SELECT pg_temp.is_sound();

-- The calendar itself.
SELECT results_eq($$SELECT opens_at, closes_at FROM market.session_bounds(market.exchange_id('lunch'), '2024-01-09')$$,
  $$VALUES (timestamptz '2024-01-09 00:00Z', timestamptz '2024-01-09 02:30Z'), ('2024-01-09 03:30Z', '2024-01-09 06:00Z')$$, 'two sessions of a day, in order');
SELECT is_empty($$SELECT * FROM market.session_bounds(market.exchange_id('US'), '2024-07-04')$$, 'no session on a holiday');
SELECT is_empty($$SELECT * FROM market.session_bounds(market.exchange_id('US'), '2024-01-07')$$, 'no session on a Sunday');
SELECT is(market.day_start(market.exchange_id('US'), '2024-03-10'), '2024-03-10 05:00Z'::timestamptz, 'the day begins before the clocks change');
SELECT is(market.day_start(market.exchange_id('US'), '2024-03-11'), '2024-03-11 04:00Z'::timestamptz, 'and an hour earlier after');
SELECT pg_temp.refuses($$SELECT market.exchange_id('XX')$$, 'TR102', 'an unknown exchange');
SELECT pg_temp.refuses($$SELECT market.add_exchange('ZONE', 'x', 'Mars/Olympus', 'USD', '1:00', '2:00')$$, 'TR108', 'an unknown time zone');

SELECT * FROM finish();
ROLLBACK;
