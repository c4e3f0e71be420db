-- Instruments, ticks and their partitions, quotes, bars: what is loaded twice is there once, what cannot be is refused.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

-- Instruments.
SELECT is((SELECT (i.currency, i.tick_size, i.lot_size, i.kind)::text FROM market.add_instrument('INFY', 'nse') AS i), '(INR,0.01000000,1.00000000,equity)', 'an instrument has its exchange''s currency');
SELECT pg_temp.refuses(format('SELECT market.add_instrument(%s)', a), c, a) FROM (VALUES ('NULL', 'TR108'), ('''X'', NULL', 'TR108'), ('''X'', ''NONE''', 'TR102'), ('''X'', tick_size => 0', 'TR108'), ('''X'', tick_size => ''NaN''', 'TR108'),
  ('''X'', lot_size => -1', 'TR108'), ('''X'', multiplier => NULL', 'TR108'), ('''''', 'TR108'), ('''A:B''', 'TR108'), ('E''A\n''', 'TR108'), ('''X'', currency => ''us''', 'TR108'), ('repeat(''X'', 65)', 'TR108')) AS w (a, c);
SELECT results_eq($$SELECT symbol, time_zone FROM market.ensure_instruments('{IBM,NEW,NEW,"bad:one",INFY,""}') ORDER BY symbol COLLATE "C"$$, $$VALUES ('IBM', 'America/New_York'), ('INFY', 'Asia/Kolkata'), ('NEW', 'America/New_York')$$,
  'an importer''s symbols: known ones where they are, new ones in the US, unreadable ones left out');
SELECT results_eq($$SELECT symbol, time_zone FROM market.ensure_instruments('{IBM}', 'XETRA')$$, $$VALUES ('IBM', 'Europe/Berlin')$$, 'on the exchange that is named');
SELECT pg_temp.refuses($$SELECT market.ensure_instruments('{IBM}')$$, 'TR103', 'from then on the symbol alone is ambiguous');

-- Ticks.
SELECT is(market.ensure_tick_partitions('2024-01-08', '2024-01-10'), 3, 'three days, three partitions');
SELECT is(market.ensure_tick_partitions('2024-01-09', '2024-01-11'), 1, 'what is there is not made again');
SELECT market.storage_tier() = 'plain' AS plain \gset
\if :plain
SELECT is(obj_description('market.ticks_20240108'::regclass), 'Ticks of 2024-01-08 (UTC).', 'a partition has its comment');
SELECT is(market.tick_target('2030-01-01'), 'market.ticks_default', 'other days have one in common');
\endif
INSERT INTO market.ticks (ts, price, size, instrument_id, seq) SELECT t, 1, 1, 1, 0 FROM unnest(ARRAY[timestamptz '2024-01-08 00:00Z', '2024-01-08 23:59:59.999999Z', '2024-01-09 00:00Z', '2030-01-01 12:00Z']) AS t;
SELECT results_eq($$SELECT t.tableoid::regclass::text, count(*) FROM market.ticks AS t GROUP BY 1 ORDER BY min(t.ts)$$,
  $$VALUES (market.tick_target('2024-01-08'), 2::bigint), (market.tick_target('2024-01-09'), 1), (market.tick_target('2030-01-01'), 1)$$, 'each tick is in its day');
SELECT is(market.ensure_tick_partitions('2029-12-31', '2030-01-02'), 2, 'a day that has ticks already stays where it is');
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$INSERT INTO market.ticks (ts, price, size, instrument_id, seq) VALUES ('2024-01-08 00:00Z', 2, 1, 1, 0)$$, '23505'), ($$SELECT market.ensure_tick_partitions('2024-01-02', '2024-01-01')$$, 'TR104'),
  ($$SELECT market.ensure_tick_partitions('2000-01-01', '2024-01-01')$$, 'TR104'), ($$SELECT market.ensure_tick_partitions(NULL, '2024-01-01')$$, 'TR104'), ($$SELECT market.ensure_tick_partitions('2024-01-01', 'infinity')$$, 'TR104')) AS w (s, c);

-- Quotes: the latest wins, an older one changes nothing.
SELECT market.instrument_id('INFY') AS id \gset
CREATE FUNCTION pg_temp.quote(id int, at timestamptz, last float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM market.upsert_quotes(ARRAY[id], ARRAY[at], ARRAY[last], ARRAY[NULL::float8]);
  RETURN (SELECT q.last || ' at ' || to_char(q.ts, 'HH24:MI') FROM market.quotes AS q WHERE q.instrument_id = id);
END
$$;
SELECT is(pg_temp.quote(:id, '2024-01-08 15:00Z', 10), '10 at 15:00', 'a first price');
SELECT is(pg_temp.quote(:id, '2024-01-08 15:01Z', 11), '11 at 15:01', 'a later one');
SELECT is(pg_temp.quote(:id, '2024-01-08 15:00Z', 12), '11 at 15:01', 'an older one changes nothing');
SELECT is(pg_temp.quote(:id, '2024-01-08 15:01Z', 13), '13 at 15:01', 'of the same time the last one counts');
SELECT pg_temp.refuses(format('SELECT pg_temp.quote(%s, %L, %L)', :id, '2024-01-09', p), c, 'a price of ' || p) FROM (VALUES ('0', 'TR118'), ('-37.63', 'TR118'), ('NaN', 'TR104'), ('Infinity', 'TR104')) AS n (p, c);
SELECT is(market.rewind_quotes(ARRAY[:id], '2024-01-08 15:01Z'), 0, 'rewinding to a quote''s own time keeps it');
SELECT is(market.rewind_quotes(ARRAY[:id], '2024-01-08 15:00Z'), 1, 'to a time before it takes it away');

-- Bars, and when they opened and closed.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) SELECT i, '1 day', market.day_start(e, d), 10, 12, 9, 11, 100
  FROM (VALUES (market.instrument_id('US:IBM'), market.exchange_id('US')), (:id, market.exchange_id('NSE'))) AS x (i, e), unnest(ARRAY[date '2024-03-08', '2024-03-11']) AS d;
INSERT INTO market.holidays SELECT market.exchange_id('US'), '2024-03-11', 'half a day', '09:30', '13:00';
SELECT results_eq($$SELECT i.symbol::text, b.opens_at, b.closes_at, b.day FROM market.bar_events('1 day', (SELECT array_agg(instrument_id) FROM market.instruments)) AS b JOIN market.instruments AS i USING (instrument_id)$$,
  $$VALUES ('INFY', timestamptz '2024-03-08 03:45Z', timestamptz '2024-03-08 10:00Z', date '2024-03-08'), ('IBM', '2024-03-08 14:30Z', '2024-03-08 21:00Z', '2024-03-08'),
           ('INFY', '2024-03-11 03:45Z', '2024-03-11 10:00Z', '2024-03-11'), ('IBM', '2024-03-11 13:30Z', '2024-03-11 17:00Z', '2024-03-11')$$, 'day bars happen between the open and the close of their session, clocks changed or not');
SELECT pg_temp.refuses(format('INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (1, %s)', v), '23514', v) FROM unnest(ARRAY['''1 day'', now(), 10, 9, 9, 9, 1', '''1 day'', now(), 10, 12, 11, 11, 1',
  '''0'', now(), 10, 10, 10, 10, 1', '''1 day'', now(), 10, 10, 10, 10, -1', '''1 day'', now(), 10, ''NaN'', 10, 10, 1', '''1 day'', now(), 10, ''Infinity'', 10, 10, 1', '''1 day'', now(), 0, 10, 0, 10, 1']) AS v;

SELECT * FROM finish();
ROLLBACK;
