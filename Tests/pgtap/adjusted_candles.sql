-- Splits, dividends and symbol changes: factors, and series that are comparable over them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
-- IBM trades at 100 from 2 to 5 January 2024 (Tuesday to Friday), and from the 8th, after a 2:1 split, at 50.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('IBM'), '1 day', market.day_start(market.exchange_id('US'), d), p - 1, p + 2, p - 2, p, v
  FROM (VALUES (date '2024-01-02', 100, 10), ('2024-01-03', 100, 20), ('2024-01-04', 100, 30), ('2024-01-05', 100, 40), ('2024-01-08', 50, 200), ('2024-01-09', 50, 100)) AS x (d, p, v);
CREATE FUNCTION pg_temp.closes(symbol text, resolution interval DEFAULT '1 day', adjusted boolean DEFAULT true) RETURNS text LANGUAGE sql
AS $$ SELECT string_agg(format('%s:%s/%s', to_char(c.bucket AT TIME ZONE 'America/New_York', 'DD'), round(c.close::numeric, 4), round(c.volume::numeric, 4)), ' ' ORDER BY c.bucket)
        FROM market.candles(symbol, resolution, adjusted => adjusted) AS c $$;

SELECT is(pg_temp.closes('IBM'), pg_temp.closes('IBM', adjusted => false), 'without actions adjusted is raw');
SELECT results_eq($$SELECT from_time, until_time, price_factor, volume_factor FROM market.adjustment_factors('IBM')$$, $$VALUES (timestamptz '-infinity', timestamptz 'infinity', 1::float8, 1::float8)$$, 'one stretch, factor 1');
SELECT market.add_split('IBM', '2024-01-08', 2) \g /dev/null
SELECT is(pg_temp.closes('IBM'), '02:50.0000/20.0000 03:50.0000/40.0000 04:50.0000/60.0000 05:50.0000/80.0000 08:50.0000/200.0000 09:50.0000/100.0000', 'a split halves prices and doubles volumes before it');
SELECT is(pg_temp.closes('IBM', adjusted => false), '02:100.0000/10.0000 03:100.0000/20.0000 04:100.0000/30.0000 05:100.0000/40.0000 08:50.0000/200.0000 09:50.0000/100.0000', 'the raw series stays');
SELECT results_eq($$SELECT from_time, until_time, price_factor, volume_factor FROM market.adjustment_factors('IBM')$$,
  $$VALUES (timestamptz '2024-01-08 05:00Z', timestamptz 'infinity', 1::float8, 1::float8), ('-infinity', '2024-01-08 05:00Z', 0.5, 2)$$, 'from local midnight of the ex-date');

-- A dividend of 4 on the 4th, when the close before was 100, and one of 1 (in new shares) on the day of the split, when it was 100 = 2 × 50.
SELECT market.add_dividend('IBM', 4, '2024-01-04'), market.add_dividend('IBM', 1, '2024-01-08') \g /dev/null
SELECT is(pg_temp.closes('IBM'), '02:47.0400/20.0000 03:47.0400/40.0000 04:49.0000/60.0000 05:49.0000/80.0000 08:50.0000/200.0000 09:50.0000/100.0000', 'dividends take 1 − D/C off earlier prices, and nothing off volumes');
SELECT is(pg_temp.closes('IBM', '1 week'), '01:49.0000/200.0000 08:50.0000/300.0000', 'weeks are made of adjusted days');
SELECT is((SELECT (round(c.open::numeric, 4), round(c.high::numeric, 4), round(c.low::numeric, 4))::text FROM market.candles('IBM', '1 week', adjusted => true) AS c LIMIT 1), '(46.5696,49.9800,46.0992)', 'their open, high and low too');
SELECT is((SELECT count(*) FROM market.candles('IBM', '1 day', '2024-01-04 05:00Z', '2024-01-08 05:00Z', true)), 2::bigint, 'a span');
-- A span that ends before an ex-date is adjusted for it all the same.
SELECT is((SELECT round(c.close::numeric, 4) FROM market.candles('IBM', '1 day', '2024-01-02', '2024-01-03', true) AS c), 47.04, 'factors come from all later actions');
SELECT market.add_dividend('IBM', 4, '2023-01-04') \g /dev/null
SELECT is((SELECT count(*) FROM market.adjustment_factors('IBM')), 4::bigint, 'a dividend before all data changes no price');
SELECT is((SELECT min(price_factor) FROM market.adjustment_factors('IBM')), (SELECT price_factor FROM market.adjustment_factors('IBM') WHERE until_time = '2024-01-04 05:00Z'), 'for there is no close to measure it by');

