#!/bin/bash
# All tests, on a private server that goes away with this script. Each step prints one line; a step that fails prints its
# output too, and the others still run. STEPS="swift pgtap" runs some of them only.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

started=$SECONDS
failed=()
uninstalls=""
only=" ${STEPS:-tidy dashboards embedded swift snapshot docs plpgsql comments pgtap isolation properties timescaledb extension end-to-end} "

# $1: name; the rest: a command. Its lines with "skipped" are shown, and how much it tested.
step() {
  local name=$1 log begin=$SECONDS status=0
  shift
  log=$private_work/log-${name//[^a-z-]/-}
  "$@" >"$log" 2>&1 || status=$?
  {
    sed -n -e 's/^➜ \(.* skipped\)/skipped: \1/p' -e '/^skipped: /p' "$log" | sort -u
    if [ "$status" -eq 0 ]; then
      printf 'ok      %-12s %4d s  %s\n' "$name" $((SECONDS - begin)) "$(counted "$log")"
    else
      printf 'FAILED  %-12s %4d s  (status %s)\n' "$name" $((SECONDS - begin)) "$status"
      tail -n "${FAILURE_LINES:-200}" "$log" | sed 's/^/    /'
      failed+=("$name")
    fi
  } >"$log.report"
  cat "$log.report"
  return "$status"
}
# A copy of the files costs a fraction of one that is written to the log page by page.
copy_database() { createdb --strategy file_copy -T "$1" "$2"; }
counted() { sed -n 's/^counted: //p' "$1" | tail -n 1; }
wanted() { [[ $only == *" $1 "* ]]; }
exists() { compgen -G "$1" >/dev/null; }

# Tests that compute run side by side. Those that wait for a server, a socket or a process run one by one: Swift's pool has as
# many threads as the machine has cores, and whoever computes on them keeps all others waiting; two processes share them, each
# with a pool of its own. Of thousands of lines only what went wrong is shown, what was skipped and the total; after a crash the
# end of all.
swift_tests() {
  local log=$private_work/swift-test.log status=0 computing='^(TradingCoreTests|IndicatorTests|ChartsTests)[.]' half='^(RunnerTests|LibPQTests)[.]'
  swift test --skip-build --parallel --filter "$computing" >"$log" 2>&1 || status=$?
  swift test --skip-build --ignore-lock --no-parallel --filter "$half" >"$log.half" 2>&1 &
  swift test --skip-build --ignore-lock --no-parallel --skip "$computing" --skip "$half" >"$log.waiting" 2>&1 || status=$?
  wait $! || status=$?
  for log in "$log" "$log.half" "$log.waiting"; do
    grep -aE '^(✘|↳ |➜|skipped: )|error: |[Ff]atal error' "$log" | cut -c 1-500
    grep -aqE '^[^ ]+ Test run with [1-9]' "$log" || { status=1 && tail -n 60 "$log"; }
  done
  cat "$private_work"/swift-test.log* | sed -n 's/^[^ ]* Test run with \([0-9]*\) test.*/\1/p' | awk '{ sum += $1 } END { print "counted: " sum + 0 " tests" }'
  return $status
}

# TradingCore is compiled as Embedded Swift several times, which keeps one core busy for minutes: beside the Swift tests, most of
# which wait for a server.
compile_aside() {
  if wanted embedded; then scripts/check-embedded.sh >"$private_work/embedded.log" 2>&1; echo $? >"$private_work/embedded.status"; fi
  if wanted extension; then extension build >/dev/null; fi
}
embedded_check() {
  cat "$private_work/embedded.log"
  return "$(cat "$private_work/embedded.status")"
}

# $1: name of a file in Tests/pgtap
pgtap_file() {
  copy_database bourse_template_pgtap "pgtap_$1" || return
  (cd Tests/pgtap && PGOPTIONS='-c client_min_messages=warning' pg_prove --dbname "pgtap_$1" --norc "$1.sql")
  local status=$?
  dropdb "pgtap_$1"
  return $status
}

pgtap_tests() {
  local file name status=0 count=0 out=$private_work/pgtap
  mkdir -p "$out"
  psql -Xq -c 'CREATE EXTENSION IF NOT EXISTS pgtap' bourse_template_pgtap || return
  # Two at a time, each in a database of its own.
  for file in Tests/pgtap/*.sql; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    name=${file##*/}
    { pgtap_file "${name%.sql}" >"$out/$name" 2>&1 || touch "$out/$name.failed"; } &
    ((++count))
  done
  wait
  for file in "$out"/*.failed; do
    if [ -e "$file" ]; then status=1 && cat "${file%.failed}"; fi
  done
  echo "counted: $(cat "$out"/*.sql | awk '/^Files=1, Tests=/ { sum += substr($2, 7) } END { print sum + 0 }') tests in $count files"
  return $status
}

isolation_tests() {
  local tester spec name database status=0 count=0 out=$private_work/isolation
  tester=$(dirname "$(pg_config --pgxs)")/../test/isolation/pg_isolation_regress
  if [ ! -x "$tester" ]; then
    echo "pg_isolation_regress is missing: install the server's development package (scripts/deps.sh)"
    return 1
  fi
  for spec in Tests/isolation/specs/*.spec; do
    name=${spec##*/}
    name=${name%.spec}
    database=isolation_$((++count))
    copy_database bourse_template "$database" || return
    mkdir -p "$out/$name"
    if ! "$tester" --bindir="$(pg_config --bindir)" --host="$PGHOST" --port="$PGPORT" --user="$PGUSER" \
      --dbname="$database" --use-existing --inputdir=Tests/isolation --outputdir="$out/$name" "$name" \
      >"$out/$name/output" 2>&1; then
      status=1
      echo "$spec:"
      cat "$out/$name/regression.diffs" 2>/dev/null || cat "$out/$name/output"
    fi
    dropdb "$database"
  done
  echo "counted: $count specs"
  return $status
}

