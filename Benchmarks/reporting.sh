#!/bin/bash
# What panels wait for: each view of the schema reporting, asked by a dashboard's login for a day of the largest of 20 portfolios, among
# 1 million snapshots, 1 million orders with their fills and signals, and 5 million ticks. Medians in milliseconds, planning included, over
# those of the same question to the table.
# Usage: Benchmarks/reporting.sh; the server of PGHOST, PGPORT, ..., on which it makes a database and a login role with names that nobody
# else has, and drops them; the login that it uses has to be a superuser. ROWS (1000000), ROUNDS; BOURSE names the program.
set -euo pipefail
cd "$(dirname "$0")/.."
export PGOPTIONS="-c client_min_messages=warning"
bourse=${BOURSE:-.build/release/bourse}
own=bourse_bench_${RANDOM}${RANDOM}_$$
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $own"; psql -Xqd postgres -c "DROP ROLE IF EXISTS $own"' EXIT

psql -Xqd postgres -c "CREATE DATABASE $own"
"$bourse" migrate --database-url "dbname=$own" >/dev/null
psql -Xqd postgres -c "CREATE ROLE $own LOGIN IN ROLE bourse_dashboard"
psql -Xqd "$own" -v rows="${ROWS:-1000000}" -v reader="$own" -f Benchmarks/reporting/setup.sql
psql -Xqd "$own" -c 'VACUUM ANALYZE'
psql -XAtqd "$own" -v rounds="${ROUNDS:-5}" -v reader="$own" -f Benchmarks/reporting/measure.sql
