-- Coarser candles of imported bars, beside what each bar of its span makes of them: mixed lengths, days of 23 and 25 hours, hours over midnight, and changes afterwards.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SET LOCAL timezone = 'UTC';
SELECT setseed(0.25) \g /dev/null
SELECT market.add_instrument('MIX'), market.add_instrument('TCS', 'NSE'), market.add_instrument('EURUSD', 'FX'), market.add_instrument('COIN', 'CRYPTO') \g /dev/null

-- From the bars alone: of several lengths the coarsest that divides a candle's and has a bar in it.
CREATE FUNCTION pg_temp.wrong() RETURNS SETOF text LANGUAGE sql AS $$
  WITH made AS (
    SELECT b.instrument_id, l.minutes, market.candle_bucket(b.ts, l.minutes, i.exchange_id) AS bucket, b.resolution,
           (array_agg(b.open ORDER BY b.ts))[1] AS open, max(b.high) AS high, min(b.low) AS low, (array_agg(b.close ORDER BY b.ts DESC))[1] AS close, sum(b.volume) AS volume
      FROM market.bars AS b JOIN market.instruments AS i USING (instrument_id) CROSS JOIN (VALUES (5), (15), (60), (1440)) AS l (minutes)
     WHERE b.resolution >= interval '1 minute' AND b.resolution < l.minutes * interval '1 minute' AND mod(l.minutes, (extract(epoch FROM b.resolution) / 60)::int) = 0
     GROUP BY 1, 2, 3, 4
  ), best AS (SELECT DISTINCT ON (instrument_id, minutes, bucket) * FROM made ORDER BY instrument_id, minutes, bucket, resolution DESC)
  SELECT format('%s %s %s', instrument_id, minutes, bucket)
    FROM best AS b FULL JOIN market.bar_rollups AS r USING (instrument_id, minutes, bucket)
   WHERE (b.open, b.high, b.low, b.close, b.volume, b.resolution) IS DISTINCT FROM (r.open, r.high, r.low, r.close, r.volume, r.resolution)
$$;
CREATE FUNCTION pg_temp.add(symbol text, resolution interval, first timestamptz, last timestamptz, share float8) RETURNS bigint LANGUAGE sql AS $$
  WITH added AS (
    INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
    SELECT market.instrument_id(symbol), resolution, t, 10 + random(), 12, 9, 10 + random(), floor(100 * random()) FROM generate_series(first, last, resolution) AS t WHERE random() < share
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*) FROM added
$$;
SELECT pg_temp.add('MIX', '1 minute', '2024-03-08 14:30Z', '2024-03-11 20:00Z', 0.3), pg_temp.add('TCS', '1 minute', '2024-03-08 03:45Z', '2024-03-08 10:00Z', 0.9),
       pg_temp.add('EURUSD', '1 minute', '2024-11-01 20:00Z', '2024-11-04 04:00Z', 0.2), pg_temp.add('COIN', '1 minute', '2024-03-10 22:00Z', '2024-03-11 02:00Z', 0.9) \g /dev/null
SELECT is_empty('SELECT pg_temp.wrong()', 'minutes');
SELECT pg_temp.add(s, r, '2024-03-09 22:10Z', '2024-03-11 03:00Z', 0.3) FROM unnest('{MIX,TCS,COIN,EURUSD}'::text[]) AS s, unnest('{5 minutes,10 minutes,30 minutes,1 hour,7 minutes,4 hours}'::interval[]) AS r \g /dev/null
SELECT is_empty('SELECT pg_temp.wrong()', 'beside longer ones, over the midnight of each exchange');
SELECT pg_temp.add('MIX', '1 minute', '2024-03-09 03:00Z', '2024-03-10 12:00Z', 0.05), pg_temp.add('TCS', '3 minutes', '2024-03-10 17:00Z', '2024-03-10 20:00Z', 0.8), pg_temp.add('MIX', '30 seconds', '2024-03-08 14:30Z', '2024-03-08 15:00Z', 1) \g /dev/null
SELECT is_empty('SELECT pg_temp.wrong()', 'late ones');
UPDATE market.bars SET high = 20, ts = ts + interval '1 minute' WHERE resolution = '7 minutes' OR instrument_id = market.instrument_id('TCS') AND resolution = '10 minutes';
SELECT is_empty('SELECT pg_temp.wrong()', 'corrected ones');
DELETE FROM market.bars WHERE resolution IN ('5 minutes', '1 hour') AND random() < 0.5;
SELECT is_empty('SELECT pg_temp.wrong()', 'deleted ones');
SELECT cmp_ok((SELECT count(*) FROM market.bar_rollups), '>', 1000::bigint, 'they are many');
SELECT pg_temp.refuses($$INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (999999, '1 day', '2024-01-08', 1, 1, 1, 1, 1)$$, 'TR101', 'a bar of no instrument');

SELECT * FROM finish();
ROLLBACK;
