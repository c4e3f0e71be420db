-- Candles: the same as an aggregate of all accepted ticks, whatever came when; on the grid of the exchange; at the cost of what changed.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('INFY', 'NSE'), market.add_instrument('BTC', 'CRYPTO', tick_size => 0.01), market.add_instrument('EURUSD', 'FX', kind => 'fx') \g /dev/null
SELECT market.instrument_id('IBM') AS ibm, market.instrument_id('INFY') AS infy, market.instrument_id('BTC') AS btc, market.instrument_id('EURUSD') AS fx \gset

-- A walk of one price, in parts, with equal times, twice the same times, and suspicious ticks.
CREATE TEMP TABLE tape AS
SELECT timestamptz '2024-03-07 14:00Z' + (n / 2) * interval '77 s' AS ts, 100 + sin(n / 50.0) * 5 AS price, (n % 7)::float8 AS size, (n % 2)::bigint AS seq, n % 41 = 0 AS suspicious, n,
       (n * 7919) % 1000 AS shuffled
  FROM generate_series(0, 6000) AS n;
CREATE FUNCTION pg_temp.feed(instrument int, from_n int, until_n int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO market.ticks (ts, price, size, seq, instrument_id, suspicious)
  SELECT t.ts, t.price, t.size, t.seq, instrument, t.suspicious FROM tape AS t WHERE t.shuffled >= from_n AND t.shuffled < until_n
     AND NOT EXISTS (SELECT FROM market.ticks AS k WHERE k.instrument_id = instrument AND k.ts = t.ts AND k.seq = t.seq)
   ORDER BY t.shuffled, t.n % 13
$$;
-- An aggregate that knows nothing of what is kept.
CREATE FUNCTION pg_temp.brute(instrument int, length interval, origin timestamptz) RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap numeric, ticks bigint) LANGUAGE sql AS $$
  SELECT date_bin(length, t.ts, origin), (array_agg(t.price ORDER BY t.ts, t.seq))[1], max(t.price), min(t.price), (array_agg(t.price ORDER BY t.ts DESC, t.seq DESC))[1],
         sum(t.size), round((sum(t.price * t.size) / nullif(sum(t.size), 0))::numeric, 9), count(*)
    FROM market.ticks AS t WHERE t.instrument_id = instrument AND NOT t.suspicious GROUP BY 1 ORDER BY 1
$$;
CREATE FUNCTION pg_temp.kept(instrument int, minutes int) RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap numeric, ticks bigint) LANGUAGE sql AS $$
  SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, round(c.vwap::numeric, 9), c.ticks FROM market.kept_candles(instrument, minutes, '-infinity', 'infinity') AS c ORDER BY 1
$$;
SELECT pg_temp.feed(:ibm, 0, 100), pg_temp.feed(:ibm, 900, 1000), pg_temp.feed(:ibm, 50, 400) \g /dev/null
SELECT results_eq(format('SELECT * FROM pg_temp.kept(%s, %s)', :ibm, m), format('SELECT * FROM pg_temp.brute(%s, %L, %L)', :ibm, l, o), m || ' minutes while it is incomplete')
  FROM (VALUES (1, '1 minute', '2000-01-01Z'), (5, '5 minutes', '2000-01-01Z'), (15, '15 minutes', '2000-01-01Z'), (60, '1 hour', '2000-01-01 00:30Z')) AS v (m, l, o);
SELECT pg_temp.feed(:ibm, 300, 1000) \g /dev/null
SELECT results_eq(format('SELECT * FROM pg_temp.kept(%s, %s)', :ibm, m), format('SELECT * FROM pg_temp.brute(%s, %L, %L)', :ibm, l, o), m || ' minutes: late, shuffled and doubled ticks end in the same candles')
  FROM (VALUES (1, '1 minute', '2000-01-01Z'), (5, '5 minutes', '2000-01-01Z'), (15, '15 minutes', '2000-01-01Z'), (60, '1 hour', '2000-01-01 00:30Z')) AS v (m, l, o);
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'the engine''s own check agrees');
SELECT isnt((SELECT count(*) FROM market.candle_store AS s WHERE s.minutes = 1440), 0::bigint, 'days are rolled up');
SELECT is((SELECT sum(c.ticks) FROM market.candles_1d AS c), (SELECT count(*)::numeric FROM market.ticks AS t WHERE NOT t.suspicious), 'every tick is in a day');
SELECT internal.roll_candles() \g /dev/null
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'rolling up changes nothing that is seen');