# Both scripts print one line per finding.
plpgsql_check() { no_findings scripts/plpgsql-check.sql; }
comment_check() { no_findings scripts/comment-check.sql; }
no_findings() {
  local findings database=findings_$BASHPID
  copy_database bourse_template "$database" || return
  findings=$(psql -XAtq -v ON_ERROR_STOP=1 -f "$1" "$database") || return
  dropdb "$database"
  [ -z "$findings" ] || { echo "$findings" && return 1; }
}

# Random histories against a plain model, to the last digit.
property_tests() {
  copy_database bourse_template properties || return
  PGDATABASE=properties python3 Tests/Properties/random_history.py || return
  dropdb properties
}

# On a server of its own, since the other one has not loaded TimescaleDB.
timescaledb_tests() (
  trap - EXIT  # the folder is the parent's
  start_timescaledb_cluster
  status=0
  Tests/timescaledb/run.sh || status=$?
  "$BOURSE" down --delete-data --home "$private_work/timescaledb" || status=1
  exit "$status"
)

extension() { PG_CONFIG=$(command -v pg_config) scripts/extension.sh "$@"; }

# Installs it beside the server's own extensions until all tests are done, where that may be written; what needs it is skipped
# elsewhere.
extension_tests() {
  local installed=0 part failures=()
  [ -e "$(pg_config --sharedir)/extension/bourse.control" ] || uninstalls=yes
  extension install >"$private_work/installed" || installed=$?
  if [ $installed -eq 3 ]; then sed 's/^extension: /skipped: /' "$private_work/installed" && return 0; fi
  if [ $installed -ne 0 ]; then cat "$private_work/installed" .build/extension.log && return $installed; fi
  for part in "check-symbols tests/traps.so" installcheck installcheck-twins; do
    # shellcheck disable=SC2086 # targets
    make -s -C extensions/bourse $part || failures+=("$part")
  done
  # Windows in SQL equal the Swift kernels bit for bit.
  swift test --skip-build --filter SQLWindowTests || failures+=(SQLWindowTests)
  if [ -e extensions/bourse/regression.diffs ]; then cat extensions/bourse/regression.diffs; fi
  echo "counted: $(find extensions/bourse/sql -name '*.sql' | wc -l) files"
  [ ${#failures[@]} -eq 0 ] || { printf 'failed: %s\n' "${failures[@]}" && return 1; }
}

# Each script gets PATH with the program, and a home of its own in BOURSE_HOME.
end_to_end_test() {
  local home=$private_work/${1##*/} status=0
  mkdir -p "$home" && chmod 755 "$home"
  env -u BOURSE_TEST_DATABASE_URL -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE \
    BOURSE="$BOURSE" BOURSE_HOME="$home/home" TMPDIR="$home" PATH="$(dirname "$BOURSE"):$PATH" "$1" || status=$?
  "$BOURSE" down --delete-data --home "$home/home" || true
  rm -rf "$home"
  return $status
}

. scripts/private-cluster.sh

make_private_work
# A program that is named is taken as it is.
if wanted swift || wanted timescaledb || wanted extension; then
  step build swift build --build-tests
elif [ -z "${BOURSE:-}" ]; then
  step build swift build --product bourse
fi
[ ${#failed[@]} -eq 0 ] || exit 1
start_private_cluster

if wanted tidy; then step tidy scripts/tidy; fi
if wanted dashboards; then step dashboards python3 Tests/Dashboards/files.py; fi
compile_aside &
compiling=$!

if create_migrated_database bourse_template >"$private_work/migrate.log" 2>&1; then
  copy_database bourse_template bourse_template_pgtap
  if wanted swift; then BOURSE_TEST_TEMPLATE=bourse_template step swift swift_tests; fi
  wait "$compiling"
  if wanted extension; then step extension extension_tests; fi
  if wanted embedded; then step embedded embedded_check; fi
  if wanted snapshot; then step snapshot scripts/snapshot.sh --check; fi
  if wanted docs; then step docs scripts/docs.sh --check; fi
  if wanted plpgsql; then step plpgsql plpgsql_check; fi
  if wanted comments; then step comments comment_check; fi
  if wanted pgtap && exists 'Tests/pgtap/*.sql'; then step pgtap pgtap_tests; fi
  if wanted isolation && exists 'Tests/isolation/specs/*.spec'; then step isolation isolation_tests; fi
  if wanted properties; then step properties property_tests; fi
  if wanted timescaledb; then step timescaledb timescaledb_tests; fi
else
  echo "FAILED  migrate"
  sed 's/^/    /' "$private_work/migrate.log"
  failed+=(migrate)
fi

if wanted end-to-end && exists 'Tests/EndToEnd/*.sh'; then
  # Two at a time: each has a server of its own, and waits a good part of its time.
  scripts=(Tests/EndToEnd/*.sh)
  if wanted extension && [ -e extensions/bourse/tests/traps.so ]; then scripts+=(extensions/bourse/check-guard.sh); fi
  for script in "${scripts[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    name=${script##*/}
    { step "${name%.sh}" end_to_end_test "$script" || touch "$private_work/failed-${name%.sh}"; } &
  done
  wait
  for name in "$private_work"/failed-*; do [ ! -e "$name" ] || failed+=("${name##*/failed-}"); done
fi

[ -z "$uninstalls" ] || extension uninstall

if [ ${#failed[@]} -eq 0 ]; then
  echo "all tests passed in $((SECONDS - started)) s"
else
  echo "FAILED: ${failed[*]} ($((SECONDS - started)) s)"
  exit 1
fi
