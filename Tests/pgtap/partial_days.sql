-- Ticks of a part of the time hide no vendor's bar: whether they are complete decides, not whether there are some, and in whichever order they came.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument('PART'), market.add_instrument('LATER'), market.add_instrument('FULL'), market.add_instrument('MIX'), market.add_instrument('WEEK'), market.add_instrument('COIN', 'CRYPTO') \g /dev/null
CREATE FUNCTION pg_temp.shown(symbol text, resolution interval, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity') RETURNS TABLE (line text) LANGUAGE sql
AS $$ SELECT format('%s %s/%s/%s/%s %s %s %s', to_char(c.bucket AT TIME ZONE 'America/New_York', 'DD HH24:MI'), c.open, c.high, c.low, c.close, c.volume, coalesce(c.ticks::text, '-'), c.source)
        FROM market.candles(symbol, resolution, from_time, until_time) AS c ORDER BY c.bucket $$;
CREATE FUNCTION pg_temp.bar(symbol text, resolution interval, ts timestamptz, open float8, high float8, low float8, close float8, volume float8, vendor text DEFAULT NULL) RETURNS void LANGUAGE sql
AS $$ INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume, vendor) VALUES (market.instrument_id(symbol), resolution, ts, open, high, low, close, volume, vendor) $$;
CREATE FUNCTION pg_temp.tick(symbol text, ts timestamptz, price float8, size float8) RETURNS void LANGUAGE sql
AS $$ INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES (ts, price, size, market.instrument_id(symbol)) $$;

-- A day bar and two late ticks, in both orders.
SELECT pg_temp.bar('PART', '1 day', '2024-01-03 05:00Z', 100, 108, 95, 104, 1000000), pg_temp.bar('PART', '1 day', '2024-01-04 05:00Z', 104, 106, 103, 105, 900000) \g /dev/null
SELECT pg_temp.tick('PART', '2024-01-03 20:30Z', 103.5, 100), pg_temp.tick('PART', '2024-01-03 20:59:59Z', 104, 50) \g /dev/null
SELECT pg_temp.tick('LATER', '2024-01-03 20:30Z', 103.5, 100), pg_temp.tick('LATER', '2024-01-03 20:59:59Z', 104, 50) \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('LATER', '1 day')$$, $$VALUES ('03 00:00 103.5/104/103.5/104 150 2 ticks')$$, 'without a bar there are ticks');
SELECT pg_temp.bar('LATER', '1 day', '2024-01-03 05:00Z', 100, 108, 95, 104, 1000000, 'acme'), pg_temp.bar('LATER', '1 day', '2024-01-04 05:00Z', 104, 106, 103, 105, 900000) \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 day')$$, $$VALUES ('03 00:00 100/108/95/104 1000000 - bars'), ('04 00:00 104/106/103/105 900000 - bars')$$, 'the bar, when it came first');
SELECT results_eq($$SELECT line FROM pg_temp.shown('LATER', '1 day')$$, $$VALUES ('03 00:00 100/108/95/104 1000000 - acme'), ('04 00:00 104/106/103/105 900000 - bars')$$, 'and when it came last, with the name of its vendor');
SELECT results_eq($$SELECT c.open, c.high, c.low, c.close, c.volume, c.vwap, c.source FROM market.candles_1d AS c WHERE c.instrument_id = market.instrument_id('PART') ORDER BY c.bucket LIMIT 1$$, $$VALUES (100::float8, 108::float8, 95::float8, 104::float8, 1000000::float8, NULL::float8, 'bars')$$, 'the view says the same');
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 minute')$$, $$VALUES ('03 15:30 103.5/103.5/103.5/103.5 100 1 ticks'), ('03 15:59 104/104/104/104 50 1 ticks')$$, 'minutes, of which there is no bar, are there');
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 week')$$, $$VALUES ('01 00:00 100/108/95/105 1900000 - bars')$$, 'weeks are made of the whole days');
SELECT results_eq($$SELECT c.close, c.volume, c.source FROM market.candles('PART', '1 day', adjusted => true) AS c$$, $$SELECT c.close, c.volume, c.source FROM market.candles('PART', '1 day') AS c$$, 'the adjusted series has them, too');
SELECT is_empty(format('SELECT * FROM market.check_candles(%s)', market.instrument_id('PART')), 'the candles of ticks are kept all the same');