-- What a change costs is what it changes.
CREATE FUNCTION pg_temp.add(instrument int, at timestamptz, price float8 DEFAULT 100) RETURNS int LANGUAGE sql AS $$
  SELECT market.add_candles(ARRAY[instrument], ARRAY[date_bin('1 minute', at, '2000-01-01Z')], ARRAY[price], ARRAY[price], ARRAY[price], ARRAY[price], '{1}', ARRAY[price],
                            ARRAY[at], ARRAY[at], '{0}', '{0}', '{1}')
$$;
SELECT is(pg_temp.add(:btc, '2024-01-08 10:00:01Z', 60000), 1, 'the first tick of an instrument writes one row');
SELECT is(pg_temp.add(:btc, '2024-01-08 10:00:02Z', 60000), 1, 'the next tick of its minute too');
SAVEPOINT late;
SELECT is(pg_temp.add(:ibm, '2024-03-07 14:00:01Z'), 5, 'a late one writes its five candles, however many are stored');
ROLLBACK TO late;
SELECT is(internal.roll_candles(ARRAY[:btc]), 0, 'there is nothing to roll up within five minutes');
SELECT pg_temp.add(:btc, '2024-01-08 10:05:00Z', 60000) \g /dev/null
SELECT is(internal.roll_candles(ARRAY[:btc]), 1, 'a bucket that is over is rolled up, once');
SELECT is(internal.roll_candles(ARRAY[:btc]), 0, 'and not again');

-- Corrections.
SELECT isnt(market.delete_ticks('IBM', '2024-03-08 12:00Z', '2024-03-08 13:00Z'), 0::bigint, 'ticks can be deleted');
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'and leave their candles');
SELECT market.storage_tier() = 'plain' AS plain \gset
\if :plain
DELETE FROM market.ticks AS t WHERE t.instrument_id = :ibm AND t.ts >= '2024-03-08 13:00Z' AND t.ts < '2024-03-08 16:00Z';
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'deleted by hand as well');
\else
SELECT pg_temp.refuses(format('DELETE FROM market.ticks AS t WHERE t.instrument_id = %s', :ibm), 'TR119', 'a hypertable does not say what goes');
\endif
UPDATE market.ticks AS t SET price = 101 WHERE t.instrument_id = :ibm AND t.ts >= '2024-03-08 17:00Z' AND t.ts < '2024-03-08 18:00Z';
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'corrected ticks correct them');
SELECT market.rebuild_candles(:ibm) \g /dev/null
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'built anew they are the same');

-- Grids: hours from the open, days of the exchange.
SELECT is(market.candle_bucket(ts, minutes, market.exchange_id(e)), bucket, format('%s %s %s', e, minutes, ts)) FROM (VALUES
  ('NSE', 60, timestamptz '2019-07-09 04:44:59Z', timestamptz '2019-07-09 03:45Z'), ('NSE', 1440, '2019-07-09 09:59Z', '2019-07-08 18:30Z'), ('NSE', 1440, '2019-07-08 18:29Z', '2019-07-07 18:30Z'),
  ('US', 60, '2024-03-08 14:29Z', '2024-03-08 13:30Z'), ('US', 60, '2024-03-11 13:30Z', '2024-03-11 13:30Z'),
  ('US', 1440, '2024-03-08 20:00Z', '2024-03-08 05:00Z'), ('US', 1440, '2024-03-10 12:00Z', '2024-03-10 05:00Z'), ('US', 1440, '2024-03-11 03:59Z', '2024-03-10 05:00Z'), ('US', 1440, '2024-03-11 04:00Z', '2024-03-11 04:00Z'),
  ('CRYPTO', 1440, '2024-03-10 23:59Z', '2024-03-10 00:00Z'), ('CRYPTO', 60, '2024-03-10 23:59Z', '2024-03-10 23:00Z'),
  ('FX', 1440, '2024-03-10 21:00Z', '2024-03-10 21:00Z'), ('FX', 1440, '2024-03-11 20:59Z', '2024-03-10 21:00Z'), ('FX', 1440, '2024-03-08 21:59Z', '2024-03-07 22:00Z'),
  ('US', 5, '2024-03-10 07:04Z', '2024-03-10 07:00Z')) AS v (e, minutes, ts, bucket);
