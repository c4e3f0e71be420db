#!/bin/sh
# What a closed candle costs the programs of eight strategies, beside the bare kernels of their indicators.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/.build/bench-rules
mkdir -p "$build"
cc -O2 -c "$root/Benchmarks/rules/malloc.c" -o "$build/malloc.o"
# shellcheck disable=SC2046 # one argument per file
swiftc -swift-version 6 -O -wmo -parse-as-library -module-name RulesBench \
  -Xcc -fmodule-map-file="$root/Sources/CJSONC/module.modulemap" -I "$root/Sources/CJSONC" -I /usr/include \
  $(find "$root/Sources/TradingCore" -name '*.swift' | sort) "$root/Benchmarks/rules/RulesBench.swift" \
  "$build/malloc.o" -Xlinker --export-dynamic -o "$build/rules" -ljson-c -lm
exec "$build/rules"
