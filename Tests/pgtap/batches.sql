-- A batch is what its elements are one by one. Random worlds, in them random batches: orders that are refused,
-- repeated, too large or make no sense, of the same instrument and of accounts on margin; fills in parts, several of
-- one order, repeated, too large, of closed orders, of brackets. Every way to hand them in leaves the same rows and
-- answers the same.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/random_orders.sql
SELECT setseed(0.42) \g /dev/null

-- What statements answer and leave, or with which error they end; then all is undone, but for what a variable knows.
CREATE TYPE pg_temp.ending AS (answers text, books text, error text);
CREATE FUNCTION pg_temp.undone(statements text[]) RETURNS pg_temp.ending LANGUAGE plpgsql AS $$
DECLARE
  v_ending    pg_temp.ending := ROW ('', '', NULL);
  v_answer    text;
  v_statement text;
BEGIN
  BEGIN
    FOREACH v_statement IN ARRAY statements LOOP
      EXECUTE v_statement INTO v_answer;
      v_ending.answers := concat_ws(E'\n', v_ending.answers, v_answer);
    END LOOP;
    v_ending.books := pg_temp.books();
    RAISE EXCEPTION USING ERRCODE = 'ZZ001';
  EXCEPTION WHEN OTHERS THEN
    IF SQLSTATE <> 'ZZ001' THEN
      v_ending := ROW ('', '', SQLSTATE || ' ' || SQLERRM);
    END IF;
  END;
  RETURN v_ending;
END $$;

CREATE TEMP TABLE tried (what text, way text, size int, error text, codes text[], difference text);
-- The lines that only one of two ways has.
CREATE FUNCTION pg_temp.difference(one text, other text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(d, E'\n')
    FROM ((SELECT 'one by one: ' || l FROM string_to_table(one, E'\n') AS l
           EXCEPT ALL SELECT 'one by one: ' || l FROM string_to_table(other, E'\n') AS l)
          UNION ALL
          (SELECT 'this way: ' || l FROM string_to_table(other, E'\n') AS l
           EXCEPT ALL SELECT 'this way: ' || l FROM string_to_table(one, E'\n') AS l)
          UNION ALL
          (SELECT format('in another place: %s, %s', o, t)
             FROM ROWS FROM (string_to_table(one, E'\n'), string_to_table(other, E'\n')) AS l (o, t)
            WHERE o IS DISTINCT FROM t LIMIT 1)) AS x (d)
$$;
CREATE FUNCTION pg_temp.compared(what text, way text, size int, one pg_temp.ending, other pg_temp.ending,
                                 with_answers boolean DEFAULT true)
RETURNS tried LANGUAGE sql AS $$
  SELECT ROW (what, way, size, (one).error,
              ARRAY(SELECT m[1] FROM regexp_matches((one).answers, '"(?:reason_)?code": "(TR...)"', 'g') AS m),
              CASE WHEN (one).error IS DISTINCT FROM (other).error
                   THEN format('one by one: %s, this way: %s', (one).error, (other).error)
                   WHEN (one).books <> (other).books THEN pg_temp.difference((one).books, (other).books)
                   WHEN with_answers AND (one).answers <> (other).answers
                   THEN pg_temp.difference((one).answers, (other).answers) END)::tried
$$;

CREATE FUNCTION pg_temp.inserted(rows text) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$WITH n AS (
                     INSERT INTO trading.orders
                            (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, product,
                             quantity, limit_price, stop_price, trail_amount, reduce_only, post_only, expires_at,
                             submitted_at) VALUES %s RETURNING 1)
                   SELECT NULL::text FROM n LIMIT 1$q$, rows)
$$;
CREATE FUNCTION pg_temp.row_of(t pg_temp.terms) RETURNS text LANGUAGE sql AS $$
  SELECT format('(%s, %L, %s, %s, %L, %L, %L, %L, %s, %L, %L, %L, %L, %L, %L, %L)', trading.portfolio_id((t).portfolio),
                (t).id, market.instrument_id((t).symbol),
                coalesce((SELECT a.agent_id::text FROM strategy.agents AS a WHERE a.name = (t).agent), 'NULL'),
                (t).side, (t).type, (t).tif, (t).product, (t).quantity, (t).limit_price, (t).stop_price, (t).trail,
                (t).reduce_only, (t).post_only, (t).expires_at, (t).at)
$$;
CREATE FUNCTION pg_temp.as_array(batch pg_temp.terms[]) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$SELECT string_agg((to_jsonb(o) - 'created_at')::text, E'\n')
                     FROM trading.submit_orders(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L, %L) AS o$q$,
                array_agg(trading.portfolio_id(t.portfolio) ORDER BY n), array_agg(t.id ORDER BY n),
                array_agg(market.instrument_id(t.symbol) ORDER BY n),
                array_agg((SELECT a.agent_id FROM strategy.agents AS a WHERE a.name = t.agent) ORDER BY n),
                array_agg(t.side ORDER BY n), array_agg(t.type ORDER BY n), array_agg(t.tif ORDER BY n),
                array_agg(t.quantity ORDER BY n), array_agg(t.limit_price ORDER BY n),
                array_agg(t.stop_price ORDER BY n), array_agg(t.expires_at ORDER BY n), array_agg(t.at ORDER BY n))
    FROM (SELECT (unnest).*, row_number() OVER () AS n FROM unnest(batch)) AS t
