#!/bin/bash
# Optimizations: the same trials and results from one worker, from several, from workers that are killed again and again, and from
# sessions of the server; figures that a backtest has, too; walk-forwards that see nothing of their tests.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database main
bourse_on main import bars -q "$repository/fixtures/market/us_daily_2000_2013.csv.gz"
sql main >/dev/null <<'SQL'
SELECT strategy.create_strategy('cross', 'custom', '1 day', '{"entry": "ema(close, $fast) > ema(close, $slow)", "exit": "ema(close, $fast) < ema(close, $slow) or close < $floor", "params": {"fast": 5, "slow": 20, "floor": 1}, "sizing": {"method": "fixed_quantity", "quantity": 10}}');
-- What is compared: everything but which optimization it was, and how long it took.
CREATE VIEW results AS SELECT t.optimization_id, to_jsonb(t) - 'optimization_id' - 'duration' AS row FROM research.trials AS t
 UNION ALL SELECT w.optimization_id, to_jsonb(w) - 'optimization_id' FROM research.optimization_windows AS w;
CREATE VIEW optimizations AS SELECT o.optimization_id, to_jsonb(o) - 'optimization_id' - 'created_at' - 'finished_at' AS row FROM research.optimizations AS o;
SQL
# $1: database; the rest: options
search=(--symbols 'IBM,AAPL' --from 2000-06-01T00:00:00Z --until 2012-01-01T00:00:00Z --capital 100000 --setting slippage_bps=5
  --optimize fast=2:30:1 --optimize slow=20:200:1:log --optimize floor=1:20 --constraint 'fast < slow' --constraint 'trades >= 2'
  --method tpe --trials 35 --seed "$SEED" --objective 'sharpe * sqrt(trades)' --train '3 years' --test '3 years' --purge '5 days' --embargo '1 day')
begin() {
  sql "$1" "SELECT research.optimize('cross', '{IBM,AAPL}', '2000-06-01Z', '2012-01-01Z', '{\"fast\": {\"from\": 2, \"to\": 30, \"step\": 1}, \"slow\": {\"from\": 20, \"to\": 200, \"step\": 1, \"scale\": \"log\"}, \"floor\": {\"from\": 1, \"to\": 20}}',
    'tpe', 'sharpe * sqrt(trades)', 35, '{fast < slow,trades >= 2}', $SEED, '{\"train\": \"3 years\", \"test\": \"3 years\", \"purge\": \"5 days\", \"embargo\": \"1 day\", \"kind\": \"rolling\"}', 100000, '{\"slippage_bps\": 5}')"
}
# $1: database; $2: what was done; $3: the optimization, of which all is as of the first one
same() {
  expect_same "rows of trials and windows that differ $2" "$(sql "$1" "
    SELECT count(*) FROM ((SELECT row FROM results WHERE optimization_id = 1 EXCEPT ALL SELECT row FROM results WHERE optimization_id = $3)
                          UNION ALL (SELECT row FROM results WHERE optimization_id = $3 EXCEPT ALL SELECT row FROM results WHERE optimization_id = 1)) AS d")" 0
}

bourse_on main backtest cross "${search[@]}" >"$work/out" || fail "the optimization: $(cat "$work/out")"
grep -q '^out of sample: total return ' "$work/out" || fail "no headline: $(cat "$work/out")"
expect_same "windows, chosen trials, and trials without a result" "$(sql main "SELECT count(*), count(chosen_trial) FROM research.optimization_windows") $(sql main "SELECT count(*) FROM research.trials WHERE status = 'pending'")" "3|3 0"
[ "$(sql main "SELECT count(*) FROM research.trials WHERE status = 'done' AND trades > 2")" -gt 60 ] || fail "hardly a trial has traded"
bourse_on main backtest cross "${search[@]}" -j 2 >"$work/out" || fail "two workers: $(cat "$work/out")"
same main "with two workers" 2
expect_same "optimizations as the program and SQL begin them" "$(begin main && sql main "SELECT count(DISTINCT row) FROM optimizations")" "3
1"
passed "two workers: the same trials and results as one"

