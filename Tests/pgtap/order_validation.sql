-- Orders that make no sense are errors with a code, from the function and from a bare INSERT alike; nothing is stored.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

SELECT market.add_instrument(symbol => 'COIN', exchange => 'CRYPTO', kind => 'crypto', tick_size => 0.05, lot_size => 0.001) \g /dev/null
SELECT market.add_instrument(symbol => 'BOTH', exchange => 'NYSE'), market.add_instrument(symbol => 'BOTH', exchange => 'NASDAQ') \g /dev/null

-- TR101, TR103: the instrument.
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'NONE', 'buy', 1)$$, 'TR101', 'an unknown symbol');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', NULL, 'buy', 1)$$, 'TR101', 'no symbol');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'ibm', 'buy', 1)$$, 'TR101', 'symbols are case-sensitive');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'US:IBM:JUNK', 'buy', 1)$$, 'TR101', 'nothing may follow EXCHANGE:SYMBOL');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'BOTH', 'buy', 1)$$, 'TR103', 'a symbol of two exchanges');
SELECT lives_ok($$SELECT trading.submit_order('main', 'nyse:BOTH', 'buy', 1, 'limit', 1)$$, 'EXCHANGE:SYMBOL is not ambiguous');

-- TR211: the portfolio.
SELECT pg_temp.refuses($$SELECT trading.submit_order('none', 'IBM', 'buy', 1)$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses($$SELECT trading.submit_order(NULL, 'IBM', 'buy', 1)$$, 'TR211', 'no portfolio');
SELECT pg_temp.refuses($$INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, quantity) VALUES (-1, 'x', market.instrument_id('IBM'), 'buy', 1)$$, 'TR211', 'an unknown portfolio by INSERT');

-- TR201: the quantity.
SELECT pg_temp.refuses(format('SELECT trading.submit_order(%L, %L, %L, %s, %L, 10)', 'main', s.symbol, 'buy', s.quantity, 'limit'), 'TR201', format('%s of %s', s.quantity, s.symbol))
  FROM (VALUES ('IBM', '0'), ('IBM', '-1'), ('IBM', '0.5'), ('IBM', '1.00000001'), ('IBM', 'NULL'), ('COIN', '0.0005'), ('COIN', '1.0001')) AS s (symbol, quantity);
SELECT lives_ok($$SELECT trading.submit_order('main', 'COIN', 'buy', 1.001, 'limit', 10.05)$$, 'a multiple of a small lot');

-- TR202: each type has its prices, on the tick grid.
SELECT pg_temp.refuses(format('SELECT trading.submit_order(%L, %L, %L, 1, %L, %s, %s, %L)', 'main', 'IBM', 'buy', t.type, t.limit_price, t.stop_price, 'gtc'), CASE WHEN least(nullif(t.limit_price, 'NULL')::numeric, nullif(t.stop_price, 'NULL')::numeric) <= 0 THEN 'TR118' ELSE 'TR202' END,
                       format('%s with limit %s and stop %s', t.type, t.limit_price, t.stop_price))
  FROM (VALUES ('market', '10', 'NULL'), ('market', 'NULL', '10'), ('limit', 'NULL', 'NULL'), ('limit', '10', '10'), ('stop', 'NULL', 'NULL'), ('stop', '10', '10'),
               ('stop', '10', 'NULL'), ('stop_limit', '10', 'NULL'), ('stop_limit', 'NULL', '10'), ('limit', '10.001', 'NULL'), ('limit', '0', 'NULL'), ('limit', '-10', 'NULL'),
               ('stop', 'NULL', '10.005'), ('stop', 'NULL', '-1'), ('stop_limit', '10', '0'), ('stop_limit', '10', '9.999')) AS t (type, limit_price, stop_price);
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'COIN', 'buy', 1, 'limit', 10.01)$$, 'TR202', 'off a wider tick grid');
-- Nothing is rounded, and nothing is too large, infinite or no number without a code.
SELECT pg_temp.refuses(format('SELECT trading.submit_order(%L, %L, %L, %s)', 'main', 'IBM', 'buy', a), c, a) FROM (VALUES
  ('1.000000001', 'TR201'), ('1e12', 'TR201'), ('''NaN''', 'TR201'), ('''Infinity''', 'TR201'), ('''-Infinity''', 'TR201'), ('1, ''limit'', 10.000000001', 'TR202'), ('1, ''limit'', 1e12', 'TR202'),
  ('1, ''limit'', ''NaN''', 'TR202'), ('1, ''limit'', ''Infinity''', 'TR202'), ('1, ''limit'', -37.63', 'TR118'), ('1, ''limit'', ''-Infinity''', 'TR118'),
  ('1, at => ''infinity''', 'TR212'), ('1, at => ''0044-03-15 BC''', 'TR249'), ('1, at => ''9999-01-01''', 'TR249'), ('1, at => ''2024-01-01''', 'TR249')) AS n (a, c);
SELECT pg_temp.refuses(format('SELECT trading.submit_orders(ARRAY[trading.portfolio_id(%L)], %L, ARRAY[market.instrument_id(%L)], %L, %L, %L, %L, ARRAY[%s], ARRAY[%s], %L, %L, %L)', 'main', '{k}', 'IBM', '{NULL}', '{buy}',
                              '{limit}', '{gtc}', q, p, '{NULL}', '{NULL}', '{2024-01-08 15:00Z}'), c, 'in an array: ' || c)
  FROM (VALUES ('1.000000001', '10', 'TR201'), ('1', '10.000000001', 'TR202'), ('1', '-1', 'TR118')) AS n (q, p, c);

