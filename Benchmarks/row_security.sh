#!/bin/bash
# What row security costs a trader with 5 portfolios beside 1,000 of others: orders (by trading.submit_order and by INSERT) and the main
# views, each asked for one's own portfolio, in two databases that differ by nothing but ALTER TABLE … DISABLE ROW LEVEL SECURITY. Rounds
# take turns, figures are medians of transactions, which a busy machine changes least: milliseconds with row security over those without.
# Usage: Benchmarks/row_security.sh; the server of PGHOST, PGPORT, ..., on which it makes databases and a login role with names that nobody
# else has, and drops them. SECONDS_PER_RUN, ROUNDS; BOURSE names the program.
set -euo pipefail
cd "$(dirname "$0")/.."
export PGOPTIONS="-c client_min_messages=warning"
seconds=${SECONDS_PER_RUN:-2}
rounds=${ROUNDS:-5}
pgbench=$(command -v pgbench || echo "$(pg_config --bindir)/pgbench")
work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-row-security.XXXXXX")
bourse=${BOURSE:-.build/release/bourse}
own=bourse_bench_${RANDOM}${RANDOM}_$$
trap 'for d in with without; do psql -Xqd postgres -c "DROP DATABASE IF EXISTS ${own}_$d"; done; psql -Xqd postgres -c "DROP ROLE IF EXISTS $own"; rm -rf "$work"' EXIT

psql -Xqd postgres -c "CREATE DATABASE ${own}_with"
"$bourse" migrate --database-url "dbname=${own}_with" >/dev/null
psql -Xqd postgres -c "CREATE ROLE $own LOGIN IN ROLE bourse_trader"
psql -Xqd "${own}_with" -v trader="$own" -f Benchmarks/row_security/setup.sql
psql -Xqd postgres -c "CREATE DATABASE ${own}_without TEMPLATE ${own}_with"
psql -XAtqd "${own}_without" -c "SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;', c.oid::regclass) FROM pg_class AS c WHERE c.relrowsecurity" | psql -Xqd "${own}_without"
for d in with without; do psql -Xqd "${own}_$d" -c 'VACUUM ANALYZE'; done

median() { sort -g "$work/$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }
# latency DATABASE FILE: milliseconds of each transaction, but for the first, which plan.
latency() {
  rm -f "$work"/transactions.*
  "$pgbench" -n -M prepared -U "$own" -T "$seconds" -l --log-prefix="$work/transactions" -D k=0 -D seed="$RANDOM" -f "$2" "$1" >/dev/null 2>"$work/errors" || cat "$work/errors" >&2
  awk 'NR > 10 { print $3 / 1000 }' "$work"/transactions.*
}
for file in Benchmarks/row_security/*.sql; do
  name=$(basename "$file" .sql)
  [ "$name" != setup ] || continue
  for ((round = 1; round <= rounds; round++)); do
    for d in with without; do latency "${own}_$d" "$file" >>"$work/$name.$d"; done
  done
  awk -v n="$name" -v a="$(median "$name.with")" -v b="$(median "$name.without")" \
    'BEGIN { printf "bench row_security_%s: %.3f ms, ratio %.2f of the same without row security (aim 1.15)\n", n, a, a / b }'
done