SELECT is(market.candle_end('2024-03-10 12:00Z', 1440, market.exchange_id('US')) - market.candle_bucket('2024-03-10 12:00Z', 1440, market.exchange_id('US')), interval '23 hours', 'the day on which the clocks go forward has 23 hours');
SELECT is(market.candle_end('2024-11-03 12:00Z', 1440, market.exchange_id('US')) - market.candle_bucket('2024-11-03 12:00Z', 1440, market.exchange_id('US')), interval '25 hours', 'the other one has 25');
SELECT is(market.candle_bucket(now(), 7, 1), NULL, 'no other length is kept');
SELECT is(market.trading_day(market.exchange_id('FX'), '2024-03-10 21:00Z'), '2024-03-11', 'Sunday 17:00 in New York is Monday''s trading day');
SELECT is(market.day_start(market.exchange_id('FX'), '2024-03-11'), '2024-03-10 21:00Z', 'which begins there');

-- Imported bars serve where no ticks are.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT :infy, '1 minute', '2019-07-09 03:45Z'::timestamptz + d * interval '1 day' + m * interval '1 minute', 100 + d + m / 10.0, 101 + d + m / 10.0, 99 + d + m / 10.0, 100.5 + d + m / 10.0, 10
  FROM generate_series(0, 2) AS d, generate_series(0, 374) AS m;
SELECT results_eq(format('SELECT bucket, open, high, low, close, volume, ticks FROM market.candles_1d WHERE instrument_id = %s ORDER BY 1', :infy),
  $$SELECT (date '2019-07-09' + d)::timestamp AT TIME ZONE 'Asia/Kolkata', 100::float8 + d, (138.4 + d)::float8, 99::float8 + d, (137.9 + d)::float8, 3750::float8, NULL::bigint FROM generate_series(0, 2) AS d$$,
  'minute bars make the days of Asia/Kolkata');
SELECT results_eq(format('SELECT bucket FROM market.candles_1h WHERE instrument_id = %s AND bucket < %L ORDER BY 1', :infy, '2019-07-10'),
  $$SELECT timestamptz '2019-07-09 03:45Z' + h * interval '1 hour' FROM generate_series(0, 6) AS h$$, 'and hours that begin with the session');
SELECT is((SELECT count(*) FROM market.candles('INFY', '3 minutes')), 375::bigint, 'and candles of other lengths');
DELETE FROM market.bars AS b WHERE b.instrument_id = :infy AND b.ts > '2019-07-11';
UPDATE market.bars AS b SET high = 1000 WHERE b.instrument_id = :infy AND b.ts = '2019-07-10 04:00Z';
SELECT results_eq(format('SELECT high FROM market.candles_1d WHERE instrument_id = %s ORDER BY bucket', :infy), 'VALUES (138.4::float8), (1000)', 'deleted and corrected bars correct them');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (:infy, '1 day', '2019-07-08 18:30Z', 1, 2, 1, 2, 5);
SELECT is((SELECT c.open FROM market.candles_1d AS c WHERE c.instrument_id = :infy ORDER BY c.bucket LIMIT 1), 1::float8, 'a bar of the length itself goes before');
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2019-07-09 04:00Z', 103, 7, :infy);
SELECT results_eq(format('SELECT open, volume, ticks, source FROM market.candles_1d WHERE instrument_id = %s ORDER BY bucket LIMIT 1', :infy), $$VALUES (1::float8, 5::float8, NULL::bigint, 'bars')$$, 'also before a tick that does not make the whole day');
SELECT results_eq(format('SELECT ticks FROM market.candles_1m WHERE instrument_id = %s AND bucket BETWEEN %L AND %L ORDER BY bucket', :infy, '2019-07-09 03:59Z', '2019-07-09 04:01Z'),
  'VALUES (NULL::bigint), (NULL), (NULL)', 'nor the whole minute');

