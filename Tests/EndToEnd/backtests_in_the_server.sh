#!/bin/bash
# Backtests by research.run_backtest, which the extension bourse runs in the server: the rows of "bourse backtest", to the last
# digit; progress, cancelling, a limit of memory, rights; memory that does not grow with the bars.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
if [ "$(psql_in postgres -c "SELECT count(*) FROM pg_available_extension_versions WHERE name = 'bourse' AND version = '1.3'")" = 0 ]; then
  echo "skipped: backtests in the server, because the extension bourse 1.3 is not installed"
  exit 0
fi
create_database main
bourse_on main import bars -q "$repository/fixtures/market/us_daily_2000_2013.csv.gz"
bourse_on main import ticks -q "$repository/fixtures/market/synthetic_ticks.csv"
# Minutes around the clock, and rules that trade often, never, and always.
sql main "CREATE EXTENSION bourse;
  SELECT setseed(0.$SEED), market.add_instrument('WALK', 'CRYPTO', kind => 'crypto');
  SET bourse.roll_up_bars = off;
  INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
  SELECT market.instrument_id('CRYPTO:WALK'), '1 minute', timestamptz '2020-01-01 00:00Z' + n * interval '1 minute', o, greatest(o, c) + 0.01, least(o, c) - 0.01, c, 1000
    FROM (SELECT n, c, coalesce(lag(c) OVER (ORDER BY n), c) AS o
            FROM (SELECT n, 100 * exp(sum((random() - 0.5) * 0.001) OVER (ORDER BY n)) AS c FROM generate_series(1, 200000) AS n) AS w) AS b;
  SELECT strategy.create_strategy(s.name, 'custom', s.timeframe, ('{\"entry\": \"' || s.entry || '\", \"exit\": \"' || s.exit || '\", \"sizing\": {\"method\": \"fixed_quantity\", \"quantity\": 10}}')::jsonb)
    FROM (VALUES ('cross', interval '1 day', 'ema(close, 20) > ema(close, 50)', 'ema(close, 20) < ema(close, 50)'),
                 ('minutes', '1 minute', 'ema(close, 20) > ema(close, 50)', 'ema(close, 20) < ema(close, 50)'),
                 ('never', '1 minute', 'close < 0', 'close > 0'),
                 ('tick', '0', 'close > ema(close, 10)', 'seconds_since_entry > 20')) AS s (name, timeframe, entry, exit)" >/dev/null
bourse_on main strategy check >/dev/null || true

# Strategy, symbols, from, until and settings of a run.
compared=0
compare() {
  local in_sql by_program table
  in_sql=$(sql main "SELECT research.run_backtest('$1', '{$2}', '$3', '$4', 100000, '$5')")
  local options=()
  while IFS= read -r option; do options+=(--setting "$option"); done < <(sql main "SELECT key || '=' || (value #>> '{}') FROM jsonb_each('$5')")
  bourse_on main backtest "$1" --symbols "$2" --from "$3" --until "$4" --capital 100000 ${options[@]+"${options[@]}"} --json >"$work/run.json" || fail "no run of $1: $(cat "$work/run.json")"
  by_program=$(sql main "SELECT max(run_id) FROM research.backtests")
  [ "$by_program" -gt "$in_sql" ] || fail "bourse backtest $1 has stored nothing"
  for table in backtests backtest_orders backtest_fills backtest_trades backtest_lots backtest_equity backtest_curves; do
    expect_same "rows of $table that differ between the two runs of $1" "$(sql main "
      WITH r AS (SELECT run_id, to_jsonb(t) - 'run_id' - 'created_at' - 'duration' AS row FROM research.$table AS t WHERE run_id IN ($in_sql, $by_program)),
           s AS (SELECT row FROM r WHERE run_id = $in_sql), p AS (SELECT row FROM r WHERE run_id = $by_program)
      SELECT count(*) FROM ((TABLE s EXCEPT ALL TABLE p) UNION ALL (TABLE p EXCEPT ALL TABLE s)) AS d")" 0
  done
  [ "$(sql main "SELECT fills FROM research.backtests WHERE run_id = $in_sql")" -gt 3 ] || fail "$1 on $2 hardly trades"
  ((++compared))
}
compare cross IBM 2001-01-01 2013-01-01 '{}'
compare cross IBM,AAPL,GOOG 2001-01-01 2013-01-01 '{"commission_percent": 0.1, "slippage_bps": 3, "skip_bars": 60}'
compare trend_following IBM,AAPL 2002-01-01 2012-01-01 '{"fee_schedule": "us_equity", "account_type": "margin"}'
compare mean_reversion AAPL 2001-01-01 2013-01-01 '{"participation_percent": 1}'
compare cross IBM 2001-01-01 2013-01-01 '{"fill": "close", "slippage_ticks": 2, "impact_bps": 50}'
compare swing AAPL,IBM 2001-01-01 2013-01-01 '{"fill": "intrabar", "latency": "00:00:01"}'
compare minutes CRYPTO:WALK 2020-01-03 2020-01-20 '{}'
compare tick AAA 2024-01-02T14:30:00Z 2024-01-03T22:00:00Z '{"fill": "tick"}'
passed "$compared runs in the server and by the program: the same rows"

