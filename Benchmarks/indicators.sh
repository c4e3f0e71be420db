#!/bin/sh
# Batch kernels against TA-Lib's C library. Usage: Benchmarks/indicators.sh [INDICATOR...]
# BOURSE_TALIB_PYTHON names a Python with numpy and TA-Lib (pip install TA-Lib); without them one line says "skipped".
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/.build/bench-indicators
mkdir -p "$build"
# shellcheck disable=SC2046 # one argument per file
swiftc -swift-version 6 -O ${SWIFT_ARCH--Xcc -march=native} -wmo -parse-as-library -module-name IndicatorBatch -emit-library \
  $(find "$root/Sources/TradingCore/Indicators" -name '*.swift' | sort) "$root/Benchmarks/indicators/Batch.swift" \
  -o "$build/libbatch.so"
exec "${BOURSE_TALIB_PYTHON:-python3}" "$root/Benchmarks/indicators/batch.py" "$build/libbatch.so" "$@"