# Killed ten times, each time in the middle of something.
kills=0
while [ $kills -lt 10 ]; do
  before=$(sql main "SELECT done + pruned + failed FROM research.progress WHERE optimization_id = 3")
  bourse_on main work 3 -j 2 >"$work/work.log" 2>&1 &
  workers=$!
  sleep "0.$((RANDOM % 8 + 1))"
  kill -9 $workers 2>/dev/null && ((++kills))
  wait $workers 2>/dev/null || true
  if [ "$(sql main "SELECT finished_at IS NOT NULL FROM research.optimizations WHERE optimization_id = 3")" = t ]; then
    # It was quicker than the kills: from the beginning.
    sql main "DELETE FROM research.optimizations WHERE optimization_id = 3; ALTER TABLE research.optimizations ALTER optimization_id RESTART WITH 3" && begin main >/dev/null
  fi
done
wait_until main "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name ~ '^bourse work'"
bourse_on main work 3 -j 2 >"$work/out" || fail "what was killed does not go on: $(cat "$work/out")"
same main "after ten kills (the last one began with $before)" 3
expect_same "a worker of what is finished" "$(bourse_on main work 3 >/dev/null && echo well)" well
passed "ten kills of workers: the same results"

# The figures are those of a backtest with the same values, of both parts.
trials=$(sql main "SELECT string_agg(trial::text, ' ' ORDER BY trial) FROM (SELECT trial FROM research.trials WHERE optimization_id = 1 AND status <> 'failed' AND trial IN (1, 25, 36, 40, 71, 72, 100, 108)) AS t")
for trial in $trials; do
  IFS='|' read -r from until fast slow floor < <(sql main "
    SELECT CASE t.part WHEN 'in_sample' THEN w.from_time ELSE w.test_from END, CASE t.part WHEN 'in_sample' THEN w.until_time ELSE w.test_until END, t.params ->> 'fast', t.params ->> 'slow', t.params ->> 'floor'
      FROM research.trials AS t JOIN research.optimization_windows AS w USING (optimization_id, window_no) WHERE t.optimization_id = 1 AND t.trial = $trial")
  bourse_on main backtest cross --symbols IBM,AAPL --from "${from/ /T}:00" --until "${until/ /T}:00" --capital 100000 --setting slippage_bps=5 --param "fast=$fast" --param "slow=$slow" --param "floor=$floor" --json >"$work/run.json" || fail "no backtest of trial $trial: $(cat "$work/run.json")"
  expect_same "figures of trial $trial that a backtest has not" "$(sql main "
    SELECT string_agg(b.key || ' ' || b.value || ' ' || t.value, ', ') FROM (SELECT max(run_id) AS run FROM research.backtests) AS r,
           jsonb_each((SELECT to_jsonb(b) FROM research.backtests AS b WHERE b.run_id = r.run)) AS b
      JOIN jsonb_each((SELECT to_jsonb(t) FROM research.trials AS t WHERE t.optimization_id = 1 AND t.trial = $trial)) AS t USING (key)
     WHERE b.key NOT IN ('duration', 'status') AND b.value <> t.value")$(sql main "
    SELECT 'days ' || count(*) FROM research.trials AS t, unnest(t.days, t.returns) WITH ORDINALITY AS u (day, return, n)
      FULL JOIN (SELECT e.day, e.equity::float8 / lag(e.equity::float8, 1, 100000) OVER (ORDER BY e.day) - 1 AS return FROM research.backtest_equity AS e WHERE e.run_id = (SELECT max(run_id) FROM research.backtests)) AS e USING (day)
     WHERE t.optimization_id = 1 AND t.trial = $trial AND (u.return = e.return) IS NOT TRUE HAVING count(*) > 0")" ""
done
passed "the figures of trials $trials are those of backtests"

# What comes after a sample is not there: its trials are the same.
create_database truncated main
split=$(sql main "SELECT until_time FROM research.optimization_windows WHERE optimization_id = 1 AND window_no = 2")
sql truncated "DELETE FROM research.optimizations; DELETE FROM market.bars AS b USING market.bar_events('1 day', ARRAY(SELECT instrument_id FROM market.instruments)) AS e WHERE b.instrument_id = e.instrument_id AND b.ts = e.bucket AND b.resolution = '1 day' AND e.closes_at > '$split'"
[ "$(sql truncated "SELECT count(*) FROM market.bars WHERE ts > '$split'")" = 0 ] || fail "bars are left behind the split"
other=$(begin truncated)
bourse_on truncated work "$other" -j 2 >"$work/out" || fail "without later data: $(cat "$work/out")"
samples="SELECT md5(string_agg((to_jsonb(t) - 'optimization_id' - 'duration')::text, '' ORDER BY t.trial)) || ' ' || count(*) FROM research.trials AS t WHERE t.window_no <= 2 AND t.part = 'in_sample' AND t.optimization_id ="
expect_same "in-sample trials until $split, with data until then alone" "$(sql truncated "$samples $other")" "$(sql main "$samples 1")"
chosen="SELECT string_agg(w.chosen_trial || ' ' || t.params, ', ' ORDER BY w.window_no) FROM research.optimization_windows AS w JOIN research.trials AS t USING (optimization_id, window_no) WHERE t.part = 'out_of_sample' AND w.window_no <= 2 AND w.optimization_id ="
expect_same "what was chosen until $split" "$(sql truncated "$chosen $other")" "$(sql main "$chosen 1")"
passed "a walk-forward sees nothing behind its samples"

refuses() {
  local status=0
  bourse_on main "${@:2}" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "the status of bourse ${*:2}" "$status" 2
  grep -q "$1" "$work/err.log" || fail "bourse ${*:2} says: $(cat "$work/err.log")"
  expect_same "lines of bourse ${*:2}" "$(wc -l <"$work/err.log")" 1
}
span=(--symbols IBM --from 2001-01-01T00:00:00Z --until 2002-01-01T00:00:00Z --capital 1000)
refuses 'there is no optimization 999' work 999
refuses 'TR541' backtest cross "${span[@]}" --optimize fast=1:1000:0.001
refuses 'TR542' backtest cross "${span[@]}" --optimize fast=1:3:1 --objective 'luck'
refuses 'TR540' backtest cross "${span[@]}" --optimize other=1:3:1
refuses 'NAME=VALUES' backtest cross "${span[@]}" --optimize fast
refuses 'a walk-forward has both' backtest cross "${span[@]}" --optimize fast=1:3:1 --train '1 month'
refuses 'name what is to be searched' backtest cross "${span[@]}" --method tpe
sql main "UPDATE market.bars SET volume = volume + 1 WHERE ts > '2011-12-01'" >/dev/null
refuses 'TR544' work "$(begin truncated >/dev/null; sql main "INSERT INTO research.optimizations (strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters, method, objective, seed, trials, data_fingerprint) SELECT strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters, method, objective, seed, trials, data_fingerprint FROM research.optimizations WHERE optimization_id = 1 RETURNING optimization_id")"
passed "what makes no sense is refused in one line"

if [ "$(psql_in postgres -c "SELECT count(*) FROM pg_available_extension_versions WHERE name = 'bourse' AND version = '1.3'")" = 0 ]; then
  echo "skipped: optimizations in the server, because the extension bourse 1.3 is not installed"
  exit 0
fi
# Sessions of the server, and the program beside them; the server's are killed as they are found.
create_database server main
sql server "CREATE EXTENSION bourse; DELETE FROM market.bars; DELETE FROM research.optimizations WHERE optimization_id > 1" >/dev/null
bourse_on server import bars -q "$repository/fixtures/market/us_daily_2000_2013.csv.gz"
in_sql=$(begin server)
for _ in 1 2; do psql_in server -v VERBOSITY=verbose -c "CALL research.work($in_sql, 7)" >>"$work/sessions.log" 2>&1 & done
for _ in 1 2 3 4 5; do
  sleep 0.3
  sql server "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'research.work' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1" >/dev/null
  psql_in server -v VERBOSITY=verbose -c "CALL research.work($in_sql, 7)" >>"$work/sessions.log" 2>&1 &
done
bourse_on server work "$in_sql" >"$work/out" || fail "beside sessions of the server: $(cat "$work/out")"
wait
! grep -q TR526 "$work/sessions.log" || fail "the installed extension runs no trials: $(head -n 3 "$work/sessions.log")"
same server "with sessions of the server" "$in_sql"
passed "sessions of the server, killed, and the program beside them: the same results"