-- Any length.
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-05-06 00:00Z' + n * interval '30 s', 60000 + n, 0.5, :btc FROM generate_series(0, 20159) AS n;
SELECT is((SELECT count(*) FROM market.candles('BTC', l::interval, '2024-05-06', '2024-05-13')), n, 'candles of ' || l) FROM (VALUES ('10 seconds', 20160::bigint), ('90 seconds', 6720), ('3 minutes', 3360), ('2 hours', 84), ('7 minutes', 7 * 206), ('1 week', 1), ('3 days', 2), ('1 month', 0)) AS v (l, n);
SELECT results_eq($$SELECT bucket, open, close, volume, ticks FROM market.candles('BTC', '2 hours', '2024-05-06 02:00Z', '2024-05-06 03:00Z')$$, $$VALUES (timestamptz '2024-05-06 02:00Z', 60240::float8, 60479::float8, 120::float8, 240::bigint)$$, 'two hours are made of all their ticks');
SELECT is((SELECT c.bucket FROM market.candles('BTC', '1 week', '2024-05-01', '2024-05-31') AS c LIMIT 1), '2024-05-06 00:00Z', 'weeks begin on Mondays');
SELECT is((SELECT c.bucket FROM market.candles('BTC', '1 month', '2024-05-01') AS c LIMIT 1), '2024-05-01 00:00Z', 'months on their first day');
SELECT results_eq($$SELECT (bucket AT TIME ZONE 'America/New_York')::time FROM market.candles('IBM', '2 hours', '2024-03-07 14:00Z', '2024-03-08') LIMIT 3$$, $$VALUES (time '09:30'), ('11:30'), ('13:30')$$, 'within a day they count from the open');
SELECT pg_temp.refuses(format('SELECT * FROM market.candles(''IBM'', %s)', r), 'TR104', 'a length of ' || r) FROM unnest(ARRAY['NULL', '''0''', '''-1 minute''', '''25 hours''', '''1 day 1 hour''', '''1 month 1 day''', '''100 years''']) AS r;

-- Gaps are absent, and filled on request.
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2024-06-03 13:31:10Z', 200, 5, :ibm), ('2024-06-03 13:34:10Z', 201, 5, :ibm), ('2024-06-04 13:31:00Z', 202, 5, :ibm);
SELECT results_eq($$SELECT bucket, open, close, volume, ticks FROM market.candles_filled('IBM', '1 minute', '2024-06-03 13:00Z', '2024-06-03 13:36Z')$$,
  $$VALUES (timestamptz '2024-06-03 13:31Z', 200::float8, 200::float8, 5::float8, 1::bigint), ('2024-06-03 13:32Z', 200, 200, 0, 0), ('2024-06-03 13:33Z', 200, 200, 0, 0), ('2024-06-03 13:34Z', 201, 201, 5, 1), ('2024-06-03 13:35Z', 201, 201, 0, 0)$$,
  'empty minutes repeat the close');
SELECT is((SELECT count(*) FROM market.candles_filled('IBM', '1 minute', '2024-06-03 13:00Z')), 389 + 2::bigint, 'nights are no gaps');
SELECT is((SELECT count(*) FROM market.candles_filled('BTC', '1 day', '2024-05-01', '2024-06-01')), 26::bigint, 'days of a market that never closes');

-- A candle closes once, by event time; a late tick revises it.
CREATE FUNCTION pg_temp.journal() RETURNS TABLE (line text) LANGUAGE sql AS $$
  SELECT format('%s %s %s %s %s', e.kind, e.payload ->> 'minutes', to_char(e.at, 'HH24:MI'), e.payload ->> 'close', e.payload ->> 'ticks')
    FROM ops.events AS e WHERE e.kind LIKE 'candle.%' AND e.instrument_id = market.instrument_id('EURUSD') ORDER BY e.event_id
$$;
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-05-07 10:03Z' + n * interval '30 s', 1.1, 1, :fx FROM generate_series(0, 5) AS n;
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 10:04:01Z'), 0, 'grace is left');
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 10:04:02Z'), 1, 'grace has passed');
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 10:04:30Z'), 0, 'once');
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 10:03:30Z'), 0, 'time does not run back');
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 10:06:10Z'), 3, 'two minutes and five');
SELECT results_eq('SELECT line FROM pg_temp.journal()', $$VALUES ('candle.closed 1 10:04 1.1 2'), ('candle.closed 1 10:05 1.1 2'), ('candle.closed 5 10:05 1.1 4'), ('candle.closed 1 10:06 1.1 2')$$, 'as rows of the journal');
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2024-05-07 10:04:59Z', 1.2, 1, :fx), ('2024-05-07 10:06:59Z', 1.3, 1, :fx);
SELECT results_eq('SELECT line FROM pg_temp.journal() OFFSET 4', $$VALUES ('candle.revised 1 10:05 1.2 3'), ('candle.revised 5 10:05 1.2 5')$$, 'what comes late revises the closed ones, and closes nothing again');
UPDATE market.candle_settings SET grace = '0', journaled = '{60}';
SELECT is(market.close_candles(ARRAY[:fx], '2024-05-07 11:00Z'), 1, 'lengths and grace are settings');
SELECT market.add_instrument('GBPUSD', 'FX', kind => 'fx') \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-05-07 10:03Z' + n * interval '1 h', 1, 1, market.instrument_id('GBPUSD') FROM generate_series(0, 5) AS n;
SELECT is(market.close_candles(ARRAY[market.instrument_id('GBPUSD')], '2024-05-07 16:00Z', '2024-05-07 13:00Z'), 3, 'of history only what begins then');
SELECT is(market.close_candles(ARRAY[market.instrument_id('GBPUSD')], '2024-05-07 17:00Z', '2024-05-07 10:00Z'), 0, 'nothing twice');