-- TR203: time in force.
SELECT pg_temp.refuses(format('SELECT trading.submit_order(%L, %L, %L, 1, time_in_force => %L, expires_at => %s, at => %L)', 'main', 'IBM', 'buy', t.tif, t.expiry, '2024-01-08 15:00Z'), 'TR203',
                       format('%s until %s', t.tif, t.expiry))
  FROM (VALUES ('gtc', $$'2024-02-01'$$), ('ioc', $$'2024-02-01'$$), ('fok', $$'2024-02-01'$$), ('day', $$'2024-02-01'$$), ('gtd', 'NULL'), ('gtd', $$'2024-01-08 15:00Z'$$), ('gtd', $$'2024-01-01'$$)) AS t (tif, expiry);

-- TR212: what belongs to the engine is not given, what belongs to the order is.
CREATE FUNCTION pg_temp.insert_order(columns text, new_values text) RETURNS text LANGUAGE sql
AS $$
  SELECT format('INSERT INTO trading.orders (portfolio_id, client_order_id, instrument_id, side, type, time_in_force, quantity, limit_price, submitted_at%s)
                 VALUES (trading.portfolio_id(''main''), ''bare'', market.instrument_id(''IBM''), ''buy'', ''limit'', ''gtc'', 1, 10, ''2024-01-08 15:00Z''%s)', columns, new_values)
$$;
SELECT pg_temp.refuses(pg_temp.insert_order(', ' || c.name, ', ' || c.value), 'TR212', 'a new order with ' || c.name)
  FROM (VALUES ('status', $$'filled'$$), ('status', $$'accepted'$$), ('order_id', '7'), ('filled_quantity', '1'), ('filled_value', '1'), ('fees', '1'), ('version', '3'),
               ('average_fill_price', '1'), ('reserve_price', '0.01'), ('reservation_id', '1'), ('last_fill_id', '1'), ('split_filled_quantity', '1'),
               ('closed_at', 'now()'), ('reason_code', $$'TR301'$$), ('reason', $$'x'$$), ('product', 'NULL'), ('status', 'NULL'), ('replaces_order_id', '1'),
               ('filled_quantity', 'NULL'), ('version', 'NULL'), ('fees', 'NULL')) AS c (name, value);
SELECT pg_temp.refuses(s, 'TR212', s) FROM unnest(ARRAY[
  $$SELECT trading.submit_order('main', 'IBM', NULL, 1)$$, $$SELECT trading.submit_order('main', 'IBM', 'buy', 1, NULL)$$,
  $$SELECT trading.submit_order('main', 'IBM', 'buy', 1, time_in_force => NULL)$$, $$SELECT trading.submit_order('main', 'IBM', 'buy', 1, product => NULL)$$]) AS s;
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'buy', 1, agent => 'nobody')$$, 'TR503', 'an unknown agent');
SELECT pg_temp.refuses(format('SELECT trading.submit_order(%L, %L, %L, 1, client_order_id => %L)', 'main', 'IBM', 'buy', id), 'TR212', format('client_order_id %s', to_json(left(id, 20))))
  FROM unnest(ARRAY['', ' ', ' a', 'a ', 'ä', E'a\nb', repeat('x', 257)]) AS id;
SELECT lives_ok(format('SELECT trading.submit_order(%L, %L, %L, 1, client_order_id => %L)', 'main', 'IBM', 'buy', repeat('x', 256)), 'a client_order_id of 256 characters');

-- The batch form.
SELECT pg_temp.refuses($$SELECT trading.submit_orders(ARRAY[1, 1], '{a}', '{1}', '{NULL}', '{buy}', '{market}', '{gtc}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{now}')$$, 'TR604', 'arrays of different lengths');
SELECT pg_temp.refuses($$SELECT trading.submit_orders(ARRAY[1], NULL, '{1}', '{NULL}', '{buy}', '{market}', '{gtc}', '{1}', '{NULL}', '{NULL}', '{NULL}', '{now}')$$, 'TR604', 'a missing array');
SELECT is_empty($$SELECT trading.submit_orders('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')$$, 'an empty batch is no error');

-- A bare INSERT is an order like any other.
SELECT lives_ok(pg_temp.insert_order('', ''), 'a bare INSERT');
SELECT is((SELECT (o.status, o.version, o.reserve_price, o.reservation_id IS NOT NULL)::text FROM pg_temp.order_row('bare') AS o), '(accepted,1,10.00000000,t)', 'it was judged and its cash reserved');
SELECT pg_temp.amounts_to(pg_temp.held('bare'), 10, 'by the limit price');
SELECT is((SELECT count(*) FROM trading.order_events AS e JOIN pg_temp.order_row('bare') AS o USING (portfolio_id, order_id)), 1::bigint, 'and it has its event');
SELECT is((SELECT count(*) FROM trading.orders), 4::bigint, 'of all refused orders none is stored');
SELECT is((SELECT array_agg(order_id ORDER BY order_id) FROM trading.orders), '{1,2,3,4}', 'and none took a number');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
