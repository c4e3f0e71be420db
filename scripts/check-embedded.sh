#!/bin/sh
# Compiles all of TradingCore as Embedded Swift into one object, as the PostgreSQL extension does, and fails when the
# object needs a symbol that a plain C program would not have. Then replays the same trading in both kinds of build and
# fails when they differ in a single bit.
# Usage: scripts/check-embedded.sh [OBJECT]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
object=${1:-$scratch/TradingCore.o}

find "$root/Sources/TradingCore" -name '*.swift' | sort | sed 's/.*/"&"/' > "$scratch/sources"

# compile MODULE ARGUMENT...: all sources as one module
compile() {
  module=$1
  shift
  swiftc -swift-version 6 -module-name "$module" -wmo -parse-as-library -O \
    -Xcc -fmodule-map-file="$root/Sources/CJSONC/module.modulemap" -I "$root/Sources/CJSONC" -I /usr/include \
    @"$scratch/sources" "$@"
}

compile TradingCore -enable-experimental-feature Embedded -c -o "$object"

# libc, libm, compiler runtime and json-c; anything else means that a feature drags a Swift runtime in.
allowed='^(abort|free|malloc|posix_memalign|memcmp|memcpy|memmove|memset|strlen|putchar|arc4random_buf'
allowed="$allowed"'|getrandom|fma|fmod|sqrt|trunc|ceil|floor|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
allowed="$allowed"'|__(u?div|u?mod|mul)ti3|__u?divmodti4|__muloti4|__fix(uns)?dfti|__float(un)?tidf'
allowed="$allowed"'|json_[a-z0-9_]+)$'
unexpected=$(nm --undefined-only --format=just-symbols "$object" | grep -Ev "$allowed" || true)
if [ -n "$unexpected" ]; then
  echo "check-embedded: unexpected undefined symbols:" >&2
  echo "$unexpected" >&2
  exit 1
fi

program="$root/scripts/embedded/Fingerprint.swift"
compile Fingerprint "$program" -o "$scratch/usual" -ljson-c -lm
compile Fingerprint "$program" -enable-experimental-feature Embedded -o "$scratch/embedded" -ljson-c -lm
usual=$("$scratch/usual")
embedded=$("$scratch/embedded")
case $usual in
  "0 and"* | *"and 0 fills"*) echo "check-embedded: nothing was traded that could differ: $usual" >&2; exit 1 ;;
esac
if [ "$usual" != "$embedded" ]; then
  echo "check-embedded: the builds differ: $usual; embedded $embedded" >&2
  exit 1
fi
echo "check-embedded: $(wc -l < "$scratch/sources") files, $(stat -c %s "$object") bytes of object, symbols as expected; both builds: $usual"
