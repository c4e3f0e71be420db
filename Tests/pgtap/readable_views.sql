-- Views and functions that people read: numbers without a tail of zeros, symbols that tell two exchanges apart.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'INFY', exchange => x) FROM unnest('{NYSE,NASDAQ}'::text[]) AS x \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('NYSE:INFY'), market.instrument_id('NASDAQ:INFY')],
                            '{2024-01-08 15:00Z,2024-01-08 15:00Z}', '{20,21}', '{NULL,NULL}') \g /dev/null
SELECT pg_temp.submit('ny', 'buy', 10, 20, 'NYSE:INFY'), pg_temp.fill('ny', 10, 20, 'ny', 1.50),
       pg_temp.submit('nd', 'buy', 4, 21, 'NASDAQ:INFY'), pg_temp.fill('nd', 4, 21, 'nd'),
       pg_temp.submit('out', 'sell', 4, 22, 'NASDAQ:INFY'), pg_temp.fill('out', 4, 22.25, 'out'),
       pg_temp.submit('open', 'buy', 5, 19.5, 'NASDAQ:INFY'),
       trading.record_snapshots(ARRAY[trading.portfolio_id('main')], d)
  FROM unnest('{2024-01-08 21:00Z,2024-01-09 21:00Z}'::timestamptz[]) AS d \g /dev/null
SELECT risk.halt('instrument', 'NYSE:INFY', 'news', '2024-01-09') \g /dev/null

SELECT results_eq($$SELECT symbol, quantity::text, average_price::text, last_price::text, fees::text FROM trading.position_pnl
                     WHERE symbol LIKE '%:INFY' ORDER BY symbol$$,
  $$VALUES ('NASDAQ:INFY', '0', NULL, '21', '0'), ('NYSE:INFY', '10', '20', '20', '1.5')$$,
  'positions of one symbol on two exchanges are told apart');
SELECT results_eq($$SELECT symbol, quantity::text, limit_price::text, reserved::text FROM trading.open_orders$$,
  $$VALUES ('NASDAQ:INFY', '5', '19.5', '97.5')$$, 'orders too');
SELECT results_eq($$SELECT DISTINCT symbol FROM trading.order_history ORDER BY 1$$, $$VALUES ('NASDAQ:INFY'), ('NYSE:INFY')$$,
  'and their history');
SELECT results_eq($$SELECT symbol, quantity::text, entry_price::text, exit_price::text FROM trading.round_trips$$,
  $$VALUES ('NASDAQ:INFY', '4', '21', '22.25')$$, 'and round trips');
SELECT results_eq($$SELECT exchange, symbol FROM market.latest_quotes WHERE symbol LIKE '%:INFY' ORDER BY 1$$,
  $$VALUES ('NASDAQ', 'NASDAQ:INFY'), ('NYSE', 'NYSE:INFY')$$, 'and quotes');
SELECT results_eq('SELECT what, name FROM risk.in_force', $$VALUES ('halted', 'NYSE:INFY')$$, 'and halts');
SELECT results_eq($$SELECT DISTINCT symbol FROM ledger.statement('main') WHERE symbol IS NOT NULL ORDER BY 1$$,
  $$VALUES ('NASDAQ:INFY'), ('NYSE:INFY')$$, 'and lines of a statement');
SELECT is_empty('SELECT l.symbol FROM market.listings AS l WHERE market.instrument_id(l.symbol) IS DISTINCT FROM l.instrument_id',
  'what a view prints, every procedure understands');

-- Every exact number of every view. One without a row would show nothing, so each must have some.
CREATE FUNCTION pg_temp.views() RETURNS TABLE (view regclass, readable bigint, tailed bigint) LANGUAGE plpgsql AS $$
DECLARE
  v_column record;
BEGIN
  FOR v_column IN
    SELECT a.attrelid::regclass AS view, a.attname AS name
      FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE c.relkind = 'v' AND n.nspname IN ('market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'reporting')
       AND 'numeric'::regtype IN (t.oid, t.typbasetype) AND c.oid <> 'market.listings'::regclass
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %1$L::regclass, count(v.%2$I), count(*) FILTER (WHERE v.%2$I::text <> trim_scale(v.%2$I)::text) FROM %1$s AS v',
      v_column.view, v_column.name);
  END LOOP;
END
$$;
SELECT results_eq('SELECT v.view::text FROM pg_temp.views() AS v GROUP BY 1 HAVING sum(v.readable) > 0 ORDER BY 1',
  $$VALUES ('trading.daily_pnl'), ('trading.equity_curve'), ('trading.open_orders'), ('trading.order_history'),
           ('trading.portfolio_summary'), ('trading.position_pnl'), ('trading.round_trips')$$, 'views with exact numbers');
SELECT is_empty('SELECT v.view FROM pg_temp.views() AS v WHERE v.tailed > 0', 'no number in a view ends in zeros');
SELECT is_empty(format($$SELECT j.key, j.value FROM %s AS f CROSS JOIN LATERAL jsonb_each(to_jsonb(f)) AS j
                          WHERE jsonb_typeof(j.value) = 'number' AND j.value::text ~ '[.][0-9]*0$'$$, f), f)
  FROM unnest(ARRAY[$$ledger.statement('main')$$, $$trading.get_portfolio_stats('main')$$,
                    $$trading.calculate_position_pnl('main', 'NYSE:INFY')$$]) AS f;

SELECT * FROM finish();
ROLLBACK;
