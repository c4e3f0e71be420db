#!/bin/bash
# An optimization of the cross of two averages, 25 times 40 pairs over BARS (100,000) bars of a minute: by CALL research.work in one
# session of the server, and in two at once; beside vectorbt, which reads the same rows from the same server.
# Usage: Benchmarks/optimize.sh; the server of PGHOST, PGPORT, ... with the extension, on which it makes a database with a name that
# nobody else has, and drops it. BOURSE names the program; BOURSE_VECTORBT_PYTHON a Python with vectorbt and psycopg2.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
bars=${BARS:-100000}
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
SELECT strategy.create_strategy('cross', 'custom', '1 minute', '{"entry": "ema(close, $fast) > ema(close, $slow)", "exit": "ema(close, $fast) < ema(close, $slow)",
  "params": {"fast": 20, "slow": 50}, "sizing": {"method": "fixed_quantity", "quantity": 100}}');
SQL
psql -Xq -c "VACUUM ANALYZE"
# Seconds of a search by so many sessions, what research.optimize takes included.
search() {
  local begin id sessions=()
  begin=$(date +%s%N)
  id=$(psql -XAtq -v ON_ERROR_STOP=1 -c "SELECT research.optimize('cross', '{CRYPTO:WALK}', '2020-01-01', '2030-01-01',
    '{\"fast\": {\"from\": 5, \"to\": 53, \"step\": 2}, \"slow\": {\"from\": 60, \"to\": 255, \"step\": 5}}', capital => 1000000, settings => '{\"commission_percent\": 0.01}')")
  for ((n = 0; n < $1; n++)); do
    psql -Xq -v ON_ERROR_STOP=1 -c "CALL research.work($id, 50)" >/dev/null &
    sessions+=($!)
  done
  wait "${sessions[@]}"
  awk -v begin="$begin" -v end="$(date +%s%N)" 'BEGIN { print (end - begin) / 1e9 }'
  [ "$(psql -XAtqc "SELECT done FROM research.progress WHERE optimization_id = $id")" = 1000 ] || { echo "not all trials were run" >&2 && exit 1; }
}
search 2 >/dev/null
one=$(search 1)
two=$(search 2)
awk -v one="$one" -v two="$two" 'BEGIN {
  printf "bench optimize_workers: %.2f s for 1000 trials with two workers, ratio %.2f of one worker, %.2f s (aim 1.8)\n", two, one / two, one }'
python=${BOURSE_VECTORBT_PYTHON:-python3}
if ! "$python" -c 'import vectorbt, psycopg2' 2>/dev/null; then
  echo "skipped: optimize_pairs beside vectorbt, because $python has no vectorbt and psycopg2 (BOURSE_VECTORBT_PYTHON); two workers take $two s"
  exit 0
fi
{ read -r first && read -r peer; } < <("$python" "$root/Benchmarks/optimize/pairs.py")
awk -v bars="$bars" -v two="$two" -v first="$first" -v peer="$peer" 'BEGIN {
  printf "bench optimize_pairs: %.2f million combination-bars/s with two workers, ratio %.2f of vectorbt with the same rows, %.2f million/s, %.2f at its first call (aim 3)\n", bars / two / 1e3, peer / two, bars / peer / 1e3, bars / first / 1e3 }'
