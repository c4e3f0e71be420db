#!/bin/bash
# The demo's agents look at candles of days. The service runs them on: each day ends with its session, and each agent acts on it
# once, also when the service is killed again and again.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
# A database that was only migrated is the demo's to use, and what an earlier demo left is replaced.
"$BOURSE" migrate >/dev/null
"$BOURSE" demo >"$work/out" || fail "the demo does not use a database that was only migrated"
expect_same "the demo's fingerprint" "$(grep '^fingerprint: ' "$work/out")" "$(grep '^fingerprint: ' "$repository/README.md")"
grep -q '^0 fills of 222 differ from those of portfolio main$' "$work/out" || fail "the demo's backtest: $(tail -n 30 "$work/out")"
expect_same "what the backtest of the demo came to" "$(sql bourse "SELECT b.orders, b.fills, b.trades, trim_scale(b.final_equity - v.cash - v.positions_value)
  FROM research.backtests AS b, trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('main')")" "304|222|109|0"
page=$(sed -n 's/^report: //p' "$work/out")
grep -q 'ema-crossover on ' "$page" || fail "there is no report in $page"
passed "the demo ends with a backtest that trades as its first portfolio did, and its report"
expect_same "orders of the demo's first portfolio" "$(sql bourse "SELECT count(*) FROM trading.orders WHERE portfolio_id = trading.portfolio_id('main')")" 304
expect_same "strategies that traded" "$(sql bourse "SELECT string_agg(n.strategy, ',' ORDER BY n.strategy)
  FROM (SELECT p.strategy FROM strategy.agent_performance AS p GROUP BY p.strategy HAVING sum(p.trades) > 100) AS n")" "dips,ema-crossover,swing"
create_database panels bourse
panels=$(python3 "$repository/Tests/Dashboards/queries.py" panels) || fail "dashboards: $panels"
passed "a login for dashboards draws the demo: $panels"
# The same as a page: by the owner, and by a login that only sees what it is shown. $1: arguments of page.py; the rest: of the program
draws() {
  local wanted=$1 drawn
  shift
  "$BOURSE" dashboards --html "$work/page.html" "$@" >"$work/out" 2>"$work/err.log" || fail "no dashboards: $(cat "$work/err.log")"
  # shellcheck disable=SC2086 # names, one a word
  drawn=$(python3 "$repository/Tests/Dashboards/page.py" "$work/page.html" $wanted 2>&1) || fail "the page: $drawn"
  passed "dashboards as a page: $drawn"
}
draws ""
grep -q ' to 1 Mar 2013 21:00$' "$work/out" || fail "the page is not of the demo's years: $(cat "$work/out")"
draws "" --database-url "$(PGUSER=grafana_panels url_of panels)" --owner "$PGUSER"
draws "" --database-url "$(PGUSER=grafana_panels url_of panels)" --owner "O'Brien; --"
grep -q 'Owner O&#39;Brien; --; portfolio main' "$work/page.html" || fail "the page is not of the other owner"
draws "trading home" --dashboard trading --dashboard home --symbol IBM --portfolio main --from 2012-01-01 --resolution "1 week"
grep -q 'portfolio main; symbol US:IBM; candles 1 week' "$work/page.html" || fail "the page is not of what was asked for"
draws "" --database-url "$(url_of schema)"
# $1: exit status; $2: what the line has; the rest: arguments
refuses() {
  local wanted=$1 words=$2 status=0
  shift 2
  "$BOURSE" dashboards --html "$work/none.html" "$@" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "exit status of $*" "$status" "$wanted"
  expect_same "lines of $*" "$(wc -l <"$work/err.log")" 1
  grep -qF -- "$words" "$work/err.log" || fail "$* says: $(cat "$work/err.log")"
}
refuses 2 "write one of dips, main, swing" --portfolio nobody
refuses 2 "there are backtests, execution, home" --dashboard nothing
refuses 2 "--from before --until" --from 2013-01-01 --until 2012-01-01
refuses 2 "none of these dashboards" --dashboard home --symbol IBM
refuses 2 "No such file or directory" --html /no/where/page.html
[ -e "$work/none.html" ] && fail "a page was written of nothing"
mkdir "$work/share" && cp -r "$repository/deploy" "$work/share/"
sed -i 's/FROM reporting.runners/FROM reporting.walkers/' "$work/share/deploy/grafana/dashboards/system.json"
BOURSE_SHARE=$work/share refuses 1 'System, Runners: relation "reporting.walkers" does not exist' --dashboard system
grep -q 'class="fault">relation &quot;reporting.walkers&quot;' "$work/none.html" || fail "the panel does not say why it is empty"
sed -i 's/"type": "stat"/"type": "gauge"/' "$work/share/deploy/grafana/dashboards/system.json"
BOURSE_SHARE=$work/share refuses 2 'is of type gauge' --dashboard system
passed "what cannot be drawn is said in a line, and in its place"
dropdb panels
create_database one bourse
create_database two bourse

