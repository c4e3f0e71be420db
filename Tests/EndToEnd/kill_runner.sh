#!/bin/bash
# A runner that is killed 20 times in a replay leaves what an uninterrupted one leaves, to the last row.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster

fast='{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}'

# $1: database; $2: kills; $3: where the cursor is at the end; $4: where it begins; the rest: a replay
replay_with_kills() {
  local database=$1 kills=$2 last=$3 first=$4 done=0 target
  shift 4
  while [ $done -lt "$kills" ]; do
    target=$((first + (last - first) * (100 * done + RANDOM % 80) / (100 * kills + 100)))
    start_runner "$database" "$@"
    # Once it is there, at some moment of some batch.
    sql "$database" "DO \$\$
      BEGIN
        FOR i IN 1..15000 LOOP
          EXIT WHEN (SELECT max(c.position) >= $target FROM ops.feed_cursors AS c);
          PERFORM pg_sleep(0.002);
        END LOOP;
      END \$\$"
    sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
    kill -9 "$runner" 2>/dev/null || fail "the replay was over before kill $((done + 1))"
    wait "$runner" 2>/dev/null || true
    done=$((done + 1))
    expect_no_violations "$database"
  done
  bourse_on "$database" "$@" >>"$work/$database.log" 2>&1 || fail "the last replay"
  expect_no_violations "$database"
}

ticks=${TICKS:-24000}
make_ticks "$work/ticks.csv" "$ticks" AAA,BBB,CCC,DDD 2013-10-07
create_database ticks
make_agents ticks main AAA,BBB,CCC,DDD '20 seconds' "$fast" 2013-10-01
create_database ticks_killed ticks
bourse_on ticks replay ticks "$work/ticks.csv" --batch 60 >/dev/null
[ "$(sql ticks "SELECT count(*) FROM trading.fills")" -gt 100 ] || fail "too few fills to prove anything"
expect_no_violations ticks
replay_with_kills ticks_killed 20 "$ticks" 0 replay ticks "$work/ticks.csv" --batch 60
expect_same_dumps ticks ticks_killed "20 kills in a replay of ticks"
passed "20 kills in a replay of $ticks ticks with $(sql ticks "SELECT count(*) FROM trading.fills") fills"

create_database bars
make_bars bars 700 AAA,BBB,CCC BBB/2011-03-15
make_agents bars main AAA,BBB,CCC '1 day' "$fast" 2010-01-01
create_database bars_killed bars
bourse_on bars replay bars --batch 5 >/dev/null
[ "$(sql bars "SELECT count(*) FROM trading.fills")" -gt 50 ] || fail "too few fills to prove anything"
expect_same "position adjustments" "$(sql bars "SELECT count(*) FROM trading.position_adjustments")" 1
replay_with_kills bars_killed 20 "$(sql bars "SELECT max(position) FROM ops.feed_cursors")" \
  "$(sql bars "SELECT 1000000 * extract(epoch FROM min(ts) - timestamptz '2000-01-01Z')::bigint FROM market.bars")" \
  replay bars --batch 5
expect_same_dumps bars bars_killed "20 kills in a replay of bars"
passed "20 kills in a replay of bars with a split and $(sql bars "SELECT count(*) FROM trading.fills") fills"

# Rules: short, with a ladder, on longer candles, on another instrument, on every tick, and a pair.
create_database rules
sql rules >/dev/null <<'SQL'
SELECT market.ensure_instruments('{AAA,BBB,CCC,DDD}');
SELECT trading.create_portfolio(name => n, capital => 1000000, account_type => 'margin', fee_schedule => 'us_equity', slippage_bps => 2, at => '2013-10-01')
  FROM unnest('{short,ladder,longer,other,every,pair}'::text[]) AS n;
SELECT strategy.create_strategy(s.name, 'custom', s.timeframe::interval, s.parameters::jsonb, at => '2013-10-01')
  FROM (VALUES
    ('short', '20 seconds', '{"short_entry": "crosses_below(ema(close, 3), ema(close, 8))",
      "short_exit": "crosses_above(ema(close, 3), ema(close, 8))", "exits": [{"type": "percent_trailing", "percent": 1}]}'),
    ('ladder', '20 seconds', '{"entry": "close > highest(high, 5)[1]", "sizing": {"method": "fixed_quantity", "quantity": 100},
      "exits": [{"type": "chandelier", "multiple": 2, "period": 5}, {"type": "take_profit", "at_r": 0.5, "portion_percent": 40},
                {"type": "take_profit", "at_r": 1, "portion_percent": 60}]}'),
    ('longer', '20 seconds', '{"entry": "close > ema(close, 3)@1m and session_minutes > 5", "exit": "close < ema(close, 3)@1m",
      "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
    ('other', '20 seconds', '{"entry": "''BBB''.ema(close, 3) > ''BBB''.ema(close, 8) and count(close > open, 4) > 1",
      "exit": "''BBB''.close@1m < ''BBB''.close@1m[1]", "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
    ('every', '0', '{"entry": "close > close[3]", "exits": [{"type": "time_stop", "seconds": 30}, {"type": "percent_stop", "percent": 1}],
      "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
    ('pair', '20 seconds', '{"entry": "zscore(close / ''BBB''.close, 8) < -1", "exit": "zscore(close / ''BBB''.close, 8) > 0",
      "sizing": {"method": "fixed_quantity", "quantity": 10}, "legs": [{"symbol": "BBB", "ratio": "-close / ''BBB''.close"}]}'))
    AS s (name, timeframe, parameters);
SQL
bourse_on rules strategy check >/dev/null
sql rules >/dev/null <<'SQL'
SELECT strategy.create_agent(a.name, a.name, a.name, ARRAY[a.symbol], at => '2013-10-01'),
       strategy.start_agent(a.name, a.name, at => '2013-10-01')
  FROM (VALUES ('short', 'AAA'), ('ladder', 'AAA'), ('longer', 'BBB'), ('other', 'AAA'), ('every', 'DDD'), ('pair', 'CCC')) AS a (name, symbol);
SQL
create_database rules_killed rules
bourse_on rules replay ticks "$work/ticks.csv" --batch 60 >/dev/null
expect_same "agents that traded" \
  "$(sql rules "SELECT count(DISTINCT o.agent_id) FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id)")" 6
expect_no_violations rules
replay_with_kills rules_killed 20 "$ticks" 0 replay ticks "$work/ticks.csv" --batch 60
expect_same_dumps rules rules_killed "20 kills in a replay with six strategies of rules"
passed "20 kills in a replay with six strategies of rules and $(sql rules "SELECT count(*) FROM strategy.signals") signals"
