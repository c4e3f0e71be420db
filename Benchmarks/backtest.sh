#!/bin/bash
# A backtest of the cross of two averages over BARS (1,000,000) bars of a minute, and one over as many ticks: the engine alone, and
# the whole call of research.run_backtest with what it reads and stores; that of bars beside vectorbt, which reads the same rows from
# the same server. Medians of three, the first run of each left out. Then what backtests in one session cost others: as many clients as
# there are processors send orders, or store ticks, alone and beside one backtest after the other, in turns.
# Usage: Benchmarks/backtest.sh; the server of PGHOST, PGPORT, ... with the extension, on which it makes a database with a name that
# nobody else has, and drops it. BOURSE names the program; BOURSE_VECTORBT_PYTHON a Python with vectorbt and psycopg2.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bars=${BARS:-1000000}
database=bourse_bench_${RANDOM}${RANDOM}_$$
psql -Xqd postgres -c "CREATE DATABASE $database TEMPLATE template0"
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database"' EXIT
"${BOURSE:-$root/.build/release/bourse}" migrate --database-url "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$database" >/dev/null
export PGDATABASE=$database PGOPTIONS="-c client_min_messages=warning"
psql -XAtq -v ON_ERROR_STOP=1 -v bars="$bars" >/dev/null <<'SQL'
CREATE EXTENSION bourse;
SELECT setseed(0.42), market.add_instrument('WALK', 'CRYPTO', kind => 'crypto');
SET bourse.roll_up_bars = off;
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id('CRYPTO:WALK'), '1 minute', timestamptz '2020-01-01 00:00Z' + n * interval '1 minute', o,
       greatest(o, c) * 1.0002, least(o, c) * 0.9998, c, 1000
  FROM (SELECT n, c, coalesce(lag(c) OVER (ORDER BY n), c) AS o
          FROM (SELECT n, 100 * exp(sum((random() + random() + random() - 1.5) * 0.001) OVER (ORDER BY n)) AS c
                  FROM generate_series(1, :bars) AS n) AS w) AS b;
SELECT market.ensure_tick_partitions('2022-06-01', '2022-06-03');
INSERT INTO market.ticks (instrument_id, ts, price, size)
SELECT market.instrument_id('CRYPTO:WALK'), timestamptz '2022-06-01 00:00Z' + n * interval '100 milliseconds',
       100 * exp(sum((random() + random() + random() - 1.5) * 0.0001) OVER (ORDER BY n)), 1
  FROM generate_series(1, :bars) AS n;
SELECT strategy.create_strategy('cross', 'custom', '1 minute',
  '{"entry": "ema(close, 20) > ema(close, 50)", "exit": "ema(close, 20) < ema(close, 50)", "sizing": {"method": "fixed_quantity", "quantity": 100}}');
SQL
psql -Xq -c "VACUUM ANALYZE"
# Seconds of the call, and those in the engine, with these settings from a time on: $call and $engine.
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
run() {
  local runs
  runs=$(psql -XAtq -v ON_ERROR_STOP=1 -v from="$1" -v settings="$2" 2>&1 <<'SQL'
\set run 'SELECT research.run_backtest(''cross'', ''{CRYPTO:WALK}'', :''from'', ''2030-01-01'', 1000000, :''settings'') \\g /dev/null'
SET client_min_messages = debug1;
\timing on
:run
:run
:run
:run
SQL
  )
  engine=$(sed -n 's/.*backtest: .* events, \([0-9.]*\) s in the engine.*/\1/p' <<<"$runs" | tail -n 3 | median)
  call=$(sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' <<<"$runs" | tail -n 3 | median | awk '{ print $1 / 1000 }')
  [ -n "$engine" ] && [ -n "$call" ] || { echo "$runs" && exit 1; } >&2
}
run 2022-06-01 '{"commission_percent": 0.1, "fill": "tick"}'
awk -v ticks="$bars" -v engine="$engine" -v call="$call" 'BEGIN { speed = ticks / engine / 1e6
  printf "bench backtest_ticks_engine: %.2f million ticks/s, ratio %.2f of 10 million ticks/s (aim 1)\n", speed, speed / 10
  speed = ticks / call / 1e6
  printf "bench backtest_ticks_sql: %.2f million ticks/s, ratio %.2f of 10 million ticks/s (no aim)\n", speed, speed / 10 }'
run 2020-01-01 '{"commission_percent": 0.1}'
awk -v bars="$bars" -v engine="$engine" 'BEGIN { speed = bars / engine / 1e6
  printf "bench backtest_engine: %.2f million bars/s, ratio %.2f of 20 million bars/s (aim 1)\n", speed, speed / 20 }'

psql -Xq -f "$root/Benchmarks/orders/setup.sql"
psql -XAtqc "SELECT market.ensure_tick_partitions('2024-01-08', '2024-01-08')" >/dev/null
processors=$(nproc)
work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-backtest.XXXXXX")
trap 'rm -rf "$work"; psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database"' EXIT
pgbench=$(command -v pgbench || echo "$(pg_config --bindir)/pgbench")
backtests() {
  while [ -e "$work/on" ]; do
    psql -XAtqc "SELECT research.run_backtest('cross', '{CRYPTO:WALK}', '2020-01-01', '2030-01-01', 1000000, '{\"commission_percent\": 0.1}')" >/dev/null
  done
}
# tps FILE ROUND: transactions a second of all clients.
tps() {
  "$pgbench" -n -M prepared -c "$processors" -j "$processors" -T "${SECONDS_PER_RUN:-5}" -D k=0 -D seed="$RANDOM" -D run="$2" -f "$1" 2>"$work/errors" | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
# beside NAME FILE UNIT PER_TRANSACTION: the one that is measured.
beside() {
  tps "$2" 0 >/dev/null
  for round in 1 2 3; do
    tps "$2" $((2 * round)) >>"$work/$1.alone"
    touch "$work/on"
    backtests &
    tps "$2" $((2 * round + 1)) >>"$work/$1.beside"
    rm "$work/on"
    wait
  done
  awk -v name="$1" -v unit="$3" -v each="$4" -v alone="$(median <"$work/$1.alone")" -v beside="$(median <"$work/$1.beside")" -v n="$processors" 'BEGIN {
    left = n > 1 ? 1 - 1 / n : 0.5
    printf "bench backtest_beside_%s: %.0f %s beside a backtest, ratio %.2f of what is left of %.0f alone when one of %d processors is taken (aim 1)\n",
      name, each * beside, unit, beside / alone / left, each * alone, n }'
}
beside orders "$root/Benchmarks/orders/life.sql" lives/s 1
beside ingest "$root/Benchmarks/backtest/ingest.sql" ticks/s 500

python=${BOURSE_VECTORBT_PYTHON:-python3}
if ! "$python" -c 'import vectorbt, psycopg2' 2>/dev/null; then
  echo "skipped: backtest_sql beside vectorbt, because $python has no vectorbt and psycopg2 (BOURSE_VECTORBT_PYTHON); the call takes $call s"
  exit 0
fi
peer=$("$python" "$root/Benchmarks/backtest/cross.py" | median)
awk -v bars="$bars" -v call="$call" -v peer="$peer" 'BEGIN {
  printf "bench backtest_sql: %.2f s for %d bars, ratio %.2f of vectorbt with the same rows, %.2f s (aim 2)\n", call, bars, peer / call, peer }'