-- Intraday, the whole day of the ex-date is at the new terms.
INSERT INTO market.ticks (ts, price, size, instrument_id, seq)
SELECT t, p, 5, market.instrument_id('IBM'), 0 FROM (VALUES (timestamptz '2024-01-05 20:59Z', 100), ('2024-01-08 14:30Z', 50)) AS x (t, p);
SELECT is((SELECT string_agg(round(c.close::numeric, 2) || '/' || c.volume, ' ' ORDER BY c.bucket) FROM market.candles('IBM', '1 minute', '2024-01-05', '2024-01-09', true) AS c WHERE c.ticks > 0), '49.00/10 50.00/5', 'minutes');

-- A new symbol changes nothing.
SELECT pg_temp.closes('IBM') AS before \gset
SELECT market.add_symbol_change('IBM', 'KYN', '2024-01-09', '2024-01-10') \g /dev/null
SELECT is(pg_temp.closes('KYN'), :'before', 'one series under the new symbol');
SELECT is(pg_temp.closes('IBM'), :'before', 'and under the old one');
SELECT market.add_symbol_change('KYN', 'IBM', '2024-02-01', '2024-02-02') \g /dev/null

-- Gaps. IBM: Thursday the 11th and Friday the 12th are missing, Monday the 15th is a holiday; clocks change on 10 March.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) SELECT market.instrument_id('IBM'), '1 day', market.day_start(market.exchange_id('US'), d), 50, 50, 50, 50, 1 FROM unnest('{2024-01-10,2024-01-16}'::date[]) AS d;
SELECT results_eq($$SELECT * FROM market.gaps('IBM')$$, $$VALUES (timestamptz '2024-01-11 14:30Z', timestamptz '2024-01-11 21:00Z', 1::bigint), ('2024-01-12 14:30Z', '2024-01-12 21:00Z', 1)$$, 'days, but neither weekends nor holidays');
SELECT results_eq($$SELECT * FROM market.gaps('IBM', '1 day', '2024-01-12', '2024-01-18')$$, $$VALUES (timestamptz '2024-01-12 14:30Z', timestamptz '2024-01-12 21:00Z', 1::bigint), ('2024-01-17 14:30Z', '2024-01-17 21:00Z', 1)$$, 'ends that are given count');
SELECT market.add_instrument('GAP'), market.add_instrument('COIN', 'CRYPTO'), market.add_instrument('EURUSD', 'FX'), market.add_instrument('NONE', 'NSE') \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id, seq)
SELECT t, 10, 1, market.instrument_id('GAP'), 0
  FROM (VALUES (date '2024-03-08'), ('2024-03-11')) AS d (day), generate_series(d.day + time '09:30', d.day + time '15:59', interval '1 minute') AS l (local), LATERAL (SELECT l.local AT TIME ZONE 'America/New_York' AS t) AS x
 WHERE l.local::time NOT IN ('09:30', '12:00', '12:01', '15:59');
