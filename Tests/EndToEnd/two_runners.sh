#!/bin/bash
# Two runners never trade one portfolio: the second refuses and names the first, or waits and takes over when it dies.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster

ticks=${TICKS:-12000}
make_ticks "$work/ticks.csv" "$ticks" AAA,BBB,CCC 2013-10-07
create_database one
make_agents one main AAA,BBB,CCC '20 seconds' '{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}' 2013-10-01
create_database two one
bourse_on one replay ticks "$work/ticks.csv" --batch 40 >/dev/null
[ "$(sql one "SELECT count(*) FROM trading.fills")" -gt 50 ] || fail "too few fills to prove anything"

replay=(replay ticks "$work/ticks.csv" --batch 40)
start_runner two "${replay[@]}" --name first
first=$runner
wait_until two "SELECT max(position) > 1000 FROM ops.feed_cursors"

status=0
bourse_on two "${replay[@]}" --name second >"$work/second.out" 2>"$work/second.err" || status=$?
kill -0 "$first" 2>/dev/null || fail "the first runner was done before the second came"
expect_same "exit status of the second" "$status" 2
expect_same "lines that it prints" "$(cat "$work/second.out" "$work/second.err" | wc -l)" 1
grep -q TR601 "$work/second.err" || fail "no TR601 in: $(cat "$work/second.err")"
grep -q '"main".*"first", process '"$first"' ' "$work/second.err" || fail "it does not name the holder: $(cat "$work/second.err")"
passed "a second runner refuses: $(cat "$work/second.err")"

start_runner two "${replay[@]}" --name third --wait
third=$runner
sleep 0.5
kill -0 "$third" 2>/dev/null || fail "the waiting runner did not wait"
expect_same "portfolios that the waiting runner has" \
  "$(sql two "SELECT count(*) FROM ops.leases JOIN ops.runners USING (runner_id) WHERE name = 'third'")" 0
kill -0 "$first" 2>/dev/null || fail "the first runner was done before the third waited"
kill_hard "$first"
expect_no_violations two
expect_exit "$third" 0
expect_same "holder" "$(sql two "SELECT r.name FROM ops.leases JOIN ops.runners AS r USING (runner_id)")" third
expect_no_violations two
expect_same_dumps one two "a takeover"
passed "a waiting runner takes over from one that was killed, and every fill happened once"

# A second service does not trade either, and stops waiting when it is told to stop.
start_runner two run --name service
service=$runner
wait_until two "SELECT EXISTS (SELECT FROM ops.leases JOIN ops.runners AS r USING (runner_id) WHERE r.name = 'service')"
status=0
bourse_on two run --name other >/dev/null 2>"$work/other.err" || status=$?
expect_same "exit status of a second service" "$status" 2
start_runner two run --name patient --wait
patient=$runner
sleep 0.5
kill -TERM "$patient"
expect_exit "$patient" 0
kill -TERM "$service"
expect_exit "$service" 0
passed "a service refuses beside another, and one that waits stops when it is told to"
