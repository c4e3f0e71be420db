#!/bin/bash
# What a replay leaves depends on its input alone: not on the size of batches, pauses, pace, what was stored before, or who
# else replayed the same.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster

fast='{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}'
ticks=${TICKS:-1600}
symbols=AAA,BBB,CCC
make_ticks "$work/ticks.csv" "$ticks" $symbols 2013-10-07
make_ticks "$work/next.csv" "$ticks" $symbols 2013-10-08
create_database blank
make_agents blank main $symbols '1 minute' "$fast" 2013-10-01

create_database ticks blank
bourse_on ticks replay ticks "$work/ticks.csv" "$work/next.csv" >/dev/null
expect_no_violations ticks
[ "$(sql ticks "SELECT count(*) FROM trading.fills")" -gt 40 ] || fail "too few fills to prove anything"
for batch in 7 500 1000000; do
  create_database "ticks_$batch" blank
  bourse_on "ticks_$batch" replay ticks "$work/ticks.csv" "$work/next.csv" --batch $batch >/dev/null
  expect_same_dumps ticks "ticks_$batch" "ticks in batches of $batch"
done
passed "any batch of ticks: $(sql ticks "SELECT count(*) FROM trading.fills") fills, fingerprint $(sql ticks "SELECT ops.fingerprint()")"

bourse_on ticks replay ticks "$work/ticks.csv" "$work/next.csv" --batch 100 >"$work/again"
grep -q "done already" "$work/again" || fail "a second replay says: $(cat "$work/again")"
bourse_on ticks replay ticks "$work/next.csv" >"$work/again"
grep -q "done already" "$work/again" || fail "a second replay of one file says: $(cat "$work/again")"
expect_same_dumps ticks_7 ticks "the same files again"
passed "the same files again change nothing"

create_database stopped blank
for part in 1 2 3; do
  start_runner stopped replay ticks "$work/ticks.csv" "$work/next.csv" --batch 10
  wait_until stopped "SELECT sum(position) > $((2 * ticks * (20 * part + RANDOM % 10) / 100)) FROM ops.feed_cursors"
  kill -TERM "$runner"
  expect_exit "$runner" 0
  expect_same "finished when it was told to stop" "$(sql stopped "SELECT bool_or(is_finished) FROM ops.feed_cursors")" f
done
bourse_on stopped replay ticks "$work/ticks.csv" "$work/next.csv" --batch 10 >/dev/null
expect_same_dumps ticks stopped "3 times SIGTERM"
passed "SIGTERM stops a replay between two batches, and the next one goes on"

create_database apart blank
bourse_on apart replay ticks "$work/ticks.csv" >/dev/null
bourse_on apart replay ticks "$work/next.csv" >/dev/null
expect_same "fingerprint of two days one by one" "$(sql apart "SELECT ops.fingerprint()")" "$(sql ticks "SELECT ops.fingerprint()")"
passed "two files one by one trade as both together"

head -n 201 "$work/ticks.csv" >"$work/short.csv"
create_database short blank
create_database paced short
create_database one_by_one short
bourse_on short replay ticks "$work/short.csv" >/dev/null
bourse_on paced replay ticks "$work/short.csv" --speed 2000 >/dev/null
expect_same_dumps short paced "a replay at a pace"
bourse_on one_by_one replay ticks "$work/short.csv" --batch 1 >/dev/null
expect_same_dumps short one_by_one "tick by tick"
passed "a pace changes nothing, nor do batches of one tick"

# Some of the ticks are there already: an import's, or another portfolio's.
create_database stored blank
bourse_on stored import ticks "$work/next.csv" >/dev/null
bourse_on stored replay ticks "$work/ticks.csv" "$work/next.csv" --batch 500 >/dev/null
expect_same_dumps ticks stored "a replay of ticks that were imported before"
passed "ticks that were imported before are stored once"

# Names of portfolios are part of the fingerprint, so compare what it did.
trades() {
  sql "$1" "SELECT o.client_order_id, f.quantity, f.price, f.fee, f.realised_pnl, f.at FROM trading.fills AS f
    JOIN trading.orders AS o USING (portfolio_id, order_id) JOIN trading.portfolios AS p USING (portfolio_id)
    WHERE p.name = '$2' ORDER BY f.fill_id"
}
make_agents ticks second $symbols '1 minute' "$fast" 2013-10-01
bourse_on ticks replay ticks "$work/ticks.csv" "$work/next.csv" --portfolio second --batch 200 >/dev/null
expect_no_violations ticks
[ "$(trades ticks main)" = "$(trades ticks second)" ] || fail "a second portfolio traded otherwise than the first"
[ "$(trades ticks_7 main)" = "$(trades ticks main)" ] || fail "a second portfolio changed the first"
create_database both blank
make_agents both second $symbols '1 minute' "$fast" 2013-10-01
bourse_on both replay ticks "$work/ticks.csv" "$work/next.csv" --batch 200 >/dev/null
[ "$(trades ticks main)" = "$(trades both main)" ] || fail "two portfolios in one session: the first trades otherwise than alone"
[ "$(trades ticks main)" = "$(trades both second)" ] || fail "two portfolios in one session: the second trades otherwise than alone"
passed "a second portfolio trades as it would alone, later or at the same time"

create_database bars
make_bars bars 400 AAA,BBB,CCC,DDD CCC/2010-09-14
make_agents bars main AAA,BBB,CCC,DDD '1 day' "$fast" 2010-01-01
for batch in 1 3 7 1000000; do create_database "bars_$batch" bars; done
create_database bars_stopped bars
bourse_on bars replay bars >/dev/null
[ "$(sql bars "SELECT count(*) FROM trading.fills")" -gt 40 ] || fail "too few fills to prove anything"
expect_same "splits" "$(sql bars "SELECT count(*) FROM trading.position_adjustments")" 1
expect_no_violations bars
for batch in 1 3 7 1000000; do
  bourse_on "bars_$batch" replay bars --batch $batch >/dev/null
  expect_same_dumps bars "bars_$batch" "bars in batches of $batch"
done
start_runner bars_stopped replay bars --batch 2
wait_until bars_stopped "SELECT count(*) > 10 FROM trading.fills"
kill -TERM "$runner"
expect_exit "$runner" 0
expect_same "is finished" "$(sql bars_stopped "SELECT bool_or(is_finished) FROM ops.feed_cursors")" f
bourse_on bars_stopped replay bars >/dev/null
expect_same_dumps bars bars_stopped "SIGTERM in a replay of bars"
bourse_on bars replay bars | grep -q "done already" || fail "a second replay of bars does something"
passed "any batch of bars: $(sql bars "SELECT count(*) FROM trading.fills") fills, fingerprint $(sql bars "SELECT ops.fingerprint()")"

real=("$data"/us_equity_ticks_2013-10-0{7,8}.csv.gz)
if [ -r "${real[0]}" ] && [ -r "${real[1]}" ]; then
  for name in real real_small; do
    create_database $name
    make_agents $name main IBM,BAC,AIG '1 minute' '{"fast":5,"slow":20,"atr":14,"atr_multiple":3,"risk_percent":1}' 2013-10-01
  done
  bourse_on real replay ticks "${real[0]}" >/dev/null
  bourse_on real_small replay ticks "${real[0]}" --batch 1117 >/dev/null
  expect_same_dumps real real_small "a real day in other batches"
  expect_no_violations real
  passed "a real day: $(sql real "SELECT count(*) FROM trading.fills") fills, fingerprint $(sql real "SELECT ops.fingerprint()")"
else
  echo "skipped: ${real[0]} is not there; made-up prices only"
fi