SELECT results_eq($$SELECT * FROM market.gaps('GAP', '1 minute', '2024-03-08', '2024-03-12')$$,
  $$VALUES (timestamptz '2024-03-08 14:30Z', timestamptz '2024-03-08 14:31Z', 1::bigint), ('2024-03-08 17:00Z', '2024-03-08 17:02Z', 2), ('2024-03-08 20:59Z', '2024-03-08 21:00Z', 1),
           ('2024-03-11 13:30Z', '2024-03-11 13:31Z', 1), ('2024-03-11 16:00Z', '2024-03-11 16:02Z', 2), ('2024-03-11 19:59Z', '2024-03-11 20:00Z', 1)$$, 'minutes at the ends and in the middle, by local hours');
SELECT is_empty($$SELECT * FROM market.gaps('GAP', '5 minutes', '2024-03-08', '2024-03-12')$$, 'at a resolution that always has a trade there is none');
INSERT INTO market.holidays SELECT market.exchange_id('US'), '2024-03-11', 'half a day', '09:30', '13:00';
SELECT is((SELECT count(*) FROM market.gaps('GAP', '1 minute', '2024-03-11', '2024-03-12')), 2::bigint, 'a shortened day is over earlier');
INSERT INTO market.ticks (ts, price, size, instrument_id, seq)
SELECT t, 10, 1, i, 0 FROM unnest(ARRAY[market.instrument_id('COIN'), market.instrument_id('EURUSD')]) AS i,
  generate_series(timestamptz '2024-03-08 20:00Z', '2024-03-11 03:00Z', '1 hour') AS t WHERE t NOT BETWEEN '2024-03-09 23:00Z' AND '2024-03-10 01:00Z' AND (i = market.instrument_id('COIN') OR t < '2024-03-08 22:00Z' OR t > '2024-03-10 22:30Z');
SELECT results_eq($$SELECT * FROM market.gaps('COIN', '1 hour')$$, $$VALUES (timestamptz '2024-03-09 23:00Z', timestamptz '2024-03-10 02:00Z', 3::bigint)$$, 'around the clock, over midnight in one piece');
SELECT results_eq($$SELECT * FROM market.gaps('EURUSD', '1 hour')$$, $$VALUES (timestamptz '2024-03-10 21:00Z', timestamptz '2024-03-10 23:00Z', 2::bigint)$$, 'a week from Sunday 17:00 in New York, the day that clocks changed');
SELECT is_empty($$SELECT * FROM market.gaps('NONE')$$, 'without data and ends there is nothing to miss');
SELECT is((SELECT sum(candles) FROM market.gaps('NONE', '1 minute', '2024-03-08', '2024-03-12')), 375::numeric, 'without data all of a session is missing, but nothing of a holiday (here Friday)');
SELECT pg_temp.refuses(format('SELECT market.gaps(%s)', a), c, a) FROM (VALUES ('NULL', 'TR104'), ('''NO''', 'TR101'), ('''GAP'', ''0''', 'TR104'), ('''GAP'', ''1 day'', ''2024-01-02'', ''2024-01-02''', 'TR104'), ('''GAP'', ''1 day'', ''1000-01-01'', ''2024-01-02''', 'TR104'), ('''GAP'', NULL', 'TR104')) AS w (a, c);

-- In the hour that comes twice a minute ends after a minute.
SELECT market.add_exchange('NIGHT', 'around the clock in New York', 'America/New_York', 'USD', '00:00', '24:00', '{1,2,3,4,5,6,7}'), market.add_instrument('OWL', 'NIGHT') \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT t, 1, 1, market.instrument_id('OWL') FROM unnest('{2024-11-03 05:30Z,2024-11-03 05:35Z}'::timestamptz[]) AS t;
SELECT results_eq($$SELECT * FROM market.gaps('OWL', '1 minute', '2024-11-03 05:30Z', '2024-11-03 05:40Z')$$,
  $$VALUES (timestamptz '2024-11-03 05:31Z', timestamptz '2024-11-03 05:35Z', 4::bigint), ('2024-11-03 05:36Z', '2024-11-03 05:40Z', 4)$$, 'when clocks are set back');

SELECT * FROM finish();
ROLLBACK;