-- Retention drops the ticks, and a correction the bar: what is left is shown.
SELECT market.delete_ticks('LATER', '2024-01-03', '2024-01-04') \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('LATER', '1 day') LIMIT 1$$, $$VALUES ('03 00:00 100/108/95/104 1000000 - acme')$$, 'deleted ticks take no bar along');
UPDATE market.bars SET high = 109 WHERE instrument_id = market.instrument_id('PART') AND ts = '2024-01-03 05:00Z';
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 day') LIMIT 1$$, $$VALUES ('03 00:00 100/109/95/104 1000000 - bars')$$, 'a corrected bar is shown');
SAVEPOINT without_bars;
DELETE FROM market.bars WHERE instrument_id = market.instrument_id('PART');
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 day')$$, $$VALUES ('03 00:00 103.5/104/103.5/104 150 2 ticks')$$, 'without it the ticks are all there is');
ROLLBACK TO without_bars;

-- Somebody says that they are complete, or are not.
SELECT is(market.set_tick_coverage('PART', '2024-01-03'), 1, 'a day of which somebody says that its ticks are complete');
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 day')$$, $$VALUES ('03 00:00 103.5/104/103.5/104 150 2 ticks'), ('04 00:00 104/106/103/105 900000 - bars')$$, 'is made of ticks');
SELECT is(market.set_tick_coverage('PART', '2024-01-03', is_complete => NULL), 1, 'taken back');
SELECT results_eq($$SELECT line FROM pg_temp.shown('PART', '1 day') LIMIT 1$$, $$VALUES ('03 00:00 100/109/95/104 1000000 - bars')$$, 'the ticks tell again');
SELECT pg_temp.refuses(format('SELECT market.set_tick_coverage(%s)', a), c, a) FROM (VALUES ('NULL, ''2024-01-03''', 'TR104'), ('''NO'', ''2024-01-03''', 'TR101'), ('''PART'', NULL', 'TR104'), ('''PART'', ''2024-01-03'', ''2024-01-02''', 'TR104'),
  ('''PART'', ''1024-01-03''', 'TR104'), ('''PART'', ''infinity''', 'TR104'), ('''PART'', ''2000-01-03'', ''2024-01-02''', 'TR104')) AS w (a, c);

-- From the open to the close the ticks count, on every length; a tick at either end alone does not make a day.
SELECT pg_temp.bar('FULL', '1 day', '2024-01-03 05:00Z', 100, 108, 95, 104, 400), pg_temp.bar('FULL', '1 day', '2024-01-04 05:00Z', 100, 108, 95, 104, 400), pg_temp.bar('FULL', '1 day', '2024-01-05 05:00Z', 100, 108, 95, 104, 400),
       pg_temp.bar('FULL', '1 hour', '2024-01-03 15:30Z', 1, 2, 1, 2, 10), pg_temp.bar('FULL', '1 minute', '2024-01-03 15:30Z', 1, 2, 1, 2, 1) \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-03 14:31Z' + n * interval '1 minute', 100 + n / 100.0, 1, market.instrument_id('FULL') FROM generate_series(0, 387) AS n;
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-04 15:31Z' + n * interval '1 minute', 100 + n / 100.0, 1, market.instrument_id('FULL') FROM generate_series(0, 327) AS n;
SELECT pg_temp.tick('FULL', '2024-01-05 14:30Z', 101, 1), pg_temp.tick('FULL', '2024-01-05 20:59Z', 102, 1) \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('FULL', '1 day')$$, $$VALUES ('03 00:00 100/103.87/100/103.87 388 388 ticks'), ('04 00:00 100/108/95/104 400 - bars'), ('05 00:00 100/108/95/104 400 - bars')$$,
  'ticks from open to close; an hour late; too few of them');
SELECT results_eq($$SELECT line FROM pg_temp.shown('FULL', '1 hour', '2024-01-03 15:30Z', '2024-01-03 16:30Z')$$, $$VALUES ('03 10:30 100.59/101.18/100.59/101.18 60 60 ticks')$$, 'hours of a complete day');
SELECT results_eq($$SELECT line FROM pg_temp.shown('FULL', '1 minute', '2024-01-03 15:30Z', '2024-01-03 15:31Z')$$, $$VALUES ('03 10:30 100.59/100.59/100.59/100.59 1 1 ticks')$$, 'and minutes');
INSERT INTO market.holidays (exchange_id, day, name, opens, closes) VALUES (market.exchange_id('US'), '2024-01-05', 'half a day', '09:30', '13:00');
SELECT pg_temp.bar('FULL', '1 day', '2024-01-08 05:00Z', 100, 100, 100, 100, 4) \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-05 14:31Z' + n * interval '1 minute', 100, 1, market.instrument_id('FULL') FROM generate_series(0, 207) AS n;
SELECT results_eq($$SELECT line FROM pg_temp.shown('FULL', '1 day', '2024-01-05', '2024-01-06')$$, $$VALUES ('05 00:00 101/102/100/102 210 210 ticks')$$, 'a shortened day is over earlier');
SELECT pg_temp.tick('FULL', '2024-01-08 16:00Z', 100, 5) \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('FULL', '1 day', '2024-01-06')$$, $$VALUES ('08 00:00 100/100/100/100 5 1 ticks')$$, 'ticks that know all that the bar knows count');
SELECT pg_temp.bar('COIN', '1 day', '2024-01-06 00:00Z', 10, 12, 9, 11, 100) \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-06 00:00Z' + n * interval '1 hour', 10, 3, market.instrument_id('COIN') FROM generate_series(0, 23) AS n;
SELECT is((SELECT c.source FROM market.candles('COIN', '1 day') AS c), 'bars', 'a market that never closes has ticks until midnight');
SELECT pg_temp.tick('COIN', '2024-01-06 23:58Z', 10, 1) \g /dev/null
SELECT is((SELECT c.source FROM market.candles('COIN', '1 day') AS c), 'ticks', 'then they are complete');

-- Minute bars until noon, ticks in a part of that and from noon on: what bars cover is theirs, the rest of the ticks.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('MIX'), '1 minute', timestamptz '2024-01-03 14:30Z' + n * interval '1 minute', 50, 51, 49, 50, 100 FROM generate_series(0, 149) AS n;
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz '2024-01-03 16:50:20Z' + n * interval '1 minute', 50.5, 10, market.instrument_id('MIX') FROM generate_series(0, 69) AS n;
SELECT results_eq($$SELECT line FROM pg_temp.shown('MIX', '1 minute', '2024-01-03 16:58Z', '2024-01-03 17:02Z')$$,
  $$VALUES ('03 11:58 50/51/49/50 100 - bars'), ('03 11:59 50/51/49/50 100 - bars'), ('03 12:00 50.5/50.5/50.5/50.5 10 1 ticks'), ('03 12:01 50.5/50.5/50.5/50.5 10 1 ticks')$$, 'minutes');
SELECT results_eq($$SELECT line FROM pg_temp.shown('MIX', '5 minutes', '2024-01-03 16:50Z', '2024-01-03 17:05Z')$$,
  $$VALUES ('03 11:50 50/51/49/50 500 - bars'), ('03 11:55 50/51/49/50 500 - bars'), ('03 12:00 50.5/50.5/50.5/50.5 50 5 ticks')$$, 'five minutes');
SELECT results_eq($$SELECT line FROM pg_temp.shown('MIX', '1 hour')$$,
  $$VALUES ('03 09:30 50/51/49/50 6000 - bars'), ('03 10:30 50/51/49/50 6000 - bars'), ('03 11:30 50/51/49/50.5 3300 - bars+ticks'), ('03 12:30 50.5/50.5/50.5/50.5 300 30 ticks')$$, 'an hour that has both');
SELECT results_eq($$SELECT line FROM pg_temp.shown('MIX', '1 day')$$, $$VALUES ('03 00:00 50/51/49/50.5 15600 - bars+ticks')$$, 'the day');
SELECT results_eq($$SELECT line FROM pg_temp.shown('MIX', '2 hours')$$, $$VALUES ('03 09:30 50/51/49/50 12000 - bars'), ('03 11:30 50/51/49/50.5 3600 60 bars+ticks')$$, 'other lengths');
SELECT results_eq($$SELECT DISTINCT c.source FROM market.candles_filled('MIX', '1 minute', '2024-01-03 14:30Z', '2024-01-03 20:00Z') AS c ORDER BY 1$$, $$VALUES ('bars'), ('filled'), ('ticks')$$, 'what is filled in says so');

-- A vendor's week beside one of its days, or a tick.
SELECT pg_temp.bar('WEEK', '7 days', '2024-01-08 05:00Z', 10, 15, 9, 14, 5000), pg_temp.bar('WEEK', '1 day', '2024-01-10 05:00Z', 12, 13, 12, 13, 900), pg_temp.tick('WEEK', '2024-01-11 15:00Z', 14, 3) \g /dev/null
SELECT results_eq($$SELECT line FROM pg_temp.shown('WEEK', '1 week')$$, $$VALUES ('08 00:00 10/15/9/14 5000 - bars')$$, 'the vendor''s week is the whole one');
SELECT results_eq($$SELECT c.open, c.high, c.low, c.close, c.volume, c.source FROM market.candles('WEEK', '1 week', adjusted => true) AS c$$, $$VALUES (10::float8, 15::float8, 9::float8, 14::float8, 5000::float8, 'bars')$$, 'adjusted as well');
SELECT results_eq($$SELECT line FROM pg_temp.shown('WEEK', '1 day')$$, $$VALUES ('10 00:00 12/13/12/13 900 - bars'), ('11 00:00 14/14/14/14 3 1 ticks')$$, 'days are what is known of them');

SELECT * FROM finish();
ROLLBACK;
