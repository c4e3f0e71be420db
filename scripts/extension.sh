#!/bin/sh
# Builds the extension bourse with Swift's own clang and installs it into the PostgreSQL server of this machine: that of PG_CONFIG,
# else the one that `bourse up` starts. Where that cannot be done it says in one line why, and how to have it, and ends with status 3.
# Usage: scripts/extension.sh [build|install|uninstall]
set -eu
cd "$(dirname "$0")/.."
action=${1:-install}

cannot() {
  echo "extension: bourse is not installed in the server, because $1; $2"
  exit 3
}

if [ -n "${BOURSE_DATABASE_URL:-}" ] && [ -z "${PG_CONFIG:-}" ]; then
  cannot "BOURSE_DATABASE_URL names one of your own" "there: make -C extensions/bourse install PG_CONFIG=<its pg_config>"
fi
# As bourse up chooses the server: what was set, what the data is of, what is in PATH.
major=$(cat "${BOURSE_HOME:-.bourse}/data/PG_VERSION" 2>/dev/null || true)
if [ -n "${PG_CONFIG:-}" ]; then
  config=$PG_CONFIG
elif [ -n "${BOURSE_PG_BINDIR:-}" ]; then
  config=$BOURSE_PG_BINDIR/pg_config
elif [ -n "$major" ] && [ -x "/usr/lib/postgresql/$major/bin/pg_config" ]; then
  config=/usr/lib/postgresql/$major/bin/pg_config
else
  config=pg_config
fi
version=$("$config" --version 2>/dev/null) || cannot "there is no $config" "install the server's development package"
if [ ! -e "$("$config" --includedir-server)/postgres.h" ] || [ ! -e "$("$config" --pgxs)" ]; then
  cannot "$version came without its headers" "install the server's development package, then: make demo"
fi
compiler=$(command -v swiftc) || cannot "there is no swiftc in PATH" "install Swift from https://www.swift.org/install/linux/"

# $1: what to make; the rest: sudo, where it is needed. A server's build remembers options of its compiler that another one may
# not know.
run_make() {
  target=$1
  shift
  "$@" make -s -C extensions/bourse PG_CONFIG="$config" CC="$(dirname "$(readlink -f "$compiler")")/clang" \
    COPT="-Wno-ignored-attributes -Wno-unknown-warning-option" "$target" >.build/extension.log 2>&1 && return
  echo "extension: $target of bourse failed; see .build/extension.log"
  exit 1
}

mkdir -p .build
folder=$("$config" --sharedir)/extension
library=$("$config" --pkglibdir)
sudo=""
if [ "$action" != build ] && ! { [ -w "$folder" ] && [ -w "$library" ]; }; then
  sudo -n true 2>/dev/null || cannot "$folder cannot be written" "as somebody who may: scripts/extension.sh"
  sudo="sudo -n"
fi

if [ "$action" != uninstall ]; then
  # What is compiled of Swift does not know the server, and what is compiled of C does.
  built=.build/extension-server
  if [ "$(cat $built 2>/dev/null || true)" != "$version" ]; then
    (cd extensions/bourse && rm -f ./*.so src/bourse.o src/indicators.o src/ohlcv.o src/strategies.o src/backtests.o src/guard.o)
  fi
  run_make all
  echo "$version" >$built
fi
[ "$action" = build ] && exit 0
# shellcheck disable=SC2086 # nothing or two words
run_make "$action" $sudo
