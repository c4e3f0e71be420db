#!/bin/bash
# Strategies by the command line: created, checked, explained and previewed on real days, made-up minutes and ticks; what is refused. Where
# the extension bourse can be installed, the database's own functions show the same rows, to the last digit.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database main
bourse_on main import bars -q "$repository/fixtures/market/us_daily_2000_2013.csv.gz"
bourse_on main import ticks -q "$repository/fixtures/market/synthetic_ticks.csv"
# Two instruments that walk at random in minutes, with holes, over three weeks and a holiday.
sql main "SELECT setseed(0.$SEED); SELECT market.add_instrument('ONE'), market.add_instrument('TWO', 'NSE');
  INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
  SELECT market.instrument_id(w.symbol), interval '1 minute', w.ts, p, p + 0.5, p - 0.5, p + random() - 0.5, floor(1000 * random())
    FROM (SELECT s.symbol, (d + s.opens + n * interval '1 minute') AT TIME ZONE s.zone AS ts, 100 + sum(random() - 0.5) OVER (PARTITION BY s.symbol ORDER BY d, n) AS p
            FROM (VALUES ('ONE', 'America/New_York', interval '9:30', 389), ('TWO', 'Asia/Kolkata', '9:15', 374)) AS s (symbol, zone, opens, minutes)
            CROSS JOIN generate_series(timestamp '2024-03-01', '2024-03-22', '1 day') AS d CROSS JOIN LATERAL generate_series(0, s.minutes) AS n
           WHERE extract(isodow FROM d) < 6 AND random() < 0.9) AS w" >/dev/null
sql main "SELECT count(research.record_prediction('net', 'ONE', t, random() - 0.5)) FROM generate_series(timestamptz '2024-03-04', '2024-03-22', '3 hours') AS t" >/dev/null

built_in=$(sql main "SELECT count(*) FROM strategy.strategies")
bourse_on main strategy check >"$work/out" || fail "a built-in strategy is refused: $(cat "$work/out")"
# Where the extension is installed, they were checked as they came.
expect_same "built-in strategies that can run" "$(sql main "SELECT count(*) FROM strategy.strategy_versions WHERE status = 'checked'")" "$built_in"
passed "the built-in strategies can run"

# $1: name; $2: timeframe; $3: parameters; the rest: arguments of bourse strategy create
create() {
  local name=$1 timeframe=$2 parameters=$3
  shift 3
  echo "$parameters" | bourse_on main strategy create "$name" --timeframe "$timeframe" --parameters - "$@" >"$work/out" || fail "$name is not created"
}
create crossover 1d '{"entry": "crosses_above(ema(close, $fast), ema(close, $slow)) and adx(14) > 20", "exit": "crosses_below(ema(close, $fast), ema(close, $slow))", "exits": [{"type": "atr_stop", "multiple": 3}, {"type": "time_stop", "bars": 60}], "params": {"fast": 20, "slow": 50}}' --type trend --description "Follows averages"
create longer 1d '{"entry": "close > sma(close, 10)@1w and rsi(14) < 60 and macd(close, 12, 26, 9).histogram > 0", "exit": "open_profit_r > 2 or close < bbands(close, 20, 2).lower", "short_entry": "close < sma(close, 10)@1mo and close < close[5]", "short_exit": "bars_since_entry >= 15", "exits": [{"type": "percent_stop", "percent": 4}]}' --type swing
create minutes 5m '{"entry": "close > sma(close, 20)@1h and volume > sma(volume, 10) and time between '"'10:00' and '15:00'"' and $other.close > $other.ema(close, 50)@15m for 2 bars", "exit": "minutes_to_close <= 10 or close < vwap()", "params": {"other": "NSE:TWO"}}' --type momentum
create model 15m '{"entry": "prediction('"'net'"', 6h) > 0.1 and weekday < 5", "exit": "prediction('"'net'"', 6h) < 0 or session_minutes > 360"}'
create tick ticks '{"entry": "close > ema(close, 10) and close > close[3]", "exit": "seconds_since_entry > 20 or close < ema(close, 10)"}' --type scalping
expect_same "names" "$(bourse_on main strategy list --json | grep -c '"name" :')" "$((built_in + 5))"
expect_same "versions that run" "$(sql main "SELECT count(*) FROM strategy.strategy_versions WHERE status = 'checked' AND explanation IS NOT NULL AND normalized IS NOT NULL")" "$((built_in + 5))"
expect_same "models" "$(sql main "SELECT v.models FROM strategy.strategy_versions AS v JOIN strategy.strategies USING (strategy_id) WHERE name = 'model'")" "{net}"
create crossover 1d '{"entry": "close > sma(close, 200)", "exit": "close < sma(close, 200)"}' --type trend
bourse_on main strategy explain crossover@1 >"$work/first"
bourse_on main strategy explain crossover >"$work/second"
cmp -s "$work/first" "$work/second" && fail "both versions are explained alike"
grep -q 200 "$work/second" || fail "the explanation leaves the figure out: $(cat "$work/second")"
passed "strategies are created, checked as they are, listed and explained by version"

