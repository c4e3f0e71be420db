-- Trailing stops that the runner moves.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT pg_temp.submit('entry', 'buy', 10, 100), pg_temp.fill('entry', 10, 100, 'entry') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'sell', 10, type => 'trailing_stop', trail_amount => 5, time_in_force => 'gtc', client_order_id => 'sell', at => '2024-01-08 15:02Z'),
       trading.submit_order('main', 'IBM', 'buy', 2, type => 'trailing_stop', trail_percent => 10, time_in_force => 'gtc', client_order_id => 'buy', at => '2024-01-08 15:02Z'),
       pg_temp.submit('limit', 'buy', 2, 90) \g /dev/null

CREATE FUNCTION pg_temp.trail(ids text[], stops numeric[], at timestamptz DEFAULT '2024-01-08 15:10Z') RETURNS void LANGUAGE sql
AS $$
  SELECT trading.trail_orders(array_agg(trading.portfolio_id('main')), array_agg((pg_temp.order_row(n.id)).order_id ORDER BY n.position),
                              array_agg(n.stop ORDER BY n.position), array_fill(at, ARRAY[cardinality(ids)]))
    FROM unnest(ids, stops) WITH ORDINALITY AS n (id, stop, position)
$$;
CREATE FUNCTION pg_temp.stops() RETURNS text LANGUAGE sql
AS $$ SELECT string_agg(trim_scale(o.stop_price)::text, ' ' ORDER BY o.order_id) FROM trading.orders AS o WHERE o.type = 'trailing_stop' $$;

SELECT is(pg_temp.stops(), '95 110', 'at submission they stand behind the last price');
CREATE TEMP TABLE before AS
SELECT (SELECT count(*) FROM trading.order_events) AS order_events, (SELECT count(*) FROM ops.events) AS events, (SELECT sum(o.version) FROM trading.orders AS o) AS versions;
SELECT pg_temp.trail('{sell,buy}', '{97.5,104.5}') \g /dev/null
SELECT is(pg_temp.stops(), '97.5 104.5', 'they follow the price');
SELECT is((pg_temp.order_row('sell')).updated_at, timestamptz '2024-01-08 15:10Z', 'as of then');
SELECT pg_temp.trail('{sell,buy,limit}', '{97,105,80}', '2024-01-08 15:05Z') \g /dev/null
SELECT is(pg_temp.stops(), '97.5 104.5', 'and never away from the market');
SELECT is((pg_temp.order_row('limit')).stop_price::numeric, NULL, 'other orders are left alone');
SELECT is((SELECT (b.order_events, b.events, b.versions)::text FROM before AS b),
          (SELECT ((SELECT count(*) FROM trading.order_events), (SELECT count(*) FROM ops.events), (SELECT sum(o.version) FROM trading.orders AS o))::text),
          'a place of a stop is no news: however often it is stored, order events and versions are the same');
SELECT trading.trigger_orders(ARRAY[trading.portfolio_id('main')], ARRAY[(pg_temp.order_row('sell')).order_id], '{2024-01-08 15:11Z}') \g /dev/null
SELECT is((SELECT e.stop_price::numeric FROM trading.order_events AS e WHERE e.order_id = (pg_temp.order_row('sell')).order_id ORDER BY e.version DESC LIMIT 1), 97.5,
          'the event of the trigger says where it stood');
SELECT pg_temp.trail('{sell}', '{99}') \g /dev/null
SELECT is(pg_temp.stops(), '97.5 104.5', 'a triggered stop stays');
SELECT pg_temp.refuses($$SELECT pg_temp.trail('{sell}', '{NaN}')$$, 'TR604', 'a price is a number');
SELECT pg_temp.refuses($$SELECT pg_temp.trail('{sell}', '{0}')$$, 'TR604', 'and positive');
SELECT pg_temp.refuses($$SELECT trading.trail_orders('{1}', '{1,2}', '{1}', '{2024-01-08}')$$, 'TR604', 'one element for each');
SELECT pg_temp.denies($$UPDATE trading.orders SET stop_price = 99 WHERE client_order_id = 'buy'$$, 'nobody moves a stop by hand');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
