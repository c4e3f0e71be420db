-- Plain batches are written in a few statements for all their rows, other batches row by row; so is one plain order or fill. Random ones, some
-- of them plain, some with orders that are refused, repeated or too large and fills that do not fit: the shortcut and the triggers leave the same rows.
BEGIN;
SELECT plan(14);
\ir setup/book.sql
SELECT setseed(0.42) \g /dev/null
INSERT INTO trading.fee_schedules (name, per_order, percent, decimals) VALUES ('broker', 0.35, 0.031, 2);
INSERT INTO trading.fee_components (name, valid_from, component, side, percent, percent_of)
VALUES ('broker', '-infinity', 'stt', 'sell', 0.1, NULL), ('broker', '-infinity', 'gst', NULL, 18, '{brokerage}');
SELECT market.add_instrument('ABC', lot_size => 5), market.add_instrument('XYZ', multiplier => 10, tick_size => 0.05), market.add_instrument('NONE'),
       trading.create_portfolio('fees', capital => 200000, fee_schedule => 'broker', at => '2024-01-02'), trading.create_portfolio('poor', capital => 3000, at => '2024-01-02') \g /dev/null
SELECT market.upsert_quotes(array_agg(i.instrument_id), array_agg(timestamptz '2024-01-08 14:30Z'), array_agg(100.25::float8), array_agg(NULL::float8))
  FROM market.instruments AS i WHERE i.symbol IN ('ABC', 'XYZ') \g /dev/null
SELECT ledger.deposit('main', 90000, at => '2024-01-02'), risk.set_limit('order_value', 20000), risk.set_limit('position_quantity', 150, 'portfolio', 'main'), risk.set_limit('position_value', 100000, 'instrument', 'XYZ') \g /dev/null
SELECT trading.update_portfolio_value('main', '2024-01-08') \g /dev/null

-- Everything that the books hold, without clock times and the numbers of the journal, whose order counts.
CREATE FUNCTION pg_temp.books() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_table text;
  v_rows  text;
  v_all   text := '';
BEGIN
  FOREACH v_table IN ARRAY '{ledger.books,ledger.balances,ledger.transfers,ledger.reservations,trading.orders,trading.order_events,trading.fills,trading.positions,
                             trading.portfolio_values,trading.lots,trading.lot_closures,risk.breaches}'::text[] LOOP
    EXECUTE format('SELECT string_agg(r, E''\n'' ORDER BY r) FROM (SELECT (to_jsonb(t) - ''recorded_at'' - ''created_at'')::text AS r FROM %s AS t) AS x', v_table) INTO v_rows;
    v_all := v_all || E'\n' || v_table || E'\n' || coalesce(v_rows, '');
  END LOOP;
  SELECT string_agg((to_jsonb(e) - 'recorded_at' - 'event_id')::text, E'\n' ORDER BY e.event_id) INTO v_rows FROM ops.events AS e;
  RETURN v_all || v_rows;
END $$;

-- The call as it is, then once more without the shortcut: the first leaves its rows, the second is undone.
CREATE TEMP TABLE tried (what text, plain boolean, same boolean, difference text);
CREATE FUNCTION pg_temp.try(what text, types text, shortcut_call text, call text, result text DEFAULT 'boolean') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_plain boolean;
  v_slow  text;
  v_fast  text;
BEGIN
  BEGIN
    EXECUTE 'SELECT ' || shortcut_call INTO v_plain;
    RAISE EXCEPTION USING ERRCODE = 'ZZ001', MESSAGE = v_plain::text;
  EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
    v_plain := SQLERRM::boolean;
  END;
  BEGIN
    EXECUTE format('ALTER FUNCTION trading.%s(%s) RENAME TO shortcut', what, types);
    EXECUTE format('CREATE FUNCTION trading.%s(%s) RETURNS %s LANGUAGE sql AS ''SELECT %s''', what, types, result, CASE result WHEN 'boolean' THEN 'false' ELSE 'NULL::' || result END);
    EXECUTE 'SELECT count(*) FROM ' || call;
    RAISE EXCEPTION USING ERRCODE = 'ZZ001', MESSAGE = pg_temp.books();
  EXCEPTION WHEN OTHERS THEN
    v_slow := CASE SQLSTATE WHEN 'ZZ001' THEN SQLERRM ELSE SQLSTATE END;
  END;
  BEGIN
    EXECUTE 'SELECT count(*) FROM ' || call;
    v_fast := pg_temp.books();
  EXCEPTION WHEN OTHERS THEN
    v_fast := SQLSTATE;
  END;
  INSERT INTO tried
  SELECT what, v_plain, v_slow = v_fast, (SELECT string_agg(d, E'\n') FROM (
    (SELECT 'only one by one: ' || l FROM string_to_table(v_slow, E'\n') AS l EXCEPT SELECT 'only one by one: ' || l FROM string_to_table(v_fast, E'\n') AS l)
    UNION ALL
    (SELECT 'only as a batch: ' || l FROM string_to_table(v_fast, E'\n') AS l EXCEPT SELECT 'only as a batch: ' || l FROM string_to_table(v_slow, E'\n') AS l)) AS x (d));