runs=$(sql main "SELECT count(*) FROM research.backtests")
long="SELECT research.run_backtest('minutes', '{CRYPTO:WALK}', '2020-01-02', '2020-06-01', 100000)"
# The session that cancels waits before the run begins: a program that is started for it afterwards comes too late where runs are fast.
wait_until main "SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_activity WHERE application_name ~ '^bourse backtest [1-4]?[0-9] %\$'" &
canceller=$!
wait_until main "SELECT count(*) > 0 FROM pg_stat_activity WHERE query ~ 'pg_cancel_backend' AND pid <> pg_backend_pid()"
PGAPPNAME=research psql_in main -c "SET statement_timeout = 0" -c "$long" >"$work/cancelled.log" 2>&1 && fail "a run that was cancelled has ended well"
wait "$canceller" || fail "no run was seen to be cancelled"
grep -q "canceling statement due to user request" "$work/cancelled.log" || fail "a run that was cancelled says: $(cat "$work/cancelled.log")"
passed "a run shows its progress, and ends when it is cancelled"

# One session: what goes wrong leaves nothing behind, neither rows nor memory nor a name.
psql_in main >"$work/session" 2>&1 <<SQL || fail "a session with errors: $(cat "$work/session")"
\set ON_ERROR_STOP off
\set VERBOSITY sqlstate
SET application_name = 'mine';
SET bourse.memory_limit = '256kB';
$long;
SHOW application_name;
SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'bourse engine';
RESET bourse.memory_limit;
SET statement_timeout = 100;
$long;
RESET statement_timeout;
SHOW application_name;
SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'bourse engine';
SELECT ta.run_backtest('');
SELECT ta.run_backtest('[]');
SELECT ta.run_backtest('{}');
SELECT ta.run_backtest('{"version": 1, "begins": "x", "until": 1e300}');
SELECT length(ta.run_backtest(research.backtest_specification('cross', '{IBM}', '2001-01-01', '2013-01-01', 100000)::text)) > 1000;
SHOW application_name;
CREATE ROLE nobody_special;
CREATE TABLE specification AS SELECT research.backtest_specification('cross', '{IBM}', '2001-01-01', '2013-01-01', 100000)::text AS specification;
GRANT SELECT ON specification TO nobody_special;
SET ROLE nobody_special;
SELECT ta.run_backtest(specification) FROM specification;
RESET ROLE;
DROP TABLE specification;
DROP ROLE nobody_special;
SQL
expect_same "what the session saw" "$(grep -v '^CONTEXT' "$work/session" | sed 's/^psql:<stdin>:[0-9]*: //' | tr -d '\n')" \
  "ERROR:  53400mine0ERROR:  57014mine0ERROR:  22P02ERROR:  TR530ERROR:  TR530ERROR:  TR530tmineERROR:  42501"
expect_same "runs that were stored in spite of errors" "$(sql main "SELECT count(*) FROM research.backtests")" "$runs"
passed "a limit of memory, a timeout, texts that are no specifications and missing rights are errors that leave nothing behind"

# As much for 12 days of minutes as for 120.
for days in 12 120; do
  sql main "SET bourse.memory_limit = '4MB'; SELECT research.run_backtest('never', '{CRYPTO:WALK}', '2020-01-02', timestamptz '2020-01-02' + $days * interval '1 day', 100000)" >"$work/days.log" 2>&1 ||
    fail "$days days of minutes do not go into 4 MB"
done
passed "memory does not grow with the bars: 4 MB are enough for $(sql main "SELECT events FROM research.backtests ORDER BY run_id DESC LIMIT 1") of them"

"$BOURSE" demo >"$work/out" || fail "the demo: $(cat "$work/out")"
grep -q 'in the server, by research.run_backtest:$' "$work/out" || fail "the demo's backtest is not one of the server's: $(tail -n 30 "$work/out")"
grep -q '^0 fills of 222 differ from those of portfolio main$' "$work/out" || fail "the demo's backtest: $(tail -n 30 "$work/out")"
passed "the demo runs its backtest in the server"
