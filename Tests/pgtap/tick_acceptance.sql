-- What anybody may write to market.ticks and market.quote_ticks, and what becomes of it.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SET LOCAL application_name = 'a client';
SELECT market.instrument_id('IBM') AS ibm \gset
SELECT market.ensure_tick_partitions('2024-01-08', '2024-01-09') \g /dev/null

CREATE FUNCTION pg_temp.tick(price float8, at timestamptz, size float8 DEFAULT 1, instrument int DEFAULT market.instrument_id('IBM')) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_before bigint := coalesce((SELECT max(r.rejected_id) FROM market.rejected_ticks AS r), 0);
BEGIN
  INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES (at, price, size, instrument);
  RETURN coalesce((SELECT r.reason::text FROM market.rejected_ticks AS r WHERE r.rejected_id > v_before),
                  (SELECT 'stored' FROM market.ticks AS t WHERE t.ts = at AND t.instrument_id = instrument));
END
$$;
SELECT is(pg_temp.tick(p, t, s, coalesce(i, :ibm)), r, format('%s at %s: %s', p, t, r)) FROM (VALUES
  (100::float8, timestamptz '2024-01-08 15:00:00Z', 1::float8, NULL::int, 'stored'), (101, '2024-01-08 15:00:01Z', 0, NULL, 'stored'),
  ('NaN', '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'), ('Infinity', '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'), (1e308, '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'), (1e-320, '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'), (0, '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'), (-1, '2024-01-08 15:00:02Z', 1, NULL, 'bad_price'),
  (100, '2024-01-08 15:00:02Z', -1, NULL, 'bad_size'), (100, '2024-01-08 15:00:02Z', 'NaN', NULL, 'bad_size'), (100, '2024-01-08 15:00:02Z', 1e300, NULL, 'bad_size'), (100, '2024-01-08 15:00:02Z', 1e-320, NULL, 'bad_size'), (100, '2250-01-01', 1, NULL, 'bad_time'), (100, '2200-01-01Z', 1, NULL, 'bad_time'), (100, '2300-01-01', 1, NULL, 'bad_time'),
  (100, '2024-01-08 15:00:02Z', 1, -5, 'unknown_instrument'), (100, '2024-01-08 15:00:02Z', 1, 2147483647, 'unknown_instrument'),
  (1011, '2024-01-08 15:00:03Z', 1, NULL, 'jump'), (9.9, '2024-01-08 15:00:04Z', 1, NULL, 'jump'), (1009, '2024-01-08 15:00:05Z', 1, NULL, 'stored')) AS v (p, t, s, i, r);
SELECT market.storage_tier() = 'plain' AS plain \gset
SELECT is(pg_temp.tick(100, 'infinity'), 'bad_time', 'a time without end');
-- A hypertable has no chunk for one without beginning.
\if :plain
SELECT is(pg_temp.tick(100, '-infinity'), 'bad_time', 'or without beginning');
DELETE FROM market.rejected_ticks AS r WHERE r.ts = '-infinity';
\else
SELECT pg_temp.refuses('SELECT pg_temp.tick(100, ''-infinity'')', '22008', 'or without beginning');
\endif
DELETE FROM market.rejected_ticks AS r WHERE r.ts = 'infinity';
SELECT is((SELECT c.high FROM market.candles_1d AS c WHERE c.instrument_id = :ibm), 1009::float8, 'what is rejected is in no candle');
SELECT results_eq($$SELECT c.reason::text, c.ticks FROM market.rejection_counts AS c WHERE c.feed = 'a client' ORDER BY c.reason$$,
  $$VALUES ('unknown_instrument', 2::bigint), ('bad_time', 3), ('bad_price', 6), ('bad_size', 4), ('jump', 2)$$, 'rejections are counted by reason');

-- A market that has really moved is followed: the second price that agrees is accepted.
SELECT is(pg_temp.tick(20000, '2024-01-08 15:01:00Z'), 'jump', 'one price far away is absurd');
SELECT is(pg_temp.tick(20001, '2024-01-08 15:01:01Z'), 'stored', 'a second one is the market');
SELECT is(pg_temp.tick(20002, '2024-01-08 15:01:02Z'), 'stored', 'from then on');
INSERT INTO market.ticks (ts, price, size, instrument_id)
SELECT timestamptz '2024-01-09 15:00Z' + n * interval '1 s', CASE WHEN n IN (5, 9) THEN 1 WHEN n >= 15 THEN 1000 ELSE 20000 END, 1, :ibm FROM generate_series(0, 20) AS n;
SELECT results_eq($$SELECT extract(second FROM ts)::int FROM market.rejected_ticks WHERE ts BETWEEN '2024-01-09' AND '2024-01-10' ORDER BY ts$$, 'VALUES (5), (9), (15)', 'in one statement as well');
-- What comes again, or late, is judged by what lies before it in time: a jump stays one, and its own rejection is no second opinion.
SELECT is(pg_temp.tick(1, '2024-01-09 15:00:09Z'), 'jump', 'a jump that comes again is one again');
SELECT is(pg_temp.tick(5, '2024-01-09 15:00:09.5Z'), 'stored', 'a tick that agrees with a jump right before it is none');
SELECT is(pg_temp.tick(19999, '2024-01-09 15:00:10.5Z'), 'stored', 'late, it is compared with the tick before, not with the last one of the minute');
SELECT is(pg_temp.tick(1500, '2024-01-09 15:00:07.5Z'), 'jump', 'whatever that is');
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('1800-01-01Z', 100, 1, :ibm), ('2024-01-09 15:30Z', 5, 1, :ibm);
SELECT is((SELECT array_agg(r.reason ORDER BY r.ts)::text FROM market.rejected_ticks AS r WHERE r.ts IN ('1800-01-01Z', '2024-01-09 15:30Z')), '{bad_time,jump}',
  'beside a tick of an impossible time, too');
