#!/bin/bash
# Faults in the Swift part end a statement and nothing else. tests/traps.so is the extension's library but that it traps on
# purpose; one session of it runs into 20,000 faults, then into one at each allocation of a call, and computes rightly in
# between, while a replay trades on the same server and leaves what it leaves alone.
# Usage: make check-guard; needs the program (BOURSE, or a debug build of the checkout).
. "$(dirname "${BASH_SOURCE[0]}")/../../Tests/EndToEnd/lib/common.bash"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
start_cluster

make_ticks "$work/ticks.csv" 1500 AAA,BBB,CCC 2013-10-07
create_database alone
make_agents alone main AAA,BBB,CCC '1 minute' '{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}' 2013-10-01
create_database beside alone
bourse_on alone replay ticks "$work/ticks.csv" --batch 1 >/dev/null
[ "$(sql alone "SELECT count(*) FROM trading.fills")" -gt 40 ] || fail "too few fills to prove anything"

# The server's user has to reach the library.
cp "$here/tests/traps.so" "$work/traps.so"
create_database traps
{
  echo "CREATE SCHEMA ta;"
  sed -e '/^\\echo/d' -e "s|MODULE_PATHNAME|$work/traps|" "$here"/bourse--1.0.sql "$here"/bourse--*--*.sql
  echo "CREATE FUNCTION ta.trap(kind integer, size integer) RETURNS bigint LANGUAGE C STRICT AS '$work/traps', 'ta_trap';"
  echo "CREATE FUNCTION ta.trap_at(allocation bigint) RETURNS boolean LANGUAGE C STRICT AS '$work/traps', 'ta_trap_at';"
} | sql traps >/dev/null

start_runner beside replay ticks "$work/ticks.csv" --batch 1
started=$(sql traps "SELECT pg_postmaster_start_time()")
sql traps >"$work/traps.log" 2>&1 <<'SQL' || fail "the session with the faults: $(tail -n 5 "$work/traps.log")"
\set VERBOSITY verbose
SET bourse.memory_limit = '8MB';
SELECT ta.trap(0, 100);
CREATE FUNCTION kilobytes(OUT contexts bigint, OUT process bigint) LANGUAGE sql AS $$
  SELECT (SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts),
         substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+)')::bigint
$$;
-- What comes of all calls that the session makes between its faults.
CREATE TABLE candles AS
SELECT array_agg(0 ORDER BY at) AS series, array_agg(at ORDER BY at) AS buckets, array_agg(at + interval '1 hour' ORDER BY at) AS closes_at,
       array_agg(100 + 10 * sin(i) ORDER BY at) AS prices, array_agg(timestamptz '-infinity') AS outside
  FROM (SELECT i, timestamptz '2024-01-01' + i * interval '1 hour' AS at FROM generate_series(1, 60) AS i) AS c;
-- A backtest that trades, on a walk of 200 days.
SELECT instrument_id AS walk FROM market.add_instrument('WALK', 'CRYPTO', kind => 'crypto') \gset
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT :walk, '1 day', timestamptz '2020-01-01 00:00Z' + i * interval '1 day', 100 + 10 * sin(i), 111, 89, 100 + 10 * sin(i + 1), 1000 FROM generate_series(1, 200) AS i;
SELECT count(strategy.create_strategy('waves', 'custom', '1 day', '{"entry": "close > ema(close, 5)", "exit": "close < ema(close, 5)", "sizing": {"method": "fixed_quantity", "quantity": 10}}'));
CREATE TABLE specification AS SELECT research.backtest_specification('waves', '{CRYPTO:WALK}', '2020-02-01', '2020-07-01', 100000)::text AS specification;
CREATE FUNCTION answer(call integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  rules CONSTANT text := '{"entry": "crosses_above(ema(close, $n), close[2]) and adx(14) > 5", "exit": "close < bbands(close, 20, 2).lower or bars_since_entry > 5",
    "exits": [{"type": "atr_stop", "multiple": 3}, {"type": "time_stop", "bars": 9}], "params": {"n": 20}}';
BEGIN
  CASE call
    WHEN 0 THEN RETURN ta.check_strategy('custom', '1 hour', rules);
    WHEN 1 THEN RETURN ta.check_strategy('custom', '1 hour', left(rules, 40) || '"');
    WHEN 2 THEN RETURN (SELECT string_agg(p::text, ';') FROM candles, ta.preview_strategy('custom', '1 hour', rules, series, buckets, closes_at, prices,
                          prices, prices, prices, prices, '{}', '{}', '{}', '{}', '{}', '2024-01-02') AS p);
    WHEN 3 THEN RETURN (SELECT ta.check_candles('custom', '1 hour', rules, series, buckets, closes_at, prices, prices, prices, prices, prices, '{}', '{}',
                          '{}', '{}', '{}', '2024-01-02') FROM candles);
    WHEN 4 THEN RETURN ta.trap(0, 10);
    WHEN 5 THEN RETURN (SELECT ta.run_backtest(specification) FROM specification);
    ELSE RETURN (SELECT ta.macd(p, 12, 26, 9) FROM candles, unnest(prices) AS p);
  END CASE;
