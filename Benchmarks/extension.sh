#!/bin/sh
# The extension in SQL: indicators over a window of 1,000,000 rows above row_number(), ta.ohlcv over 5,000,000 ticks
# against min, max, sum and array_agg. Medians of processor time over
# interleaved runs; no parallel workers.
# Usage: Benchmarks/extension.sh; the server of PGHOST, PGPORT, ... with the extension, on which it makes a database with a name that
# nobody else has, and drops it.
set -eu
export PGOPTIONS="-c client_min_messages=warning"
database=bourse_bench_$(date +%s)_$$
psql -Xqd postgres -c "CREATE DATABASE $database"
trap 'psql -Xqd postgres -c "DROP DATABASE $database"' EXIT
psql -XqtAd "$database" -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION bourse;
SELECT setseed(0.5) \g /dev/null
SET work_mem = '512MB';
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE TABLE bars AS
SELECT i, close, close + random() AS high, close - random() AS low, close + random() - 0.5 AS open, floor(random() * 1e4) AS volume
  FROM (SELECT i, 100 + 10 * sin(i / 1000.0) + random() AS close FROM generate_series(1, 1000000) AS i) AS t;
CREATE TABLE ticks AS
SELECT timestamptz '2013-10-07' + i * interval '10 ms' AS ts, i / 500 AS bar, 100 + 10 * sin(i / 1000.0) + random() AS price,
       floor(random() * 1000) AS size
  FROM generate_series(1, 5000000) AS i;
VACUUM ANALYZE bars;
VACUUM ANALYZE ticks;

-- Processor time of this backend: what others do on the machine disturbs it less than the clock.
CREATE FUNCTION cpu() RETURNS float8 LANGUAGE sql VOLATILE AS $$
  SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e9
$$;
CREATE FUNCTION seconds(query text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
  v_begin float8 := cpu();
BEGIN
  EXECUTE query;
  RETURN cpu() - v_begin;
END $$;
CREATE FUNCTION median(measured float8[]) RETURNS float8 LANGUAGE sql AS $$
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM unnest(measured) AS v
$$;
SELECT count(*) FROM bars \g /dev/null

CREATE TABLE runs (name text, call text, seconds float8);
DO $$
DECLARE
  v_call text;
BEGIN
  FOR v_run IN 1..5 LOOP
    FOREACH v_call IN ARRAY '{row_number(),"avg(close) /* built in, 20 rows */","ta.sma(close, 20)","ta.ema(close, 20)",
      "ta.wma(close, 20)","ta.rsi(close, 14)","ta.kama(close, 30)","ta.stdev(close, 20)","ta.roc(close, 10)",
      "(ta.macd(close, 12, 26, 9)","(ta.bbands(close, 20, 2)","ta.atr(high, low, close, 14)","ta.adx(high, low, close, 14)",
      "ta.cci(high, low, close, 20)","(ta.stoch(high, low, close, 14, 3, 3)","ta.mfi(high, low, close, volume, 14)",
      "ta.sar(high, low, 0.02, 0.2)","ta.obv(close, volume)","ta.ultosc(high, low, close, 7, 14, 28)"}'::text[]
    LOOP
      INSERT INTO runs
      SELECT regexp_replace(v_call, '^\(?(?:ta\.)?(\w+).*$', '\1'), v_call,
             seconds(format('SELECT count(v) FROM (SELECT %s OVER (ORDER BY i %s)%s AS v FROM bars) AS t', v_call,
                            CASE WHEN v_call LIKE 'avg%' THEN 'ROWS 19 PRECEDING' ELSE '' END,
                            CASE WHEN v_call LIKE '(%macd%' THEN ').macd' WHEN v_call LIKE '(%bbands%' THEN ').upper'
                                 WHEN v_call LIKE '(%' THEN ').k' ELSE '' END));
    END LOOP;
  END LOOP;
END $$;
WITH medians AS (SELECT name, median(array_agg(seconds)) AS seconds FROM runs GROUP BY name),
base AS (SELECT seconds FROM medians WHERE name = 'row_number')
SELECT format('bench sql_%s: %s us/row above row_number(), ratio %s of avg over the same window (aim 0.25 us)',
              m.name, round((m.seconds - base.seconds)::numeric, 3),
              round(((m.seconds - base.seconds) / (a.seconds - base.seconds))::numeric, 2))
  FROM medians m, base, medians a WHERE a.name = 'avg' AND m.name NOT IN ('avg', 'row_number') ORDER BY m.name;

TRUNCATE runs;
DO $$
BEGIN
  FOR v_run IN 1..5 LOOP
    INSERT INTO runs
    SELECT 'ohlcv', '', seconds('SELECT count((c).close) FROM (SELECT ta.ohlcv(price, size, ts) AS c FROM ticks GROUP BY bar) AS t');
    INSERT INTO runs
    SELECT 'plain', '', seconds($q$SELECT count(close) FROM (
      SELECT (array_agg(price ORDER BY ts))[1] AS open, max(price), min(price), (array_agg(price ORDER BY ts DESC))[1] AS close,
             sum(size), sum(price * size) / nullif(sum(size), 0) AS vwap, count(*), min(ts), max(ts)
        FROM ticks GROUP BY bar) AS t$q$);
  END LOOP;
END $$;
WITH medians AS (SELECT name, median(array_agg(seconds)) AS seconds FROM runs GROUP BY name)
SELECT format('bench sql_ohlcv: %s s for 5 M ticks, ratio %s of min/max/sum and array_agg (aim 3.00)', round(o.seconds::numeric, 2),
              round((p.seconds / o.seconds)::numeric, 2))
  FROM medians o, medians p WHERE o.name = 'ohlcv' AND p.name = 'plain';
SQL