-- An emptied table has no candles, so that the same ticks can come again; those of ticks that were dropped by policy stay.
UPDATE market.tick_policy SET dropped_before = '2024-05-10 02:00Z';
CREATE TEMPORARY TABLE kept AS SELECT m AS minutes, i.instrument_id, c.* FROM market.instruments AS i, unnest('{1,5,15,60,1440}'::int[]) AS m, market.kept_candles(i.instrument_id, m, '-infinity', '2024-05-10') AS c
 WHERE c.ticks > 0 AND market.candle_end(c.bucket, m, i.exchange_id) <= '2024-05-10 02:00Z';
TRUNCATE market.ticks;
SELECT is((SELECT count(*) FROM market.candles_1m AS c WHERE c.ticks > 0 AND c.bucket >= '2024-05-10 02:00Z'), 0::bigint, 'emptied');
SELECT is_empty($$SELECT k.minutes, k.instrument_id, k.bucket, k.open, k.high, k.low, k.close, k.volume, k.ticks FROM kept AS k EXCEPT
  SELECT m, i.instrument_id, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks FROM market.instruments AS i, unnest('{1,5,15,60,1440}'::int[]) AS m, market.kept_candles(i.instrument_id, m, '-infinity', 'infinity') AS c$$, 'but for what is older');
SELECT results_eq($$SELECT m, c.bucket, c.ticks FROM unnest('{60,1440}'::int[]) AS m, market.kept_candles(market.instrument_id('BTC'), m, '2024-05-10', 'infinity') AS c$$,
  $$VALUES (60, timestamptz '2024-05-10 00:00Z', 120::bigint), (60, '2024-05-10 01:00Z', 120), (1440, '2024-05-10 00:00Z', 240)$$, 'also of a day that began before');
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-05-10 02:00Z' + n * interval '30 s', 60000 + n, 0.5, :btc FROM generate_series(0, 2639) AS n;
SELECT results_eq(format('SELECT bucket, high, ticks FROM market.candles_1d WHERE instrument_id = %s AND bucket >= %L', :btc, '2024-05-09'),
  $$VALUES (timestamptz '2024-05-09 00:00Z', 71519::float8, 2880::bigint), ('2024-05-10 00:00Z', 71759, 2880)$$, 'what comes again counts once');
-- Nor do corrections beside them touch candles of ticks that were dropped.
UPDATE market.ticks SET price = 1 WHERE instrument_id = :btc AND ts = '2024-05-10 03:00Z';
SELECT is(market.delete_ticks('BTC', '-infinity', '2024-05-10 02:10Z'), 20::bigint, 'deleted as far back as there are');
SELECT results_eq(format('SELECT bucket, low, ticks FROM market.candles_1d WHERE instrument_id = %s AND bucket >= %L', :btc, '2024-05-09'),
  $$VALUES (timestamptz '2024-05-09 00:00Z', 68640::float8, 2880::bigint), ('2024-05-10 00:00Z', 1, 2860)$$, 'a day keeps what was dropped of it');
SELECT is_empty($$SELECT k.minutes, k.instrument_id, k.bucket, k.open, k.high, k.low, k.close, k.volume, k.ticks FROM kept AS k EXCEPT
  SELECT m, i.instrument_id, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks FROM market.instruments AS i, unnest('{1,5,15,60,1440}'::int[]) AS m, market.kept_candles(i.instrument_id, m, '-infinity', 'infinity') AS c$$, 'and older ones stay');
TRUNCATE market.bars;
SELECT is((SELECT count(*) FROM market.candles_1h AS c WHERE c.ticks IS NULL), 0::bigint, 'nor have emptied bars');

SELECT * FROM finish();
ROLLBACK;
