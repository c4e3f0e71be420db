-- What live feeds bring: once, in its candles and quotes, and with the place to go on from.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('KYN') \g /dev/null
SELECT market.instrument_id('IBM') AS ibm, market.instrument_id('KYN') AS kyn \gset

CREATE FUNCTION pg_temp.store(ids int[], numbers bigint[], prices float8[], times timestamptz[] DEFAULT NULL) RETURNS bigint LANGUAGE sql
AS $$
  SELECT market.store_live('test', ids, coalesce(times, array_fill(timestamptz '2024-01-08 14:30Z', ARRAY[cardinality(ids)])),
                           array_fill(timestamptz '2024-01-08 14:30:00.5Z', ARRAY[cardinality(ids)]), numbers, array_fill('X'::text, ARRAY[cardinality(ids)]), prices,
                           array_fill(5::float8, ARRAY[cardinality(ids)]), array_fill(NULL::text, ARRAY[cardinality(ids)]), array_fill(false, ARRAY[cardinality(ids)]),
                           array_fill(99::float8, ARRAY[cardinality(ids)]), array_fill(101::float8, ARRAY[cardinality(ids)]), array_fill(3::float8, ARRAY[cardinality(ids)]),
                           array_fill(NULL::float8, ARRAY[cardinality(ids)]), '2024-01-08 14:30:01Z')
$$;
CREATE FUNCTION pg_temp.trades(ids int[], numbers bigint[], prices float8[]) RETURNS bigint LANGUAGE sql
AS $$
  SELECT market.store_live('test', ids, array_fill(timestamptz '2024-01-08 14:30Z', a), array_fill(timestamptz '2024-01-08 14:30:00.5Z', a), numbers, array_fill('X'::text, a), prices,
                           array_fill(5::float8, a), array_fill(NULL::text, a), array_fill(false, a), array_fill(NULL::float8, a), array_fill(NULL::float8, a), array_fill(NULL::float8, a),
                           array_fill(NULL::float8, a), '2024-01-08 14:30:01Z') FROM (SELECT ARRAY[cardinality(ids)] AS a) AS x
$$;
SELECT is(pg_temp.trades(ARRAY[:ibm, :ibm, :kyn], '{7,8,3}', '{100,102,50}'), 3::bigint, 'three trades');
SELECT results_eq($$SELECT instrument_id, seq, price, size, venue, received_at, suspicious FROM market.ticks ORDER BY instrument_id, seq$$,
  format($$VALUES (%s, 7::bigint, 100::float8, 5::float8, 'X', timestamptz '2024-01-08 14:30:00.5Z', false), (%s, 8, 102, 5, 'X', '2024-01-08 14:30:00.5Z', false), (%s, 3, 50, 5, 'X', '2024-01-08 14:30:00.5Z', false)$$, :ibm, :ibm, :kyn), 'as they came');
SELECT is((SELECT tableoid::regclass::text FROM market.ticks LIMIT 1), market.tick_target('2024-01-08'), 'where those of their day are');
SELECT is((SELECT (c.open, c.close, c.volume, c.ticks)::text FROM market.candles('IBM', '1 minute') AS c), '(100,102,10,2)', 'in their candle');
SELECT results_eq($$SELECT feed, instrument_id, seq, ts FROM market.feed_positions ORDER BY instrument_id$$,
  format($$VALUES ('test', %s, 8::bigint, timestamptz '2024-01-08 14:30Z'), ('test', %s, 3, '2024-01-08 14:30Z')$$, :ibm, :kyn), 'and the places to go on from');
SELECT is(pg_temp.trades(ARRAY[:ibm, :ibm], '{8,9}', '{102,103}'), 1::bigint, 'what was there is no harm');
SELECT is(pg_temp.trades(ARRAY[:ibm, :ibm, :kyn, :ibm], '{7,8,3,9}', '{100,102,50,103}'), 0::bigint, 'a source that begins anew stores nothing');
SELECT is(pg_temp.trades(ARRAY[:kyn, :kyn, :ibm], '{2,2,7}', '{50,50,100}'), 1::bigint, 'a late message that comes twice is stored once');
SELECT is((SELECT c.ticks FROM market.candles('IBM', '1 minute') AS c), 3::bigint, 'nor counted twice');
SELECT is(pg_temp.trades(ARRAY[:ibm, :ibm, :ibm], '{10,11,12}', '{NaN,-1,104}'), 3::bigint, 'bad prices');
SELECT is((SELECT count(*) FROM market.rejected_ticks WHERE feed = 'test' AND reason = 'bad_price'), 2::bigint, 'are rejected by the name of the feed');
SELECT is((SELECT seq FROM market.feed_positions WHERE instrument_id = :ibm), 12::bigint, 'and not asked for again');
SELECT is(pg_temp.store(ARRAY[:kyn], '{4}', '{NULL}'), 1::bigint, 'a quote');
SELECT is((SELECT (q.bid, q.ask, q.bid_size, q.ask_size)::text FROM market.quotes AS q WHERE q.instrument_id = :kyn), '(99,101,3,)', 'is the latest');
SELECT is((SELECT count(*) FROM market.ticks WHERE instrument_id = :kyn), 2::bigint, 'and no trade');
SELECT is(market.store_live('test', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'), 0::bigint, 'nothing');
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  (format('SELECT pg_temp.trades(ARRAY[%s], ''{1,2}'', ''{1}'')', :ibm), 'TR604'), ('SELECT pg_temp.trades(ARRAY[NULL]::int[], ''{1}'', ''{1}'')', 'TR604'), ('SELECT pg_temp.trades(''{2147483647}'', ''{1}'', ''{1}'')', 'TR101'),
  (format('SELECT pg_temp.trades(ARRAY[%s], ''{NULL}'', ''{1}'')', :ibm), 'TR604')) AS w (s, c);

-- Whom a tick may fill: what was received or stored late is stale, what does not say when it was received is a tape.
UPDATE market.exchanges SET stale_after = '90.5 s' WHERE code = 'US';
INSERT INTO market.ticks (ts, price, size, instrument_id, received_at, stored_at)
SELECT timestamptz '2024-01-09 15:00Z' + n * interval '1 s', 100, 1, :ibm, timestamptz '2024-01-09 15:00Z' + n * interval '1 s' + r::interval, timestamptz '2024-01-09 15:00Z' + n * interval '1 s' + s::interval
  FROM unnest('{0 s,90.5 s,90.500001 s,1 s,1 s,NULL,-1 h}'::text[], '{0 s,90.5 s,90.500001 s,90.5 s,90.500001 s,1 year,0 s}'::text[]) WITH ORDINALITY AS v (r, s, n);
SELECT results_eq(format('SELECT good_for FROM market.next_ticks(ARRAY[%s], %L, %L, %L, 10)', :ibm, '{2024-01-09 15:00Z}', '{0}', 'infinity'),
                  'VALUES (91), (91), (-1), (91), (-1), (NULL), (91)', 'whom a live tick may fill');

SELECT * FROM finish();
ROLLBACK;