$$;

CREATE FUNCTION pg_temp.try_orders(batch_id int, at timestamptz) RETURNS SETOF tried LANGUAGE plpgsql AS $$
DECLARE
  v_odd     boolean := random() < 0.4;
  v_plain   boolean := random() < 0.75;
  v_size    int := 1 + floor(random() * 7)::int;
  v_id      text;
  v_batch   pg_temp.terms[] := '{}';
  v_rows    text[] := '{}';
  v_calls   text[] := '{}';
  v_singles text[] := '{}';
  v_one     pg_temp.ending;
BEGIN
  FOR n IN 1 .. v_size LOOP
    v_id := CASE WHEN v_odd AND random() < 0.05 THEN '1-1' ELSE format('%s-%s', batch_id, n) END;
    v_batch := v_batch || CASE WHEN n > 1 AND random() < 0.08 THEN v_batch[1 + floor(random() * (n - 1))::int]
                               ELSE pg_temp.random_terms(v_id, at, v_odd, v_plain) END;
    v_calls := v_calls || pg_temp.named(v_batch[n]);
    v_singles := v_singles || pg_temp.as_array(v_batch[n : n]);
    v_rows := v_rows || pg_temp.row_of(v_batch[n]);
  END LOOP;
  v_one := pg_temp.undone(v_calls);
  IF v_plain THEN
    RETURN NEXT pg_temp.compared('orders', 'array', v_size, v_one, pg_temp.undone(ARRAY[pg_temp.as_array(v_batch)]));
    RETURN NEXT pg_temp.compared('orders', 'arrays of one', v_size, v_one, pg_temp.undone(v_singles));
    v_calls := ARRAY[pg_temp.as_array(v_batch)];
  END IF;
  RETURN NEXT pg_temp.compared('orders', 'INSERTs', v_size, v_one, pg_temp.undone(
    ARRAY(SELECT pg_temp.inserted(r) FROM unnest(v_rows) AS r)), false);
  RETURN NEXT pg_temp.compared('orders', 'one INSERT', v_size, v_one, pg_temp.undone(
    ARRAY[pg_temp.inserted(array_to_string(v_rows, ', '))]), false);
  IF v_one.error IS NULL THEN
    FOR n IN 1 .. cardinality(v_calls) LOOP
      EXECUTE v_calls[n];
    END LOOP;
  END IF;
END $$;

CREATE TYPE pg_temp.report AS (
  portfolio_id int, order_id bigint, quantity numeric, price numeric, execution text, at timestamptz, liquidity text);
CREATE FUNCTION pg_temp.as_array(batch pg_temp.report[]) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$SELECT string_agg(to_jsonb(f)::text, E'\n')
                     FROM trading.record_fills(%L, %L, %L, %L, 'paper', %L, %L, %L) AS f$q$,
                array_agg(r.portfolio_id ORDER BY n), array_agg(r.order_id ORDER BY n),
                array_agg(r.quantity ORDER BY n), array_agg(r.price ORDER BY n), array_agg(r.execution ORDER BY n),
                array_agg(r.at ORDER BY n), array_agg(r.liquidity ORDER BY n))
    FROM (SELECT (unnest).*, row_number() OVER () AS n FROM unnest(batch)) AS r
$$;
CREATE FUNCTION pg_temp.named(r pg_temp.report) RETURNS text LANGUAGE sql AS $$
  SELECT format($q$SELECT NULL::text FROM trading.record_fill(%L, %s, %s, %L, %s, broker => 'paper', at => %L,
                                                              liquidity => %L, force => %L)$q$,
                p.name, (r).quantity, (r).price, (r).execution, (r).order_id, (r).at, coalesce((r).liquidity, 'taker'),
                NOT p.is_paper)
    FROM trading.portfolios AS p WHERE p.portfolio_id = (r).portfolio_id
$$;
CREATE FUNCTION pg_temp.random_report(o trading.orders, batch_id int, place int, at timestamptz, is_odd boolean)
RETURNS pg_temp.report LANGUAGE sql VOLATILE AS $$
  SELECT (o).portfolio_id, CASE WHEN is_odd AND random() < 0.01 THEN 999 ELSE (o).order_id END,
         CASE WHEN random() < 0.4 THEN greatest(i.lot_size * floor((o).quantity / 5 / i.lot_size), i.lot_size)
              WHEN is_odd AND random() < 0.1 THEN (o).quantity * 2 WHEN is_odd AND random() < 0.05 THEN 0.25
              ELSE greatest((o).quantity - (o).filled_quantity, i.lot_size) END,
         CASE WHEN is_odd AND random() < 0.12 THEN 9000 WHEN is_odd AND random() < 0.1 THEN p.price
              WHEN (o).side = 'buy' THEN least(p.price, (o).limit_price) ELSE greatest(p.price, (o).limit_price) END,
         format('x-%s-%s', CASE WHEN is_odd AND random() < 0.03 THEN 1 ELSE batch_id END,
                CASE WHEN random() < 0.03 THEN 1 ELSE place END),
         at + floor(random() * 20) * interval '1 second', pg_temp.pick('maker', 'taker', NULL)
    FROM market.instruments AS i, (SELECT 97 + round(random()::numeric * 6, 2) AS price) AS p
   WHERE i.instrument_id = (o).instrument_id
