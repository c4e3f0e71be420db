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

# The built-in strategies as they are, and what they leave out: a stop that trails, a ladder of two targets, short candles beside longer ones,
# and another instrument without legs.
# $1: file for ticks of 40 days, and how many: $2; $3: file for bars of the 300 days before. It is the same market for every SEED: each of
# them has to trade in it.
make_market() {
  python3 - "$@" <<'PYTHON'
import datetime, math, random, sys
ticks, count, bars = sys.argv[1], int(sys.argv[2]), sys.argv[3]
r = random.Random(1)
symbols = ["AAA", "BBB", "CCC", "DDD"]
before, last = 300, 40
dates, day = [], datetime.date(2013, 8, 30)
while len(dates) < before + last:
    if day.weekday() < 5: dates.insert(0, day)
    day -= datetime.timedelta(days=1)
level = {s: math.log(40 + 15 * i) for i, s in enumerate(symbols)}
apart = 0.0
with open(ticks, "w") as tick_file, open(bars, "w") as bar_file:
    tick_file.write("ts,symbol,price,size,venue,sale_condition,suspicious\n")
    for n, day in enumerate(dates):
        number = 24 if n < before else count // last // len(symbols)
        apart = 0.8 * apart + r.gauss(0, 0.012)
        rows = []
        for i, s in enumerate(symbols):
            drift = 0.004 * math.sin(n / 17 + 1.5 * i) + 0.012 * math.sin(n / 2.3 + i)
            size = r.choice([100, 100, 100, 300])
            level[s] += r.gauss(0, 0.003)
            for t in sorted(r.uniform(0, 6.5 * 3600) for _ in range(number)):
                # CCC is bound to BBB, but for what passes.
                if s == "CCC": drift = 0.5 + level["BBB"] + apart - level[s]
                level[s] += drift / number + r.gauss(0, 0.009) / math.sqrt(number)
                price = math.exp(level[s]) * (1 + r.choice([-1, 1]) * 0.00015)
                rows.append((t, s, round(price, 2), size * r.randint(1, 9) * r.choice([1, 1, 1, 4])))
            if n < before:
                prices, sizes = [row[2] for row in rows if row[1] == s], [row[3] for row in rows if row[1] == s]
                print(s, day, prices[0], max(prices), min(prices), prices[-1], sum(sizes), sep=",", file=bar_file)
        if n < before: continue
        start = datetime.datetime.fromisoformat(f"{day}T13:30:00")
        for t, s, price, size in sorted(rows):
            at = (start + datetime.timedelta(seconds=t)).isoformat(timespec="milliseconds")
            print(f"{at}Z,{s},{price:.2f},{size},{r.choice('PQZ')},@,0", file=tick_file)
PYTHON
}
market_ticks=${MARKET_TICKS:-5000}
make_market "$work/market.csv" "$market_ticks" "$work/days.csv"
create_database rules
sql rules >/dev/null <<SQL
CREATE TEMPORARY TABLE rows (symbol text, day date, open float8, high float8, low float8, close float8, volume float8);
\copy rows FROM '$work/days.csv' CSV
SELECT market.ensure_instruments('{AAA,BBB,CCC,DDD}');
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT market.instrument_id(r.symbol), '1 day', r.day::timestamp AT TIME ZONE 'America/New_York', r.open, r.high, r.low, r.close, r.volume FROM rows AS r;
SQL
built_in=$(sql rules "SELECT count(*) FROM strategy.strategies")
sql rules >/dev/null <<'SQL'
SELECT strategy.create_strategy(s.name, 'custom', s.timeframe::interval, s.parameters::jsonb, at => '2013-07-01')
  FROM (VALUES
    ('short', '20 seconds', '{"short_entry": "crosses_below(ema(close, 3), ema(close, 8))",
      "short_exit": "crosses_above(ema(close, 3), ema(close, 8))", "exits": [{"type": "percent_trailing", "percent": 1}]}'),
    ('ladder', '20 seconds', '{"entry": "close > highest(high, 5)[1]", "sizing": {"method": "fixed_quantity", "quantity": 100},
      "exits": [{"type": "chandelier", "multiple": 2, "period": 5}, {"type": "take_profit", "at_r": 0.5, "portion_percent": 40},
                {"type": "take_profit", "at_r": 1, "portion_percent": 60}]}'),
    ('longer', '20 seconds', '{"entry": "close > ema(close, 3)@15m and session_minutes > 5", "exit": "close < ema(close, 3)@15m",
      "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
    ('other', '20 seconds', '{"entry": "''BBB''.ema(close, 3) > ''BBB''.ema(close, 8) and count(close > open[1], 4) > 1",
      "exit": "''BBB''.close@5m < ''BBB''.close@5m[1]", "sizing": {"method": "fixed_quantity", "quantity": 10}}'))
    AS s (name, timeframe, parameters);
SQL
bourse_on rules strategy check >/dev/null
sql rules >/dev/null <<'SQL'
-- Each on all symbols, but the pair on one that has a partner, and what acts on every tick on one, or it would be all there is.
SELECT trading.create_portfolio(name => p.name, capital => 1000000, account_type => 'margin', fee_schedule => 'us_equity', slippage_bps => 2, at => '2013-07-01'),
       strategy.create_agent(p.name, p.name, p.name, p.symbols, params => p.params, at => '2013-07-01'),
       strategy.start_agent(p.name, p.name, at => '2013-07-01')
  FROM (SELECT s.name, CASE WHEN v.parameters ? 'legs' THEN '{CCC}' WHEN v.timeframe = '0' THEN '{DDD}' WHEN v.timeframe = '20 seconds' THEN '{AAA}'
                            ELSE '{AAA,BBB,CCC,DDD}' END::text[] AS symbols,
               CASE WHEN v.parameters #> '{params,other}' IS NOT NULL THEN '{"other": "BBB"}' ELSE '{}' END::jsonb AS params
          FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)) AS p
 ORDER BY p.name;
SQL
create_database rules_killed rules
bourse_on rules replay ticks "$work/market.csv" --batch 60 >/dev/null
idle=$(sql rules "SELECT string_agg(a.name, ' ') FROM strategy.agents AS a WHERE NOT EXISTS (
  SELECT FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id) WHERE o.portfolio_id = a.portfolio_id AND o.agent_id = a.agent_id)")
expect_same "agents that did not trade" "$idle" ""
expect_same "agents that run" "$(sql rules "SELECT count(*) FROM strategy.agents WHERE status = 'running'")" "$((built_in + 4))"
expect_no_violations rules
replay_with_kills rules_killed 20 "$market_ticks" 0 replay ticks "$work/market.csv" --batch 60
expect_same_dumps rules rules_killed "20 kills in a replay with the built-in strategies and four more"
passed "20 kills in a replay with the $built_in built-in strategies, four more, and $(sql rules "SELECT count(*) FROM strategy.signals") signals"