# Ticks of the weeks after the demo, in session time, up and down, so that averages cross. $1: database; $2, $3: first and last day
days() {
  sql "$1" <<SQL
INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
SELECT b.instrument_id, (d + t.at) AT TIME ZONE 'America/New_York', 0,
       round((b.close * (1 + 0.3 * sin((d::date - date '2013-03-04' + 3 * b.instrument_id) / 5.0)) * t.more)::numeric, 2), 1000
  FROM generate_series(timestamp '$2', '$3', '1 day') AS d,
       (SELECT DISTINCT ON (instrument_id) instrument_id, close FROM market.bars ORDER BY instrument_id, ts DESC) AS b,
       (VALUES (interval '9:30', 1.0), ('11:17', 1.01), ('13:05', 0.99), ('16:00', 1.02), ('18:30', 1.5)) AS t (at, more)
 WHERE extract(isodow FROM d) < 6 AND d NOT IN ('2013-03-29', '2013-05-27')  -- New York was closed
 ORDER BY 2, 1;
SQL
}
# Everything up to a time has been seen. $1: database; $2: time
has_seen() { wait_until "$1" "SELECT bool_and(c.at >= timestamptz '$2') FROM ops.feed_cursors AS c WHERE c.feed LIKE 'live/%'" 60; }
follows() { wait_until "$1" "SELECT count(*) = 15 FROM ops.feed_cursors WHERE feed LIKE 'live/%'" 60; }

start_runner one run
follows one
for month in 03-04/03-29 04-01/04-30 05-01/05-31; do days one "2013-${month%/*}" "2013-${month#*/}"; done
has_seen one '2013-05-31 22:30Z'
kill -TERM "$runner"
expect_exit "$runner" 0
expect_no_violations one
trades=$(sql one "SELECT count(*) FROM trading.fills WHERE at > '2013-03-04'")
[ "$trades" -gt 10 ] || fail "too few fills to prove anything: $trades"
expect_same "entries and exits that were not sent at a close" "$(sql one "SELECT count(*) FROM trading.orders AS o
  WHERE o.submitted_at > '2013-03-04' AND o.type = 'market' AND (o.submitted_at AT TIME ZONE 'America/New_York')::time <> '16:00'")" 0
expect_same "signals that came twice for a day" "$(sql one "SELECT count(*) FROM (SELECT FROM strategy.signals AS s WHERE s.at > '2013-03-04'
  GROUP BY s.agent_id, s.instrument_id, s.at HAVING count(*) > 1) AS d")" 0
passed "the demo's agents trade on live days: $trades fills"

kills=0
start_runner two run
follows two
for month in 03-04/03-29 04-01/04-30 05-01/05-31; do
  days two "2013-${month%/*}" "2013-${month#*/}"
  for _ in 1 2 3; do
    sleep "0.$((RANDOM % 5 + 1))"
    kill_hard "$runner"
    expect_no_violations two
    kills=$((kills + 1))
    start_runner two run --wait --batch $((RANDOM % 40 + 5))
  done
done
has_seen two '2013-05-31 22:30Z'
wait_until two "SELECT EXISTS (SELECT FROM ops.runners AS r JOIN ops.leases AS l USING (runner_id) WHERE r.process_id = $runner)" 60
kill -TERM "$runner"
expect_exit "$runner" 0
expect_no_violations two
expect_same_dumps one two "$kills kills"
passed "$kills kills change nothing"