END $$;

CREATE FUNCTION pg_temp.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::int] $$;
CREATE FUNCTION pg_temp.try_orders(batch int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_time text := quote_literal(timestamptz '2024-01-08 15:00Z' + batch * interval '1 minute');
  v_odd  boolean := random() < 0.3;  -- may hold what is not plain
  v_arguments text[];
  v_order record;
  v_lists text[] := array_fill(''::text, '{8}');
BEGIN
  FOR v_order IN
    SELECT n, p.portfolio, i.symbol, CASE WHEN random() < 0.4 THEN 'sell' ELSE 'buy' END AS side, pg_temp.pick('market', 'market', 'limit', 'stop', 'stop_limit') AS type,
           pg_temp.pick('day', 'gtc', 'ioc', 'gtd') AS tif, (1 + floor(random() * 3)) * 5 AS quantity
      FROM generate_series(1, 1 + floor(random() * 6)::int) AS n
      CROSS JOIN LATERAL (SELECT pg_temp.pick('main', 'fees', CASE WHEN v_odd THEN 'poor' ELSE 'main' END) AS portfolio, n AS x) AS p
      CROSS JOIN LATERAL (SELECT pg_temp.pick('IBM', 'ABC', 'XYZ', CASE WHEN v_odd THEN 'NONE' ELSE 'IBM' END) AS symbol, n AS x) AS i
  LOOP
    -- Sales of what is there, mostly.
    IF v_order.side = 'sell' AND NOT v_odd AND NOT EXISTS (
         SELECT FROM trading.positions AS s WHERE s.portfolio_id = trading.portfolio_id(v_order.portfolio) AND s.instrument_id = market.instrument_id(v_order.symbol)
            AND s.quantity - s.open_sell_quantity >= v_order.quantity) THEN
      v_order.side := 'buy';
    END IF;
    v_lists[1] := v_lists[1] || ',' || trading.portfolio_id(v_order.portfolio);
    v_lists[2] := v_lists[2] || format(',%s-%s', batch, CASE WHEN v_odd AND random() < 0.1 THEN 1 ELSE v_order.n END);
    v_lists[3] := v_lists[3] || ',' || market.instrument_id(v_order.symbol);
    v_lists[4] := v_lists[4] || ',' || v_order.side;
    v_lists[5] := v_lists[5] || ',' || v_order.type;
    v_lists[6] := v_lists[6] || ',' || v_order.tif;
    v_lists[7] := v_lists[7] || ',' || CASE WHEN v_odd AND random() < 0.2 THEN v_order.quantity * 7 ELSE v_order.quantity END;
    v_lists[8] := v_lists[8] || ',' || CASE v_order.tif WHEN 'gtd' THEN '2024-02-01' ELSE 'NULL' END;
  END LOOP;
  v_arguments := ARRAY[
    quote_literal(format('{%s}', substr(v_lists[1], 2))), quote_literal(format('{%s}', substr(v_lists[2], 2))), quote_literal(format('{%s}', substr(v_lists[3], 2))),
    format('array_fill(NULL::int, ARRAY[%s])', v_order.n), quote_literal(format('{%s}', substr(v_lists[4], 2))), quote_literal(format('{%s}', substr(v_lists[5], 2))),
    quote_literal(format('{%s}', substr(v_lists[6], 2))), quote_literal(format('{%s}', substr(v_lists[7], 2))),
    format('(SELECT array_agg(CASE WHEN t IN (''limit'', ''stop_limit'') THEN 100.5 END) FROM unnest(%L::text[]) AS t)', format('{%s}', substr(v_lists[5], 2))),
    format('(SELECT array_agg(CASE WHEN t IN (''stop'', ''stop_limit'') THEN 99.5 END) FROM unnest(%L::text[]) AS t)', format('{%s}', substr(v_lists[5], 2))),
    quote_literal(format('{%s}', substr(v_lists[8], 2))), format('array_fill(%s::timestamptz, ARRAY[%s])', v_time, v_order.n)];
  PERFORM pg_temp.try('submit_plain_orders',
    'int[], text[], int[], int[], trading.order_side[], trading.order_type[], trading.time_in_force[], trading.product, numeric[], numeric[], numeric[], timestamptz[], timestamptz[]',
    format('trading.submit_plain_orders(%s)', array_to_string(v_arguments[:7] || '''delivery'''::text || v_arguments[8:], ', ')),
    format('trading.submit_orders(%s)', array_to_string(v_arguments, ', ')));
END $$;
CREATE FUNCTION pg_temp.try_fills(batch int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_arguments text;
BEGIN
  -- Mostly whole fills of one order in each position; now and then a part, two of one position, an execution that is known or costs too much.
  SELECT format('%L, %L, %L, %L, ''paper'', %L, %L', array_agg(o.portfolio_id), array_agg(o.order_id), array_agg(o.quantity), array_agg(o.price), array_agg(o.execution), array_agg(o.at))
    INTO v_arguments
    FROM (SELECT x.portfolio_id, x.order_id, CASE WHEN random() < 0.05 THEN x.quantity / 5 ELSE x.quantity - x.filled_quantity END AS quantity,
                 CASE WHEN random() < 0.03 THEN 1000 ELSE 99 + round(random()::numeric * 2, 2) END AS price,
                 format('x-%s-%s', CASE WHEN random() < 0.03 THEN 1 ELSE batch END, x.order_id || '-' || x.portfolio_id) AS execution,
                 timestamptz '2024-01-08 15:00Z' + batch * interval '1 minute' + floor(random() * 30) * interval '1 second' AS at
            FROM (SELECT o.*, row_number() OVER (PARTITION BY o.portfolio_id, o.instrument_id ORDER BY random()) AS place FROM trading.orders AS o WHERE o.closed_at IS NULL) AS x
           WHERE x.place = 1 OR random() < 0.02 ORDER BY random() LIMIT 5) AS o;
  IF v_arguments IS NOT NULL AND v_arguments NOT LIKE 'NULL%' THEN
    PERFORM pg_temp.try('record_plain_fills',
      'int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], trading.liquidity[]',
      format('trading.record_plain_fills(%s, ARRAY[NULL, NULL, NULL, NULL, NULL]::trading.liquidity[])', v_arguments), format('trading.record_fills(%s)', v_arguments));
  END IF;
END $$;

-- One order and one fill.
CREATE FUNCTION pg_temp.try_order(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_at     text := quote_literal(timestamptz '2024-01-09 15:00Z' + n * interval '1 minute');
  v_odd    boolean := random() < 0.3;
  v_name   text := pg_temp.pick('main', 'fees', CASE WHEN v_odd THEN 'poor' ELSE 'fees' END);
  v_symbol text := pg_temp.pick('IBM', 'ABC', 'XYZ', CASE WHEN v_odd THEN 'NONE' ELSE 'IBM' END);
  v_type   text := pg_temp.pick('market', 'market', 'limit', 'stop', 'stop_limit');
  v_tif    text := pg_temp.pick('day', 'gtc', 'ioc', 'gtd');
  v_free   numeric := (SELECT s.quantity - s.open_sell_quantity FROM trading.positions AS s
                        WHERE s.portfolio_id = trading.portfolio_id(v_name) AND s.instrument_id = market.instrument_id(v_symbol));
  v_lots   numeric := (1 + floor(random() * 3)) * 5 * CASE WHEN v_odd AND random() < 0.2 THEN 7 ELSE 1 END;
  v_side   text := CASE WHEN random() < 0.5 AND (v_odd OR v_lots <= v_free) THEN 'sell' ELSE 'buy' END;
  v_limit  text := CASE WHEN v_type IN ('limit', 'stop_limit') THEN CASE WHEN v_odd AND random() < 0.1 THEN '100.013' ELSE '100.5' END ELSE 'NULL' END;
  v_stop   text := CASE WHEN v_type IN ('stop', 'stop_limit') THEN '99.5' ELSE 'NULL' END;
  v_ends   text := CASE WHEN v_tif = 'gtd' THEN quote_literal(CASE WHEN v_odd AND random() < 0.1 THEN '2024-01-01' ELSE '2024-02-01' END) ELSE 'NULL' END;
  v_key    text := CASE WHEN v_odd AND random() < 0.2 THEN 'single-1' ELSE 'single-' || n END;
BEGIN
  PERFORM pg_temp.try('submit_plain_order',
    'int, text, int, trading.order_side, trading.order_type, trading.time_in_force, trading.product, numeric, numeric, numeric, timestamptz, timestamptz',
    format('(trading.submit_plain_order(%s, %L, %s, %L, %L, %L, ''delivery'', %s, %s, %s, %s, %s)).order_id IS NOT NULL', trading.portfolio_id(v_name), v_key,
           market.instrument_id(v_symbol), v_side, v_type, v_tif, v_lots, v_limit, v_stop, v_ends, v_at),
    format('trading.submit_order(%L, %L, %L, %s, %L, %s, %s, %L, %s, client_order_id => %L, at => %s)', v_name, v_symbol, v_side, v_lots, v_type, v_limit, v_stop, v_tif, v_ends, v_key, v_at),
    'trading.orders');
END $$;
CREATE FUNCTION pg_temp.try_fill(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_odd  boolean := random() < 0.2;  -- may be of an order that is closed
  v_fill record;
BEGIN
  SELECT o.portfolio_id, p.name, o.order_id, o.client_order_id, CASE WHEN random() < 0.1 THEN o.quantity / 5 ELSE o.quantity - o.filled_quantity END AS quantity,
         CASE WHEN random() < 0.05 THEN 1000 ELSE 99 + round(random()::numeric * 2, 2) END AS price, format('y-%s', CASE WHEN random() < 0.05 THEN 1 ELSE n END) AS execution,
         CASE WHEN random() < 0.2 THEN '1.5' ELSE 'NULL' END AS fee, pg_temp.pick('maker', 'taker') AS liquidity,
         timestamptz '2024-01-09 15:00Z' + n * interval '1 minute' + floor(random() * 30) * interval '1 second' AS at, random() < 0.5 AS by_key
    INTO v_fill
    FROM (SELECT * FROM trading.orders AS x WHERE x.closed_at IS NULL OR v_odd ORDER BY random() LIMIT 1) AS o JOIN trading.portfolios AS p USING (portfolio_id);
  IF v_fill.order_id IS NOT NULL THEN
    PERFORM pg_temp.try('record_plain_fill', 'int, bigint, text, numeric, numeric, text, text, numeric, trading.liquidity, timestamptz',
      format('(trading.record_plain_fill(%s, %s, NULL, %s, %s, ''paper'', %L, %s, %L, %L)).fill_id IS NOT NULL', v_fill.portfolio_id, v_fill.order_id, v_fill.quantity, v_fill.price,
             v_fill.execution, v_fill.fee, v_fill.liquidity, v_fill.at),
      format('trading.record_fill(%L, %s, %s, %L, %s, fee => %s, at => %L, liquidity => %L)', v_fill.name, v_fill.quantity, v_fill.price, v_fill.execution,
             CASE WHEN v_fill.by_key THEN format('client_order_id => %L', v_fill.client_order_id) ELSE 'order_id => ' || v_fill.order_id END, v_fill.fee, v_fill.at, v_fill.liquidity),
      'trading.fills');
  END IF;
END $$;

SELECT count(*) FROM generate_series(1, 70) AS n CROSS JOIN LATERAL (SELECT pg_temp.try_orders(n), pg_temp.try_fills(n)) AS t \g /dev/null
SELECT count(*) FROM generate_series(1, 80) AS n CROSS JOIN LATERAL (SELECT pg_temp.try_order(n), pg_temp.try_fill(n)) AS t \g /dev/null
SELECT is((SELECT count(*) FROM tried WHERE what = 'submit_plain_orders'), 70::bigint, 'as many batches of orders were tried');
SELECT is((SELECT string_agg(difference, E'\n') FROM (SELECT difference FROM tried WHERE NOT same LIMIT 1) AS t), NULL, 'each leaves the same rows as its orders one by one');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'submit_plain_orders' AND plain), '>', 20::bigint, 'many batches of orders were plain');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'submit_plain_orders' AND NOT plain), '>', 8::bigint, 'many were not');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'record_plain_fills' AND plain), '>', 20::bigint, 'many batches of fills were plain');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'record_plain_fills' AND NOT plain), '>', 8::bigint, 'many were not');
SELECT is((SELECT count(*) FROM tried WHERE what = 'submit_plain_order'), 80::bigint, 'as many single orders were tried');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'submit_plain_order' AND plain), '>', 30::bigint, 'many of them were plain');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'submit_plain_order' AND NOT plain), '>', 10::bigint, 'many were not');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'record_plain_fill' AND plain), '>', 25::bigint, 'many single fills were plain');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'record_plain_fill' AND NOT plain), '>', 8::bigint, 'many were not');
SELECT cmp_ok((SELECT count(*) FROM trading.orders WHERE status = 'rejected'), '>', 10::bigint, 'orders were refused');
SELECT cmp_ok((SELECT count(*) FROM trading.lot_closures), '>', 10::bigint, 'lots were closed');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