# $1: what the line has; the rest: arguments of bourse strategy. Standard input goes to it.
refuses() {
  local words=$1 status=0
  shift
  bourse_on main strategy "$@" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "exit status of $*" "$status" 2
  expect_same "lines of $*" "$(wc -l <"$work/err.log")" 1
  grep -qF -- "$words" "$work/err.log" || fail "$* says: $(cat "$work/err.log")"
}
refuses "entry, line 2, column 3" create bad --timeframe 1d --parameters - <<<'{"entry": "close > 1 and\n  hammer()"}'
refuses "well-formed" create bad --timeframe 1d --parameters - <<<'{'
refuses "type" create bad --type none --timeframe 1d --parameters - <<<'{"entry": "close > 1"}'
refuses "--timeframe" create bad --timeframe soon --parameters - <<<'{"entry": "close > 1"}'
refuses "/no/where" create bad --timeframe 1d --parameters /no/where
refuses "bourse strategy list" preview nobody --symbol ONE
refuses "the version has no parameter" preview crossover --symbol IBM --param other=MSFT
refuses "NAME=VALUE" explain crossover --param fast
refuses "unknown instrument" explain pairs_arbitrage --param other=NOBODY
refuses "bourse strategy list" explain crossover@3
refuses "NAME@VERSION" explain crossover@latest
refuses "TR101" preview crossover --symbol NONE
refuses "2024-02-30" preview crossover --symbol IBM --from 2024-02-30
expect_same "strategies" "$(sql main "SELECT count(*) FROM strategy.strategies")" "$((built_in + 5))"
passed "what is refused is refused in one line, with line and column, and nothing is stored"

sql main "SELECT strategy.create_strategy('unchecked', 'custom', '1 day', '{\"entry\": \"close > 1\"}'), strategy.create_strategy('refused', 'custom', '1 day', '{\"entry\": \"clsoe > 1\"}')" >/dev/null
status=0
bourse_on main strategy check >"$work/out" || status=$?
expect_same "exit status of a check that refuses" "$status" 2
expect_same "words of a check" "$(cut -d: -f1 <"$work/out" | tr '\n' ';')" "refused, version 1;unchecked, version 1;"
expect_same "what a check records" "$(sql main "SELECT string_agg(s.name || ' ' || v.status, ', ' ORDER BY s.name) FROM strategy.strategy_versions AS v JOIN strategy.strategies AS s USING (strategy_id) WHERE s.name LIKE '%ed'")" "refused refused, unchecked checked"
bourse_on main strategy check minutes --symbol ONE >"$work/out"
grep -q "sma(close, 20)@1h" "$work/out" || fail "a check shows no values"
create dead 1d '{"entry": "close > 0 and close < 0"}'
expect_same "dead rules" "$(bourse_on main strategy check dead --symbol IBM | grep -oE '(never|always) true' | sort | tr '\n' ';')" "always true;never true;never true;"
passed "versions that wait are checked, and what they need is shown"

previews="crossover@1:IBM:2005-01-01:2013-01-01 crossover:AAPL:2000-01-01:2013-01-01 longer:IBM:2002-06-01:2012-06-01 minutes:ONE:2024-03-08:2024-03-22 minutes:ONE:2024-03-01:2024-03-08 model:ONE:2024-03-06:2024-03-22 tick:AAA:2024-01-02T14:30:30Z:2024-01-03 pairs_arbitrage:IBM:2003-01-01:2013-01-01:MSFT"
for preview in $previews; do
  IFS=: read -r strategy symbol from until other <<<"${preview/T14:30:30Z/T14.30.30Z}"
  from=${from/T14.30.30Z/T14:30:30Z}
  bourse_on main strategy preview "$strategy" --symbol "$symbol" --from "$from" --until "$until" ${other:+--param "other=$other"} --json >"$work/$strategy-$from.json" || fail "no preview of $strategy"
  grep -q '"action" : "buy"' "$work/$strategy-$from.json" || fail "$strategy never buys"
  bourse_on main strategy preview "$strategy" --symbol "$symbol" --from "$from" --until "$until" ${other:+--param "other=$other"} >"$work/out"
  expect_same "lines of a preview" "$(($(wc -l <"$work/out") - 2))" "$(grep -c '"action" : "' "$work/$strategy-$from.json")"
done
passed "previews act, in text and as JSON"

