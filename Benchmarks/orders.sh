#!/bin/bash
# Orders beside pgbench's TPC-B (scale 10) on the same durable server: whole lives (submit with all checks, fill, ledger, position,
# events) at 1 and 8 clients and through the array form, p50 and p99 of submit and of fill beside a bare one-row INSERT, and the cost of
# submit with 1,000 and 1,000,000 orders. Lives are measured with three limits, and once more with the rules of a careful user
# (rules.sql). BASELINE=<git revision> measures lives with the procedures of that revision too, in the same rounds.
# Rounds take turns, figures are medians. Ends with ops.check_invariants().
# Usage: Benchmarks/orders.sh [NAME...]; the server of PGHOST, PGPORT, ..., on which it makes databases with names that nobody else has,
# and drops them. SECONDS_PER_RUN, ROUNDS; BOURSE names the program.
set -euo pipefail
cd "$(dirname "$0")/.."
export PGOPTIONS="-c client_min_messages=warning"
seconds=${SECONDS_PER_RUN:-3}
rounds=${ROUNDS:-5}
wanted() { [ ${#names[@]} -eq 0 ] || [[ " ${names[*]} " == *" $1 "* ]]; }
names=("$@")
pgbench=$(command -v pgbench || echo "$(pg_config --bindir)/pgbench")
work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-orders.XXXXXX")
bourse=${BOURSE:-.build/release/bourse}
own=bourse_bench_${RANDOM}${RANDOM}_$$
databases=()
create() {
  psql -Xqd postgres -c "CREATE DATABASE $1 ${2:-}"
  databases+=("$1")
}
drop() { for database in "${databases[@]}"; do psql -Xqd postgres -c "DROP DATABASE $database"; done; }
trap 'drop; rm -rf "$work"' EXIT

# prepare NAME [SHARE]: a database with the procedures of this checkout, or of another folder, and one like it with more rules.
prepare() {
  create "${own}_$1"
  BOURSE_SHARE=${2:-${BOURSE_SHARE:-}} "$bourse" migrate --database-url "dbname=${own}_$1" >/dev/null
  psql -Xqd "${own}_$1" -f Benchmarks/orders/setup.sql
  create "${own}_$1_rules" "TEMPLATE ${own}_$1"
  psql -Xqd "${own}_$1_rules" -f Benchmarks/orders/rules.sql
}
prepare orders
kinds=(orders orders_rules)
if [ -n "${BASELINE:-}" ]; then
  mkdir "$work/baseline"
  git archive "$BASELINE" sql procedures deploy | tar -x -C "$work/baseline"
  prepare base "$work/baseline"
  kinds+=(base base_rules)
fi

# tps DATABASE CLIENTS [PGBENCH ARGUMENT...]: transactions a second, without the time to connect.
tps() {
  "$pgbench" -n -M prepared -c "$2" -j "$2" -T "$seconds" "${@:3}" "$1" 2>"$work/errors" | sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
life() { tps "${own}_$1" "$2" -D k=0 -D seed="$RANDOM" -f Benchmarks/orders/life.sql; }
batch() { tps "${own}_$1" 1 -D k=0 -D seed="$RANDOM" -f Benchmarks/orders/batch.sql; }
median() { sort -g "$work/$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
# percentile FILE P
percentile() { sort -g "$1" | awk -v p="$2" '{ v[NR] = $1 } END { i = int(NR * p); print v[i < 1 ? 1 : i] }'; }
divide() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
round() { awk -v a="$1" 'BEGIN { printf "%.0f", a }'; }

if wanted order_life_1 || wanted order_life_8 || wanted order_batch; then
  create "${own}_tpcb"
  "$pgbench" -i -q -s 10 "${own}_tpcb" 2>"$work/errors"
  # A first look at everything, not counted: files grow, caches fill.
  { tps "${own}_tpcb" 8; for kind in "${kinds[@]}"; do life "$kind" 8 && batch "$kind"; done; } >/dev/null
  for _ in $(seq "$rounds"); do
    for clients in 1 8; do
      tps "${own}_tpcb" $clients >>"$work/tpcb_$clients"
      if wanted order_life_$clients; then
        for kind in "${kinds[@]}"; do life "$kind" $clients >>"$work/life_${clients}_$kind"; done
      fi
    done
    if wanted order_batch; then
      for kind in "${kinds[@]}"; do batch "$kind" | awk '{ print 100 * $1 }' >>"$work/batch_$kind"; done
    fi
  done
  # say NAME FILE YARDSTICK AIM: the figures with three limits and with the careful user's rules, beside TPC-B and the baseline.
  say() {
    local kind words baseline
    for kind in orders orders_rules; do
      words="with three limits" baseline=""
      [ "$kind" = orders ] || words="with a careful user's rules"
      if [ -n "${BASELINE:-}" ]; then
        baseline="; $(divide "$(median "$2_$kind")" "$(median "$2_base${kind#orders}")") of $BASELINE, $(divide "$(median "$2_$kind")" "$(median "$2_base")") of it with three limits"
      fi
      echo "bench $1${kind#orders}: $(round "$(median "$2_$kind")") lives/s $words, ratio $(divide "$(median "$2_$kind")" "$(median "$3")")" \
        "of TPC-B, $(round "$(median "$3")") tps (aim $4)$baseline"
    done
  }
  if wanted order_life_1; then say order_life_1 life_1 tpcb_1 1.0; fi
  if wanted order_life_8; then say order_life_8 life_8 tpcb_8 0.3; fi
  if wanted order_batch; then say order_batch batch tpcb_1 5.0; fi
fi

if wanted submit_p50 || wanted submit_p99 || wanted fill_p50 || wanted fill_p99; then
  psql -Xqd "${own}_orders" -c 'CREATE TABLE bare_row (id bigint, at timestamptz)'
  for _ in $(seq "$rounds"); do
    seed=$RANDOM$RANDOM
    for script in insert submit fill; do
      "$pgbench" -n -M prepared -c 1 -t 1000 -D k=0 -D seed="$seed" -f "Benchmarks/orders/$script.sql" -l --log-prefix="$work/log" \
        "${own}_orders" >/dev/null 2>"$work/errors"
      # The first hundred plan their statements.
      awk '$2 > 100 { print $3 }' "$work"/log.* >>"$work/$script"
      rm "$work"/log.*
    done
  done
  for script in submit fill; do
    for share in 50 99; do
      value=$(percentile "$work/$script" "0.$share")
      base=$(percentile "$work/insert" "0.$share")
      if wanted "${script}_p$share"; then
        echo "bench ${script}_p$share: $value us with its commit, ratio $(divide "$value" "$base") of a bare one-row INSERT, $base us (aim -)"
      fi
    done
  done
fi

for kind in orders orders_rules; do
  invariants=$(psql -XAtqd "${own}_$kind" -c 'SELECT count(*) FROM ops.check_invariants()')
  if [ "$invariants" != 0 ]; then
    echo "ops.check_invariants() returns $invariants rows after the measurements:" >&2
    psql -Xqd "${own}_$kind" -c 'SELECT * FROM ops.check_invariants() LIMIT 10' >&2
    exit 1
  fi
done

if wanted submit_large; then
  psql -Xqd "${own}_orders" -c 'DROP TABLE IF EXISTS bare_row'
  for database in small large; do
    create "${own}_$database"
    "$bourse" migrate --database-url "dbname=${own}_$database" >/dev/null
    psql -Xqd "${own}_$database" -f Benchmarks/orders/setup.sql
  done
  psql -Xqd "${own}_small" -v orders=1 -f Benchmarks/orders/history.sql
  psql -Xqd "${own}_large" -v orders=1000 -f Benchmarks/orders/history.sql
  for pass in 0 $(seq "$rounds"); do
    for database in small large; do
      "$pgbench" -n -M prepared -c 1 -t 2000 -r -D k=0 -D seed="$pass" -f Benchmarks/orders/submit_and_roll_back.sql "${own}_$database" \
        2>"$work/errors" | awk '/submit_order/ { print 1000 * $1 }' >"$work/one"
      if [ "$pass" != 0 ]; then cat "$work/one" >>"$work/$database"; fi
    done
  done
  echo "bench submit_large: $(round "$(median large)") us with 1,000,000 orders in the table, ratio $(divide "$(median large)" "$(median small)")" \
    "of submit with 1,000, $(round "$(median small)") us (aim 1.2)"
fi