-- What a rule doubts is not judged, and nothing is compared with it.
INSERT INTO market.sale_conditions (exchange_id, sale_condition) VALUES (market.exchange_id('US'), 'block');
INSERT INTO market.ticks (ts, price, size, instrument_id, sale_condition) VALUES ('2024-01-09 15:31:00Z', 300000, 1, :ibm, 'block'), ('2024-01-09 15:31:01Z', 290000, 1, :ibm, NULL);
SELECT results_eq($$SELECT t.price, t.suspicious FROM market.ticks AS t WHERE t.ts BETWEEN '2024-01-09 15:31Z' AND '2024-01-09 15:32Z'$$, 'VALUES (300000::float8, true)', 'it is stored, and the price that agrees with it is a jump');
UPDATE market.instruments SET price_collar = 2 WHERE instrument_id = :ibm;
SELECT is(pg_temp.tick(2001, '2024-01-09 16:00:00Z'), 'jump', 'an instrument may have a collar of its own');
UPDATE market.instruments SET price_collar = NULL WHERE instrument_id = :ibm;
UPDATE market.exchanges SET price_collar = NULL;
SELECT is(pg_temp.tick(1e9, '2024-01-09 16:00:01Z'), 'stored', 'or there is none');
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', :ibm), 'candles agree with what was accepted');

-- A tick counts once; suspicious ones are stored and in no candle.
SELECT pg_temp.refuses($$SELECT pg_temp.tick(1, '2024-01-09 16:00:01Z')$$, '23505', 'the same tick again');
INSERT INTO market.sale_conditions (exchange_id, sale_condition) VALUES (market.exchange_id('US'), 'odd');
INSERT INTO market.ticks (ts, price, size, instrument_id, suspicious, sale_condition) VALUES ('2024-01-09 17:00Z', 1, 1, :ibm, true, NULL), ('2024-01-09 17:01Z', 2, 1, :ibm, false, 'odd'), ('2024-01-09 17:02Z', 3, 1, :ibm, false, 'even');
SELECT results_eq($$SELECT price, suspicious FROM market.ticks WHERE ts >= '2024-01-09 17:00Z' ORDER BY ts$$, 'VALUES (1::float8, true), (2, true), (3, false)', 'the feed or a rule doubts a tick');
SELECT results_eq($$SELECT open, ticks FROM market.candles_1m WHERE bucket >= '2024-01-09 17:00Z'$$, 'VALUES (3::float8, 1::bigint)', 'and it is in no candle');
SELECT is((SELECT t.stored_at FROM market.ticks AS t WHERE t.ts = '2024-01-09 17:02Z'), now(), 'when it was stored is known');

-- Reading on.
SELECT results_eq(format('SELECT ts, price FROM market.next_ticks(ARRAY[%s], %L, %L, %L, 3)', :ibm, '{2024-01-09 15:00:13Z}', '{0}', 'infinity'),
  $$VALUES (timestamptz '2024-01-09 15:00:14Z', 20000::float8), ('2024-01-09 15:00:16Z', 1000), ('2024-01-09 15:00:17Z', 1000)$$, 'the next ticks behind a position');
SELECT results_eq(format('SELECT ts FROM market.next_ticks(ARRAY[%s], %L, %L, %L, 3)', :ibm, '{2024-01-09 15:00:20Z}', '{0}', 'infinity'), $$VALUES (timestamptz '2024-01-09 16:00:01Z')$$, 'across a gap');
SELECT is_empty(format('SELECT ts FROM market.next_ticks(ARRAY[%s], %L, %L, %L, 3)', :ibm, '{2024-01-09 17:02Z}', '{0}', 'infinity'), 'none behind the last');
SELECT is((SELECT t.ts FROM market.last_tick(:ibm, 'infinity') AS t), '2024-01-09 17:02Z', 'the last tick');
SELECT is((SELECT t.ts FROM market.last_tick(:ibm, '2024-01-09 15:00:15.5Z') AS t), '2024-01-09 15:00:14Z', 'the last tick at a time');
SELECT is_empty(format('SELECT * FROM market.last_tick(%s, %L)', :ibm, '2024-01-08 14:00Z'), 'none before the first');

