#!/bin/sh
# 10,000 random calls in one session: aggregates, groups, moving frames, candles, strategies, errors, cancelled queries.
# Fails when the backend has grown between the first thousand and the last, in memory contexts or as a process.
# Usage: check-memory.sh; the server of PGHOST, PGPORT, ... with the extension available; makes and drops a database.
set -eu
export PGOPTIONS="-c client_min_messages=warning"
database=bourse_check_memory
psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database"
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database"' EXIT

psql -Xqtd "$database" -v ON_ERROR_STOP=0 > "${TMPDIR:-/tmp}/check-memory.$$" 2> /dev/null <<'SQL'
\set ON_ERROR_STOP on
CREATE EXTENSION bourse;
SELECT setseed(0.5);
CREATE TABLE bars AS
SELECT i, 100 + random() AS open, 101 + random() AS high, 99 + random() AS low, 100 + random() AS close, random() AS volume
  FROM generate_series(1, 300) AS i;
CREATE FUNCTION kilobytes(OUT contexts bigint, OUT process bigint) LANGUAGE sql AS $$
  SELECT (SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts),
         substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+)')::bigint
$$;
-- All candles in columns, as a preview reads them, once and, for those that are cancelled, a thousand times.
CREATE TABLE columns AS
SELECT cycles, array_agg(0) AS series, array_agg(at ORDER BY at) AS buckets,
       array_agg(at + interval '1 hour' ORDER BY at) AS closes_at, array_agg(open ORDER BY at) AS open,
       array_agg(high ORDER BY at) AS high, array_agg(low ORDER BY at) AS low, array_agg(close ORDER BY at) AS close,
       array_agg(volume ORDER BY at) AS volume, array_agg((i * 60 % 1440)::float8 ORDER BY at) AS minutes,
       array_agg(1) AS weekdays, array_agg(timestamptz '-infinity') AS outside
  FROM (SELECT cycles, timestamptz '2024-01-01' + (cycle * 300 + i) * interval '1 hour' AS at, bars.*
          FROM unnest('{1,1000}'::int[]) AS cycles, generate_series(0, cycles - 1) AS cycle, bars) AS b
 GROUP BY cycles;
-- A strategy of random parts; some are refused, some cut short.
CREATE FUNCTION random_strategy() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_parts text[] := '{close > ema(close\, $n),crosses_above(sma(close\, 5)\, close[2]),adx(14) > 25,macd(close\, 12\, 26\, 9).histogram > 0,count(close > open\, 10) >= 3,bars_since_entry > 5,highest(high\, 20)[1] < close,close < bbands(close\, 20\, 2).lower,rsi(close\, 14) < 30 for 2 bars,time between ''09:30'' and ''15:00'',hammer() > 0,clsoe > 1,ema(close\, 0) > 1,close > (((((((1,hammer(),volume > $m}';
  v_text text := '{"entry": ' || to_json((SELECT string_agg(v_parts[1 + floor(random() * 12 + (random() < 0.05)::int * 4)], CASE WHEN random() < 0.5 THEN ' and ' ELSE ' or ' END)
                                            FROM generate_series(0, (random() * 4)::int)))
                 || ', "exit": ' || to_json(v_parts[1 + floor(random() * 11)]) || ', "params": {"n": 20}'
                 || CASE WHEN random() < 0.5 THEN ', "exits": [{"type": "atr_stop", "multiple": 3}, {"type": "time_stop", "bars": 9}]' ELSE '' END || '}';
BEGIN
  RETURN CASE WHEN random() < 0.05 THEN left(v_text, (random() * 60)::int) ELSE v_text END;
END $$;
-- A random aggregate with random parameters, some of them refused, in a random setting; or a strategy.
CREATE FUNCTION random_call() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_call text;
  v_over text := (ARRAY['', '', ' OVER (ORDER BY i)', ' OVER (ORDER BY i ROWS 20 PRECEDING)',
                        ' OVER (PARTITION BY i % 7 ORDER BY i)'])[1 + floor(random() * 5)];
  v_cut  text := CASE WHEN random() < 0.01 THEN 'SET statement_timeout = 50; ' END;
