#!/bin/bash
# What a closed candle costs the programs of the built-in strategies, beside the bare kernels of their indicators and 20 ns an operator.
# Usage: Benchmarks/rules.sh; the server of PGHOST, PGPORT, ..., on which it makes a database with a name that nobody else has, reads
# the strategies, and drops it. BOURSE names the program.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/.build/bench-rules
mkdir -p "$build"
database=bourse_bench_${RANDOM}${RANDOM}_$$
psql -Xqd postgres -c "CREATE DATABASE $database TEMPLATE template0"
trap 'psql -Xqd postgres -c "DROP DATABASE IF EXISTS $database"' EXIT
"${BOURSE:-$root/.build/release/bourse}" migrate --database-url "dbname=$database" >/dev/null
psql -XAtqd "$database" -v ON_ERROR_STOP=1 -F $'\t' >"$build/strategies" <<'SQL'
SELECT s.name, s.type, (extract(year FROM v.timeframe) * 12 + extract(month FROM v.timeframe))::int, extract(day FROM v.timeframe)::int,
       (extract(epoch FROM v.timeframe - date_trunc('day', v.timeframe)) * 1000000)::bigint, v.parameters
  FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
 ORDER BY s.strategy_id;
SQL
cc -O2 -c "$root/Benchmarks/rules/malloc.c" -o "$build/malloc.o"
# shellcheck disable=SC2046 # one argument per file
swiftc -swift-version 6 -O -wmo -parse-as-library -module-name RulesBench \
  -Xcc -fmodule-map-file="$root/Sources/CJSONC/module.modulemap" -I "$root/Sources/CJSONC" -I /usr/include \
  $(find "$root/Sources/TradingCore" -name '*.swift' | sort) "$root/Benchmarks/rules/RulesBench.swift" \
  "$build/malloc.o" -Xlinker --export-dynamic -o "$build/rules" -ljson-c -lm
"$build/rules" <"$build/strategies"
