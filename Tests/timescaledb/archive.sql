-- Candles stay what they are while continuous aggregates take them over, and come back before they change. A refresh runs in
-- transactions of its own, so this one is not in one.
SELECT no_plan();
SET client_min_messages = warning;
SELECT market.add_instrument(symbol => 'IBM'), market.add_instrument('INFY', 'NSE') \g /dev/null
INSERT INTO market.ticks (ts, price, size, instrument_id, seq, suspicious)
SELECT '2024-01-08 14:00Z'::timestamptz + n / 2 * interval '71 s', 100 + (n * 7919 % 200) / 100.0, n % 5, i.instrument_id, n % 2, n % 37 = 0
  FROM generate_series(1, 12000) AS n, market.instruments AS i;
CREATE TABLE public.before AS SELECT m, i.instrument_id, c.* FROM market.instruments AS i, unnest('{1,5,15,60,1440}'::int[]) AS m, market.kept_candles(i.instrument_id, m, '-infinity', 'infinity') AS c;
CREATE VIEW public.changed AS
  SELECT m, instrument_id, bucket FROM (SELECT m, i.instrument_id, c.* FROM market.instruments AS i, unnest('{1,5,15,60,1440}'::int[]) AS m, market.kept_candles(i.instrument_id, m, '-infinity', 'infinity') AS c) AS c
    FULL JOIN public.before AS b USING (m, instrument_id, bucket)
   WHERE (c.open, c.high, c.low, c.close, c.volume, c.ticks, round(c.vwap::numeric, 9)) IS DISTINCT FROM (b.open, b.high, b.low, b.close, b.volume, b.ticks, round(b.vwap::numeric, 9));
CREATE VIEW public.wrong AS SELECT i.symbol, w.* FROM market.instruments AS i, market.check_candles(i.instrument_id) AS w;

CALL market.archive_candles();
SELECT is((SELECT count(*) FROM market.archived_days), 6::bigint, 'of six days three are archived for each instrument');
SELECT is_empty($$SELECT FROM market.candle_store AS s JOIN market.archived_days AS d USING (instrument_id) WHERE s.minutes < 60 AND s.bucket >= d.day AND s.bucket < d.day + interval '1 day'$$, 'their short candles have left the store');
SELECT is_empty('SELECT * FROM public.changed', 'nobody sees a difference');
SELECT is_empty('SELECT * FROM public.wrong', 'they are what the ticks say');
INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2024-01-09 15:00:00.5Z', 5000, 1, market.instrument_id('IBM'));
SELECT is((SELECT r.reason::text FROM market.rejected_ticks AS r), 'jump', 'a price is compared with those of archived days');

-- A late tick, a correction, a deletion.
INSERT INTO market.ticks (ts, price, size, instrument_id, seq) VALUES ('2024-01-08 15:00:03Z', 500, 7, market.instrument_id('IBM'), 9);
SELECT is((SELECT count(*) FROM market.archived_days), 5::bigint, 'a late tick brings its day back');
SELECT is((SELECT c.high FROM market.candles_5m AS c WHERE c.instrument_id = market.instrument_id('IBM') AND c.bucket = '2024-01-08 15:00Z'), 500::float8, 'and is in its candles at once');
SELECT is_empty('SELECT * FROM public.wrong', 'which are right');
CALL market.archive_candles();
SELECT is((SELECT count(*) FROM market.archived_days), 6::bigint, 'the next refresh archives it again');
SELECT is((SELECT h.high FROM market.history_1m AS h WHERE h.instrument_id = market.instrument_id('IBM') AND h.bucket = '2024-01-08 15:00Z'), 500::float8, 'with the late tick');
SELECT isnt(market.delete_ticks('IBM', '2024-01-08 15:00Z', '2024-01-08 15:10Z'), 0::bigint, 'ticks of an archived day can be deleted');
SELECT is_empty('SELECT * FROM public.wrong', 'their candles go');
UPDATE market.ticks AS t SET price = 42 WHERE t.instrument_id = market.instrument_id('INFY') AND t.ts BETWEEN '2024-01-09 10:00Z' AND '2024-01-09 10:05Z';
SELECT is_empty('SELECT * FROM public.wrong', 'or change');
CALL market.archive_candles();
SELECT is_empty('SELECT * FROM public.wrong', 'archived or not');
SELECT is(internal.roll_candles(), 0, 'nothing is left to roll up');

-- Ticks go, candles stay.
UPDATE market.tick_policy SET keep_days = 1;
CREATE TABLE public.sums AS SELECT count(*), sum(c.ticks) FROM market.candles_1m AS c;
SELECT is((SELECT k.gone FROM market.apply_tick_retention('2024-01-12 12:00Z') AS k), 3, 'three days of ticks are dropped');
CALL market.archive_candles();
SELECT results_eq('SELECT count(*), sum(c.ticks) FROM market.candles_1m AS c', 'SELECT * FROM public.sums', 'their candles are there, after a refresh too');
SELECT is_empty('SELECT * FROM ops.check_invariants()', 'the books are sound');
SELECT * FROM finish();