-- Quotes.
INSERT INTO market.quote_ticks (ts, bid, ask, bid_size, ask_size, instrument_id) VALUES
  ('2024-01-08 15:00:00Z', 99.9, 100.1, 300, 400, :ibm), ('2024-01-08 15:00:01Z', 99.8, 100.2, 1, 2, :ibm), ('2024-01-08 15:00:02Z', -1, 100, 1, 1, :ibm), ('2024-01-08 15:00:03Z', 99, 'NaN', 1, 1, :ibm),
  ('2024-01-08 15:00:04Z', 99, 100, 'NaN', 1, :ibm), ('2024-01-08 15:00:05Z', 99, 100, 1, 1, -1);
SELECT results_eq('SELECT bid, ask, bid_size, ask_size, quoted_at, last FROM market.quotes', $$VALUES (99.8::float8, 100.2::float8, 1::float8, 2::float8, timestamptz '2024-01-08 15:00:01Z', 100::float8)$$, 'the latest bid and offer beside the last price');
SELECT is((SELECT count(*) FROM market.quote_ticks), 2::bigint, 'quotes that cannot be are not stored');
INSERT INTO market.quote_ticks (ts, bid, ask, instrument_id) VALUES ('2024-01-08 14:00:00Z', 50, 51, :ibm);
SELECT is((SELECT q.bid FROM market.quotes AS q), 99.8::float8, 'an old one changes nothing');
SELECT is(market.quote_is_stale(:ibm, t), s, t::text) FROM (VALUES (timestamptz '2024-01-08 15:00:30Z', false), ('2024-01-08 15:01:01Z', false), ('2024-01-08 15:01:01.000001Z', true)) AS v (t, s);
SELECT is(market.quote_is_stale(-1, now()), true, 'no quote is no fresh one');
SELECT lives_ok(format('SELECT market.require_fresh_quote(%s, %L)', :ibm, '2024-01-08 15:00:30Z'), 'a fresh one may be filled at');
SELECT is((SELECT (q.last, q.bid, q.ask_size, q.ts IS NOT NULL)::text FROM market.require_fresh_quote(:ibm, '2024-01-08 15:00:30Z') AS q), '(,99.8,2,t)', 'a fresh bid beside an old trade');
SELECT market.upsert_quotes(ARRAY[:ibm], '{2024-01-08 15:01:02Z}', '{101}', '{7}');
SELECT is((SELECT (q.last, q.last_size, q.bid, q.ask)::text FROM market.require_fresh_quote(:ibm, '2024-01-08 15:01:30Z') AS q), '(101,7,,)', 'and a fresh trade beside an old bid');
SELECT pg_temp.refuses(format('SELECT market.require_fresh_quote(%s, %L)', i, t), c, c) FROM (VALUES (:ibm, '2024-01-08 15:03Z', 'TR109'), (-1, '2024-01-08 15:00Z', 'TR105')) AS v (i, t, c);
SELECT is((SELECT q.is_stale AND q.age > interval '1 year' FROM market.latest_quotes AS q), true, 'its age is visible');

-- Partitions come and go by policy; candles stay.
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-20') AS k), 0, 'kept for ever');
SELECT is(market.tick_target('2024-01-27') ~ 'default$' OR to_regclass('market.quote_ticks_20240127') IS NULL OR coalesce(market.tick_target('2024-01-28'), 'default') !~ 'default$', false, 'a week is made ahead');
UPDATE market.tick_policy SET keep_days = 11, archives = true;
SELECT market.ensure_tick_partitions('2024-01-01', '2024-01-03') \g /dev/null
SELECT is(pg_temp.tick(100, day + interval '15 hours'), 'stored', 'a tick of ' || day) FROM generate_series('2024-01-01Z', '2024-01-03Z', interval '24 hours') AS s (day);
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-20', 1) AS k), 2, 'a day at a time');
SELECT is((SELECT p.dropped_before FROM market.tick_policy AS p), timestamptz '2024-01-02Z', 'the oldest first');
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-12', 7) AS k), 0, 'never more than the policy says');
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-18') AS k), 4, 'or all at once');
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-20') AS k), 2, 'ticks and quotes of a day that is too old');
SELECT is(to_regclass('archive.ticks_20240108') IS NOT NULL AND NOT EXISTS (SELECT FROM market.ticks AS t WHERE t.ts < '2024-01-09Z'), true, 'are put aside');
SELECT is((SELECT sum(c.ticks) FROM market.candles_1d AS c WHERE c.bucket < '2024-01-09'), 8::numeric, 'their candles are there');
SELECT is(pg_temp.tick(100, '2024-01-08 15:00:00Z'), 'bad_time', 'a tick of that day cannot be told from one that is gone');
UPDATE market.tick_policy SET keep_days = 10, archives = false;
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-20') AS k), 2, 'or dropped');
SELECT is(to_regclass('archive.ticks_20240109'), NULL, 'for good');
SELECT pg_temp.refuses(format('SELECT market.apply_tick_retention(%s)', t), c, t) FROM (VALUES ('NULL', 'TR104'), ('''infinity''', 'TR104'), ('''1700-01-01''', 'TR104'), ('''2024-01-20'', 0', 'TR104')) AS v (t, c);

SELECT * FROM finish();
ROLLBACK;
