#!/bin/sh
# 10,000 random calls in one session: aggregates, groups, moving frames, candles, errors, cancelled queries. Fails when
# the backend has grown between the first thousand and the last, in memory contexts or as a process.
# Usage: check-memory.sh; the server of PGHOST, PGPORT, ... with the extension available; makes and drops a database.
set -eu
export PGOPTIONS="-c client_min_messages=warning"
database=bourse_check_memory
psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database"
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database"' EXIT

psql -Xqtd "$database" -v ON_ERROR_STOP=0 > "${TMPDIR:-/tmp}/check-memory.$$" 2> /dev/null <<'SQL'
CREATE EXTENSION bourse;
SELECT setseed(0.5);
CREATE TABLE bars AS
SELECT i, 100 + random() AS open, 101 + random() AS high, 99 + random() AS low, 100 + random() AS close, random() AS volume
  FROM generate_series(1, 300) AS i;
CREATE FUNCTION kilobytes(OUT contexts bigint, OUT process bigint) LANGUAGE sql AS $$
  SELECT (SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts),
         substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+)')::bigint
$$;
-- A random aggregate with random parameters, some of them refused, in a random setting.
CREATE FUNCTION random_call() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_call text;
  v_over text := (ARRAY['', '', ' OVER (ORDER BY i)', ' OVER (ORDER BY i ROWS 20 PRECEDING)',
                        ' OVER (PARTITION BY i % 7 ORDER BY i)'])[1 + floor(random() * 5)];
BEGIN
  IF random() < 0.1 THEN
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