BEGIN
  IF random() < 0.4 THEN
    RETURN format(CASE floor(random() * 4)::int
      WHEN 0 THEN 'SELECT ta.check_strategy(''custom'', ''1 hour'', %1$L)'
      WHEN 1 THEN 'SELECT ta.check_candles(''custom'', ''1 hour'', %1$L, series, buckets, closes_at, open, high, low, close, volume, minutes, weekdays, outside, outside, ''{}'', ''2024-01-03'') FROM columns WHERE cycles = 1'
      ELSE '%2$sSELECT count(p) FROM columns, ta.preview_strategy(''custom'', ''1 hour'', %1$L, series, buckets, closes_at, open, high, low, close, volume, minutes, weekdays, outside, outside, ''{}'', ''2024-01-03'') AS p WHERE cycles = %3$s; RESET statement_timeout'
      END, random_strategy(), v_cut, CASE WHEN v_cut IS NULL THEN 1 ELSE 1000 END);
  ELSIF random() < 0.1 THEN
    RETURN 'SELECT (ta.rollup(c)).* FROM (SELECT i % 9, ta.ohlcv(close, volume, now(), i) AS c FROM bars GROUP BY 1) AS t';
  ELSIF random() < 0.01 THEN
    RETURN 'SET statement_timeout = 5; SELECT ta.cci(i, i, i, 500) FROM generate_series(1, 1000000) AS i; RESET statement_timeout';
  END IF;
  SELECT format('ta.%I(%s)', proname, string_agg(
           CASE WHEN t = 'integer'::regtype THEN CASE WHEN random() < 0.02 THEN '0' ELSE (2 + floor(random() * 30))::text END
                WHEN name IN ('k', 'acceleration', 'maximum') THEN random()::text
                WHEN random() < 0.02 THEN quote_literal('NaN')
                WHEN name IN ('open', 'high', 'low', 'volume') THEN name
                ELSE 'close' END, ', ' ORDER BY position))
    INTO v_call
    FROM (SELECT oid, proname, proargtypes::oid[] AS types, proargnames AS names FROM pg_proc
           WHERE pronamespace = 'ta'::regnamespace AND prokind = 'a' AND proname NOT IN ('ohlcv', 'rollup')
           ORDER BY random() LIMIT 1) AS p,
         unnest(types, names) WITH ORDINALITY AS a (t, name, position)
   GROUP BY proname;
  RETURN format('SELECT count(v) FROM (SELECT %s%s AS v FROM bars%s) AS t', v_call, v_over,
                CASE WHEN v_over = '' AND random() < 0.5 THEN ' GROUP BY i % 5' ELSE '' END);
END $$;
CREATE TABLE calls AS SELECT n, random_call() AS call FROM generate_series(1, 10000) AS n;
\set ON_ERROR_STOP off
SELECT call FROM calls WHERE n <= 1000 \gexec
SELECT 'after 1000', * FROM kilobytes();
SELECT call FROM calls WHERE n > 1000 \gexec
SELECT 'after 10000', * FROM kilobytes();
SQL
grep '^ after' "${TMPDIR:-/tmp}/check-memory.$$"
grep '^ after' "${TMPDIR:-/tmp}/check-memory.$$" | awk -F'|' '
  { contexts[NR] = $2; process[NR] = $3 }
  END {
    if (NR != 2) { print "check-memory: the session did not last"; exit 1 }
    # Caches of the server itself grow a little; a leak of 100 bytes per call would be 900 kB.
    if (contexts[2] > contexts[1] + 512 || process[2] > process[1] + 2048) { print "check-memory: the backend grew"; exit 1 }
    print "check-memory: 10,000 calls, no growth"
  }'
rm -f "${TMPDIR:-/tmp}/check-memory.$$"
