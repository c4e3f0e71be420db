#!/bin/bash
# A server that crashes 3 times in a replay, and one that is stopped in order, cost a waiting runner nothing: it connects
# again and ends with the rows of an undisturbed run.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster durable

ticks=${TICKS:-10000}
make_ticks "$work/ticks.csv" "$ticks" AAA,BBB,CCC 2013-10-07
create_database quiet
make_agents quiet main AAA,BBB,CCC '20 seconds' '{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}' 2013-10-01
create_database disturbed quiet
bourse_on quiet replay ticks "$work/ticks.csv" --batch 40 >/dev/null
[ "$(sql quiet "SELECT count(*) FROM trading.fills")" -gt 50 ] || fail "too few fills to prove anything"
expect_no_violations quiet

start_runner disturbed replay ticks "$work/ticks.csv" --batch 40
for round in 0 1 2 3; do
  wait_until disturbed "SELECT max(position) > $((ticks * (20 * round + RANDOM % 15 + 1) / 100)) FROM ops.feed_cursors"
  sleep "0.0$((RANDOM % 10))"
  kill -0 "$runner" 2>/dev/null || fail "the replay was over before round $round"
  if [ "$round" -eq 2 ]; then "$BOURSE" down >/dev/null; else crash_server; fi
  sleep 0.3
  "$BOURSE" up >/dev/null
  expect_no_violations disturbed
done
expect_exit "$runner" 0
expect_no_violations disturbed
expect_same_dumps quiet disturbed "3 crashes and an orderly stop"
passed "3 crashes and an orderly stop of the server, while one runner went on through $ticks ticks"