# Strategy, symbols, from, until, and the checks that find something: an exponential average with a short history, a model that spoke late, prices that nobody deals at.
lookaheads="crossover:IBM,AAPL:2003-01-01:2010-01-01: crossover@1:IBM:2000-05-20:2003-01-01:history model:ONE:2024-03-08:2024-03-22:predictions,prices minutes:ONE:2024-03-18:2024-03-22:prices"
for lookahead in $lookaheads; do
  IFS=: read -r strategy symbols from until found <<<"$lookahead"
  status=0
  bourse_on main strategy check-lookahead "$strategy" --symbols "$symbols" --from "$from" --until "$until" --json >"$work/lookahead-$strategy.json" || status=$?
  expect_same "exit status of the check of $strategy" "$status" "$([ -z "$found" ] && echo 0 || echo 2)"
  expect_same "what looks ahead in $strategy" "$(psql_in main <<SQL
\set report \`cat '$work/lookahead-$strategy.json'\`
SELECT string_agg(DISTINCT r.kind, ',') FROM jsonb_to_recordset(:'report'::jsonb -> 'rows') AS r (kind text, finding text) WHERE finding IS NOT NULL
SQL
)" "$found"
done
bourse_on main strategy check-lookahead crossover --symbols IBM --from 2003-01-01 --until 2004-01-01 >"$work/out"
expect_same "checks that are shown as sound" "$(grep -c sound "$work/out")" 5
refuses "--symbols" check-lookahead crossover --symbols , --from 2003-01-01 --until 2004-01-01
refuses "TR530" check-lookahead crossover --symbols IBM --from 2030-01-01 --until 2031-01-01
passed "values that depend on where the history begins, and models that knew the future, are found"

if [ "$(sql main "SELECT count(*) FROM pg_available_extension_versions WHERE name = 'bourse' AND version = '1.2'")" = 0 ]; then
  echo "skipped: the database's own previews, because the extension bourse 1.2 is not installed"
  exit 0
fi
sql main "CREATE EXTENSION bourse"
for preview in $previews; do
  IFS=: read -r strategy symbol from until other <<<"${preview/T14:30:30Z/T14.30.30Z}"
  from=${from/T14.30.30Z/T14:30:30Z}
  params='{}'
  [ -z "$other" ] || params="{\"other\": \"$other\"}"
  different=$(psql_in main <<SQL
\set report \`cat '$work/$strategy-$from.json'\`
CREATE TEMP TABLE program AS SELECT r.* FROM jsonb_to_recordset(:'report'::jsonb -> 'rows') AS r (bucket timestamptz, close float8, action text, operands jsonb);
CREATE TEMP TABLE server AS SELECT * FROM strategy.preview('$strategy', '$symbol', '$from', '$until', params => '$params');
SELECT count(*) || ' of ' || (SELECT count(*) FROM server) FROM ((TABLE program EXCEPT ALL TABLE server) UNION ALL (TABLE server EXCEPT ALL TABLE program)) AS d;
SQL
  )
  grep -qE '^0 of [1-9]' <<<"$different" || fail "the previews of $strategy on $symbol differ in $different rows"
done
for lookahead in $lookaheads; do
  IFS=: read -r strategy symbols from until found <<<"$lookahead"
  different=$(psql_in main <<SQL
\set report \`cat '$work/lookahead-$strategy.json'\`
CREATE TEMP TABLE program AS SELECT r.* FROM jsonb_to_recordset(:'report'::jsonb -> 'rows') AS r (kind text, symbol text, moment timestamptz, seen text, otherwise text, finding text);
CREATE TEMP TABLE server AS SELECT * FROM research.check_lookahead('$strategy', '{$symbols}', '$from', '$until');
SELECT count(*) || ' of ' || (SELECT count(*) FROM server) FROM ((TABLE program EXCEPT ALL TABLE server) UNION ALL (TABLE server EXCEPT ALL TABLE program)) AS d;
SQL
  )
  grep -qE '^0 of [1-9]' <<<"$different" || fail "the checks of $strategy for look-ahead differ in $different rows"
done
expect_same "explanations" "$(sql main "SELECT strategy.explain('crossover@1')")" "$(cat "$work/first")"
bourse_on main strategy check minutes --symbol ONE --json >"$work/check.json"
expect_same "checks that differ" "$(psql_in main <<SQL
\set report \`cat '$work/check.json'\`
WITH program AS (SELECT NULL AS rule, operand, candles, settles, NULL::bigint AS looked, NULL::bigint AS held FROM jsonb_to_recordset(:'report'::jsonb -> 'operands') AS o (operand text, candles int, settles int)
                 UNION ALL SELECT rule, condition, NULL, NULL, looked, held FROM jsonb_to_recordset(:'report'::jsonb -> 'conditions') AS c (rule text, condition text, looked bigint, held bigint)),
     server AS (SELECT rule, expression, candles, settles, looked, held FROM strategy.check('minutes', 'ONE'))
SELECT count(*) FROM ((TABLE program EXCEPT ALL TABLE server) UNION ALL (TABLE server EXCEPT ALL TABLE program)) AS d
SQL
)" 0
passed "program and extension show the same rows, counts and words"