END $$;
CREATE TABLE answers AS SELECT call, answer(call) FROM generate_series(0, 6) AS call;
CREATE FUNCTION expect_answers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_wrong text := (SELECT string_agg(format('call %s: %s instead of %s', call, answer(call), answer), e'\n') FROM answers WHERE answer(call) IS DISTINCT FROM answer);
BEGIN
  IF v_wrong IS NOT NULL THEN RAISE '%', v_wrong; END IF;
END $$;
CREATE PROCEDURE trap(calls integer) LANGUAGE plpgsql AS $$
DECLARE
  v_kind  integer;
  v_state text;
BEGIN
  FOR i IN 1..calls LOOP
    v_kind := 1 + i % 7;
    BEGIN
      PERFORM ta.trap(v_kind, 1 + i % 97);
      v_state := 'none';
    EXCEPTION WHEN OTHERS THEN
      v_state := SQLSTATE;
    END;
    IF v_state <> (CASE WHEN v_kind IN (5, 6) THEN '53400' ELSE 'XX000' END) THEN
      RAISE 'fault %, call %: %', v_kind, i, v_state;
    END IF;
    IF i % 500 = 0 THEN PERFORM expect_answers(); COMMIT; END IF;
  END LOOP;
END $$;
SELECT call, length(answer), left(answer, 200) FROM answers;
CALL trap(1000);
SELECT * FROM kilobytes() \gset before_
CALL trap(19000);
SELECT * FROM kilobytes() \gset after_
SELECT 'after 1,000 faults: ' || :before_contexts || ' kB in contexts, ' || :before_process || ' kB; after 20,000: ' || :after_contexts || ' kB, ' || :after_process || ' kB';
DO $$ BEGIN PERFORM set_config('bourse.memory_limit', '1GB', false); END $$;
SELECT CASE WHEN :after_contexts > :before_contexts + 256 OR :after_process > :before_process + 2048 THEN 1 / 0 END;
-- A fault at the first, the second, … allocation of each call, until there are no more; of a backtest at every fiftieth behind
-- the first 300.
DO $$
DECLARE
  v_come  boolean;
  v_count integer := 0;
  v_at    integer;
BEGIN
  FOR v_call IN 0..5 LOOP
    v_at := 0;
    LOOP
      PERFORM ta.trap_at(v_at);
      BEGIN
        PERFORM answer(v_call);
      EXCEPTION WHEN internal_error THEN
        NULL;
      END;
      v_come := ta.trap_at(-1);
      EXIT WHEN NOT v_come;
      v_count := v_count + 1;
      IF v_at % 100 = 0 THEN PERFORM expect_answers(); END IF;
      v_at := v_at + CASE WHEN v_call = 5 AND v_at >= 300 THEN 50 ELSE 1 END;
    END LOOP;
    PERFORM expect_answers();
  END LOOP;
  RAISE NOTICE 'faults at % allocations', v_count;
END $$;
-- What json-c has in hand then is freed.
DO $$
DECLARE
  v_rules text := '{"entry": "close > 1", "exits": [' || repeat('{"type": "percent_stop", "percent": 4},', 1600) || '{}]}';
BEGIN
  FOR i IN 1..100 LOOP
    PERFORM ta.trap_at(200 + i);
    BEGIN
      PERFORM ta.check_strategy('custom', '1 hour', v_rules);
    EXCEPTION WHEN internal_error THEN
      NULL;
    END;
    IF NOT ta.trap_at(-1) THEN RAISE 'no fault'; END IF;
  END LOOP;
END $$;
SELECT * FROM kilobytes() \gset end_
SELECT 'at the end: ' || :end_contexts || ' kB in contexts, ' || :end_process || ' kB';
SELECT CASE WHEN :end_contexts > :before_contexts + 512 OR :end_process > :before_process + 2048 THEN 1 / 0 END;
-- As people meet them.
\set ON_ERROR_STOP off
SELECT ta.trap(1, 3);
SELECT ta.trap(6, 3);
SQL
cat "$work/traps.log" | cut -c -300
passed "$(sed -n 's/^after 1,000 //p' "$work/traps.log")"
expect_exit "$runner" 0
expect_same "the server has been running since" "$(sql traps "SELECT pg_postmaster_start_time()")" "$started"
expect_same_dumps alone beside "a replay beside the faults"
expect_no_violations beside
passed "a replay of $(sql beside "SELECT count(*) FROM trading.fills") fills beside them leaves what it leaves alone"
