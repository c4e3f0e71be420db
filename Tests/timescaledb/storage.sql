-- What differs where ticks are a hypertable.
BEGIN;
SELECT no_plan();
\ir ../pgtap/setup/book.sql
SELECT market.instrument_id('IBM') AS ibm \gset

SELECT is(market.storage_tier(), 'timescaledb', 'the tier');
SELECT is((SELECT string_agg(a.view_name::text || CASE WHEN a.materialized_only THEN ' materialized only' ELSE '' END, ', ' ORDER BY a.view_name) FROM timescaledb_information.continuous_aggregates AS a WHERE a.view_schema = 'market'),
  'history_15m, history_1m, history_5m', 'continuous aggregates, in real time');
SELECT is((SELECT count(*) FROM market.history), 0::bigint, 'made without data');

-- The runner's path: claimed, sorted, straight into the columnstore.
SELECT market.ensure_tick_partitions('2024-01-08', '2024-01-09') AS made \gset
SELECT is(:made, 2, 'two days, two chunks');
SELECT is(market.ensure_tick_partitions('2024-01-08', '2024-01-09'), 0, 'what is there is not made again');
SELECT is(market.claim_ticks(ARRAY[:ibm], ARRAY[timestamptz '2024-01-08 15:00Z'], ARRAY[0::bigint], ARRAY[timestamptz '2024-01-08 15:00:01Z'], ARRAY[5::bigint]), false, 'the first ticks are new');
SET LOCAL timescaledb.enable_direct_compress_copy = on;
SET LOCAL timescaledb.enable_direct_compress_copy_sort_batches = off;
SELECT market.tick_target('2024-01-08') AS target \gset
SELECT format('COPY %s (ts, price, size, seq, instrument_id) FROM PROGRAM %L', :'target',
              format($$printf '2024-01-08 15:00:00+00\t100\t1\t0\t%s\n2024-01-08 15:00:01+00\t101\t2\t5\t%s\n'$$, :ibm, :ibm)) AS copy \gset
:copy;
SELECT is((SELECT count(*) FROM market.ticks), 2::bigint, 'they are stored');
SELECT is((SELECT c.is_compressed FROM timescaledb_information.chunks AS c WHERE format('%I.%I', c.chunk_schema, c.chunk_name) = :'target'), true, 'in the columnstore');
SELECT is(market.claim_ticks(ARRAY[:ibm], ARRAY[t], ARRAY[s], ARRAY[timestamptz '2024-01-08 15:00:01Z'], ARRAY[s]), late, format('a batch that begins at %s, %s', t, s)) FROM (VALUES
  (timestamptz '2024-01-08 15:00:01Z', 6::bigint, false), ('2024-01-08 15:00:01Z', 6, true), ('2024-01-08 15:00:01Z', 7, false), ('2024-01-08 14:00Z', 0, true), ('2024-01-08 15:00:02Z', 0, false)) AS v (t, s, late);

-- The key that a hypertable cannot have.
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ('INSERT INTO market.ticks (ts, price, size, seq, instrument_id) SELECT t.ts, t.price, t.size, t.seq, t.instrument_id FROM market.ticks AS t LIMIT 1', '23505'),
  (format('INSERT INTO market.ticks (ts, price, size, instrument_id) SELECT timestamptz ''2024-01-09'', 100, 1, %s FROM generate_series(1, 2)', :ibm), '23505'),
  ('DELETE FROM market.ticks', 'TR119')) AS v (s, c);
INSERT INTO market.ticks (ts, price, size, seq, instrument_id) VALUES ('2024-01-08 15:00:00Z', 102, 1, 1, :ibm), ('2024-01-08 14:59:59Z', 99, 1, 0, :ibm);
SELECT is((SELECT count(*) FROM market.ticks), 4::bigint, 'late ticks that are new are stored');
SELECT is(market.delete_ticks('IBM', '2024-01-08 15:00:01Z', 'infinity'), 1::bigint, 'ticks of the columnstore can be deleted');

SELECT * FROM finish();
ROLLBACK;