$$;
CREATE FUNCTION pg_temp.try_fills(batch_id int, at timestamptz) RETURNS SETOF tried LANGUAGE plpgsql AS $$
DECLARE
  v_odd     boolean := random() < 0.4;
  v_batch   pg_temp.report[] := '{}';
  v_order   trading.orders;
  v_size    int := 0;
  v_calls   text[] := '{}';
  v_singles text[] := '{}';
  v_one     pg_temp.ending;
BEGIN
  FOR v_order IN
    SELECT o.* FROM trading.orders AS o CROSS JOIN generate_series(1, 2) AS g
     WHERE (g = 1 OR random() < 0.3) AND (o.closed_at IS NULL AND o.status <> 'held' OR v_odd AND random() < 0.1)
     ORDER BY random() LIMIT 1 + floor(random() * 7)::int
  LOOP
    v_size := v_size + 1;
    v_batch := v_batch || CASE WHEN v_size > 1 AND random() < 0.05 THEN v_batch[1 + floor(random() * (v_size - 1))::int]
                               ELSE pg_temp.random_report(v_order, batch_id, v_size, at, v_odd) END;
    v_calls := v_calls || pg_temp.named(v_batch[v_size]);
    v_singles := v_singles || pg_temp.as_array(v_batch[v_size : v_size]);
  END LOOP;
  IF v_size = 0 THEN
    RETURN;
  END IF;
  v_one := pg_temp.undone(v_singles);
  RETURN NEXT pg_temp.compared('fills', 'array', v_size, v_one, pg_temp.undone(ARRAY[pg_temp.as_array(v_batch)]));
  -- By name a fill that does not fit is an error, in an array it is dropped.
  IF v_one.error IS NULL AND v_one.answers !~ '"code": "TR' THEN
    RETURN NEXT pg_temp.compared('fills', 'named', v_size, v_one, pg_temp.undone(v_calls), false);
  END IF;
  IF v_one.error IS NULL THEN
    EXECUTE pg_temp.as_array(v_batch);
  END IF;
END $$;

DO $$
DECLARE
  v_tried tried[];
  v_at    timestamptz;
BEGIN
  FOR v_world IN 1 .. 24 LOOP
    v_tried := '{}';
    BEGIN
      PERFORM pg_temp.make_rules(v_world % 6);
      FOR v_batch IN 1 .. 8 LOOP
        v_at := timestamptz '2024-01-08 15:00Z' + v_batch * interval '1 minute';
        v_tried := v_tried || ARRAY(SELECT t FROM pg_temp.try_orders(v_batch, v_at) AS t);
        v_tried := v_tried || ARRAY(SELECT t FROM pg_temp.try_fills(v_batch, v_at + interval '30 seconds') AS t);
        PERFORM pg_temp.move_on(v_batch::text, v_at + interval '50 seconds');
      END LOOP;
      v_tried := v_tried || ROW ('world', 'sound', 0, NULL, '{}',
                                 (SELECT string_agg(c::text, E'\n') FROM ops.check_invariants() AS c))::tried;
      RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
      NULL;  -- the next world begins anew, what a variable knows stays
    END;
    INSERT INTO tried SELECT t.* FROM unnest(v_tried) AS t;
  END LOOP;
END $$;

-- The smallest batch that differs tells most.
SELECT is((SELECT t.difference FROM tried AS t WHERE t.what = x.what AND t.way = x.way AND t.difference IS NOT NULL
            ORDER BY t.size LIMIT 1), NULL, format('%s, %s: the same rows and answers as one by one', x.what, x.way))
  FROM (SELECT DISTINCT what, way FROM tried) AS x ORDER BY x.what, x.way;
-- The generator reaches what it is there for.
SELECT is((SELECT count(*) FROM tried WHERE way = 'one INSERT'), 192::bigint, 'as many batches of orders were tried');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'fills' AND way = 'array'), '>', 150::bigint, 'many of fills');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE way = 'array' AND size > 2), '>', 150::bigint, 'many of more than two');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE what = 'orders' AND error IS NOT NULL), '>', 20::bigint, 'some fail');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE way = 'array' AND error IS NULL AND codes = '{}'), '>', 60::bigint,
              'many without a refusal');
SELECT cmp_ok((SELECT count(DISTINCT c) FROM tried, unnest(codes) AS c WHERE what = 'orders'), '>', 12::bigint,
              'orders were refused for many reasons');
SELECT is(ARRAY(SELECT DISTINCT c FROM tried, unnest(codes) AS c WHERE what = 'fills' ORDER BY c),
          '{TR208,TR210,TR247,TR248,TR401}', 'and fills because of quantity, order, price, lot and cash');
SELECT * FROM finish();
ROLLBACK;
