#!/bin/bash
# Eight connections at two portfolios, racing for the last dollar, the same order, the same execution; then the same while the server is
# killed again and again. Exactly one outcome each: no deadlock, no overdraft, nothing that anybody was told is lost.
# CROWD_SECONDS and CROWD_KILLS make it longer: 60 and 10 are what a release is held to.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster durable
crowd=$repository/Tests/EndToEnd/lib/crowd.py
seconds=${CROWD_SECONDS:-8}
kills=${CROWD_KILLS:-3}

create_database race
PGDATABASE=race python3 "$crowd" "$seconds" >"$work/race.log" || fail "the race"
expect_no_violations race
passed "a race of $seconds s: $(head -n 1 "$work/race.log")"

create_database crash
PGDATABASE=crash python3 "$crowd" 3600 >"$work/crash.log" 2>&1 &
crowd_process=$!
for ((n = 1; n <= kills; n++)); do
  sleep "$((RANDOM % 2 + 1)).$((RANDOM % 10))"
  kill -0 "$crowd_process" 2>/dev/null || fail "the crowd had gone before kill $n"
  crash_server
  "$BOURSE" up >/dev/null
  expect_no_violations crash
done
kill -TERM "$crowd_process"
expect_exit "$crowd_process" 0
expect_no_violations crash
passed "$kills crashes among the crowd: $(head -n 1 "$work/crash.log")"
