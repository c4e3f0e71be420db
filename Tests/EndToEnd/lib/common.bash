# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for the scripts
# Sourced by the scripts in Tests/EndToEnd. Starts a private cluster in $BOURSE_HOME (a temporary folder when that is not
# set), and gives the scripts databases, made-up prices, and ways to run, kill and compare.
#
# SEED chooses the made-up prices and the moments of the kills.

set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
data=$repository/../shared/data
BOURSE=${BOURSE:-$repository/.build/debug/bourse}
SEED=${SEED:-1}
RANDOM=$SEED
work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-e2e.XXXXXX")
chmod 755 "$work"
export BOURSE_HOME=${BOURSE_HOME:-$work/home}
unset BOURSE_DATABASE_URL
runner=

clean_up() {
  local status=$?
  trap - EXIT
  # shellcheck disable=SC2046 # one word per process
  kill -9 $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  "$BOURSE" down --delete-data >/dev/null 2>&1 || true
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

fail() {
  echo "FAILED: $*" >&2
  local log
  for log in "$work"/*.log; do [ ! -s "$log" ] || { echo "--- ${log##*/}" >&2 && tail -n 20 "$log" >&2; }; done
  exit 1
}

# What this test checks, in one line that is printed when it held.
passed() { echo "ok: $*"; }

start_cluster() {
  "$BOURSE" up >/dev/null
  eval "$("$BOURSE" env)"
  [ "${1:-}" = durable ] || psql_in postgres -qc "ALTER SYSTEM SET fsync = off" -c "SELECT pg_reload_conf()" >/dev/null
  create_database schema
}

psql_in() {
  local database=$1
  shift
  PGDATABASE=$database psql -XAtq -v ON_ERROR_STOP=1 "$@"
}

# $1: database; standard input or the rest: SQL
sql() {
  local database=$1
  shift
  if [ $# -gt 0 ]; then psql_in "$database" -c "$*"; else psql_in "$database" -f -; fi
}

url_of() { echo "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$1"; }

# $1: name; $2: database to copy, by default one with the schema and nothing else
create_database() {
  if [ "$1" = schema ]; then
    createdb -T template0 schema
    "$BOURSE" migrate --database-url "$(url_of schema)" >/dev/null
    # Or the first runner does it, at a time of its own.
    "$BOURSE" strategy check --database-url "$(url_of schema)" >/dev/null
  else
    # Where the server has TimescaleDB, its launcher visits every database in turn, and a visited one is not copied.
    local attempt
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
      if createdb -T "${2:-schema}" "$1" 2>"$work/createdb"; then return; fi
      grep -q "being accessed" "$work/createdb" || break
      sleep 0.5
    done
    cat "$work/createdb" >&2
    fail "database $1 could not be made in $attempt attempts"
  fi
}

# $1: database; the rest: arguments of bourse. Runs in the foreground.
bourse_on() {
  local database=$1
  shift
  "$BOURSE" "$@" --database-url "$(url_of "$database")"
}

# The same in the background, as $runner, with its output in $work/$database.log
start_runner() {
  local database=$1
  shift
  "$BOURSE" "$@" --database-url "$(url_of "$database")" >>"$work/$database.log" 2>&1 &
  runner=$!
}

kill_hard() {
  kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# $1: process; $2: the exit status that it has to end with
expect_exit() {
  local status=0
  wait "$1" || status=$?
  [ "$status" -eq "$2" ] || fail "exit status $status instead of $2"
}

# The postmaster and all its children at once, as a crash of the machine would; what shared memory it had stays behind.
crash_server() {
  local postmaster
  postmaster=$(head -n 1 "$BOURSE_HOME/data/postmaster.pid")
  # shellcheck disable=SC2046 # one word per process
  kill -9 "$postmaster" $(pgrep -P "$postmaster") 2>/dev/null || true
  while kill -0 "$postmaster" 2>/dev/null; do sleep 0.02; done
}

# Waits in one session until a query gives true, looking every 2 ms, for as long as a busy machine may need. $1: database; $2: query
wait_until() {
  local seconds=300
  sql "$1" "DO \$\$
    DECLARE v_done boolean;
    BEGIN
      FOR i IN 1..$((seconds * 400)) LOOP
        PERFORM pg_stat_clear_snapshot();  -- or it would see the sessions as they were at its first look
        EXECUTE \$q\$$2\$q\$ INTO v_done;
        IF v_done THEN RETURN; END IF;
        PERFORM pg_sleep(0.002);
      END LOOP;
      RAISE 'not within $seconds s: %', \$q\$$2\$q\$;
    END \$\$" || fail "waiting for: $2"
}

expect_no_violations() {
  local found
  found=$(sql "$1" "SELECT * FROM ops.check_invariants()")
  [ -z "$found" ] || fail "the books of $1 are not sound: $found"
  found=$(sql "$1" "SELECT * FROM ops.verify_audit()")
  [ -z "$found" ] || fail "the audit of $1 is not as it was written: $found"
}

# $1: what; $2, $3: values
expect_same() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }

# Every row that a run leaves, but for the columns that tell when the clock saw it and for identifiers that count attempts.
dump() {
  sql "$1" <<'SQL'
SET timezone = 'UTC';
SET extra_float_digits = 1;
\echo -- portfolios
SELECT p.name, v.cash, v.positions_value, v.realised_pnl, v.unrealised_pnl, v.fees, v.at
  FROM trading.portfolio_values AS v JOIN trading.portfolios AS p USING (portfolio_id) ORDER BY p.name;
\echo -- orders
SELECT (to_jsonb(o) - 'created_at')::text FROM trading.orders AS o ORDER BY portfolio_id, order_id;
\echo -- order events
SELECT (to_jsonb(e) - 'recorded_at')::text FROM trading.order_events AS e ORDER BY portfolio_id, order_id, version;
\echo -- fills
SELECT (to_jsonb(f) - 'recorded_at')::text FROM trading.fills AS f ORDER BY portfolio_id, fill_id;
\echo -- positions
SELECT to_jsonb(p)::text FROM trading.positions AS p ORDER BY portfolio_id, instrument_id;
\echo -- position adjustments
SELECT (to_jsonb(a) - 'recorded_at')::text FROM trading.position_adjustments AS a ORDER BY portfolio_id, action_id;
\echo -- transfers
SELECT (to_jsonb(t) - 'recorded_at')::text FROM ledger.transfers AS t ORDER BY portfolio_id, transfer_id;
\echo -- balances
SELECT to_jsonb(b)::text FROM ledger.balances AS b ORDER BY portfolio_id, account_id;
\echo -- holds
SELECT to_jsonb(r)::text FROM ledger.holds AS r ORDER BY portfolio_id, transfer_id;
\echo -- snapshots
SELECT to_jsonb(s)::text FROM trading.portfolio_snapshots AS s ORDER BY portfolio_id, bucket;
\echo -- signals
SELECT (to_jsonb(s) - 'recorded_at')::text FROM strategy.signals AS s ORDER BY portfolio_id, agent_id, instrument_id, signal_no;
\echo -- memories
SELECT to_jsonb(a)::text FROM strategy.agent_instruments AS a ORDER BY portfolio_id, agent_id, instrument_id;
\echo -- agents
SELECT portfolio_id, agent_id, status, error FROM strategy.agents ORDER BY 1, 2;
\echo -- quotes
SELECT to_jsonb(q)::text FROM market.quotes AS q ORDER BY instrument_id;
\echo -- ticks
SELECT count(*), md5(string_agg((to_jsonb(t) - 'stored_at')::text, E'\n' ORDER BY t.instrument_id, t.ts, t.seq)) FROM market.ticks AS t;
\echo -- candles
SELECT instrument_id, bucket, open, high, low, close, volume, ticks FROM market.candles_1m ORDER BY 1, 2;
SELECT instrument_id, bucket, open, high, low, close, volume, ticks FROM market.candles_5m ORDER BY 1, 2;
SELECT instrument_id, bucket, open, high, low, close, volume, ticks FROM market.candles_15m ORDER BY 1, 2;
SELECT instrument_id, bucket, open, high, low, close, volume, ticks FROM market.candles_1h ORDER BY 1, 2;
SELECT instrument_id, bucket, open, high, low, close, volume, ticks FROM market.candles_1d ORDER BY 1, 2;
-- How far candles were rolled up is a matter of when, not of what.
SELECT instrument_id, closed_until FROM market.candle_marks ORDER BY instrument_id;
SELECT c.* FROM market.instruments AS i, market.check_candles(i.instrument_id) AS c;
\echo -- cursors
SELECT to_jsonb(c)::text FROM ops.feed_cursors AS c ORDER BY portfolio_id, feed;
\echo -- events
SELECT portfolio_id, kind, instrument_id, order_id, at, payload FROM ops.events ORDER BY portfolio_id NULLS FIRST, event_id;
\echo -- fingerprint
SELECT ops.fingerprint();
SQL
}

# $1, $2: databases that have to hold the same; $3: after what
expect_same_dumps() {
  dump "$1" >"$work/expected"
  dump "$2" >"$work/found"
  if ! diff "$work/expected" "$work/found" >"$work/difference"; then
    cut -c -300 "$work/difference" | head -n 20 >&2
    fail "$3: $2 differs from $1"
  fi
}

# Ticks of one day (or more) that wander up and down, so that agents trade.
# $1: file; $2: ticks; $3: symbols, separated by commas; $4: first day
make_ticks() {
  python3 - "$SEED" "$@" <<'PYTHON'
import datetime, math, random, sys
seed, path, count, symbols, day = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4].split(","), sys.argv[5]
r = random.Random(f"{seed}/{day}")
prices = {s: 20.0 + 15 * i for i, s in enumerate(symbols)}
phases = {s: r.uniform(0, 6) for s in symbols}
start = datetime.datetime.fromisoformat(day + "T13:30:00")
length = 6.5 * 3600
with open(path, "w") as out:
    out.write("ts,symbol,price,size,venue,sale_condition,suspicious\n")
    # Times repeat now and then, also within a symbol.
    times = sorted(round(r.uniform(0, length), 2) for _ in range(count))
    for t in times:
        s = r.choice(symbols)
        drift = 0.0005 * math.sin(t / 90 + phases[s])
        prices[s] *= math.exp(drift + r.gauss(0, 0.0006))
        at = (start + datetime.timedelta(seconds=t)).isoformat(timespec="milliseconds")
        print(f"{at}Z,{s},{prices[s]:.2f},{r.randint(1, 9) * 100},{r.choice('PQZ')},@,{int(r.random() < 0.002)}", file=out)
PYTHON
}

# Day bars into a database: as make_ticks, over the weekdays from 2010-01-04 on.
# $1: database; $2: days; $3: symbols, separated by commas; $4: symbol/day of a 2:1 split in them
make_bars() {
  python3 - "$SEED" "$2" "$3" "$4" >"$work/bars.csv" <<'PYTHON'
import datetime, math, random, sys
seed, days, symbols = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(",")
split_symbol, split_day = sys.argv[4].split("/")
r = random.Random(seed)
prices = {s: 40.0 + 20 * i for i, s in enumerate(symbols)}
day = datetime.date(2010, 1, 4)
for n in range(days):
    while day.weekday() > 4: day += datetime.timedelta(days=1)
    for i, s in enumerate(symbols):
        if s == split_symbol and day.isoformat() == split_day: prices[s] /= 2
        if r.random() < 0.02: continue  # no trade on that day
        o = prices[s] * math.exp(r.gauss(0, 0.008))
        c = o * math.exp(0.006 * math.sin(n / 9 + i) + r.gauss(0, 0.012))
        h, l = max(o, c) * math.exp(abs(r.gauss(0, 0.005))), min(o, c) * math.exp(-abs(r.gauss(0, 0.005)))
        prices[s] = c
        print(f"{s},{day},{o:.4f},{h:.4f},{l:.4f},{c:.4f},{r.randint(1, 9) * 100000}")
    day += datetime.timedelta(days=1)
PYTHON
  sql "$1" <<SQL
CREATE TEMPORARY TABLE rows (symbol text, day date, open float8, high float8, low float8, close float8, volume float8);
\\copy rows FROM '$work/bars.csv' CSV
DO \$\$ BEGIN PERFORM market.ensure_instruments(string_to_array('$3', ',')); END \$\$;
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
SELECT i.instrument_id, '1 day', r.day::timestamp AT TIME ZONE 'America/New_York', r.open, r.high, r.low, r.close, r.volume
  FROM rows AS r JOIN market.instruments AS i USING (symbol);
DO \$\$ BEGIN PERFORM market.add_split('${4%/*}', '${4#*/}', 2, 1); END \$\$;
SQL
}

# A portfolio with an agent on each symbol. $1: database; $2: portfolio; $3: symbols; $4: timeframe; $5: parameters; $6: start
make_agents() {
  sql "$1" <<SQL
DO \$\$
BEGIN
  PERFORM market.ensure_instruments(string_to_array('$3', ','));
  PERFORM trading.create_portfolio(name => '$2', capital => 100000, fee_schedule => 'us_equity', slippage_bps => 2, at => '$6');
  IF NOT EXISTS (SELECT FROM strategy.strategies WHERE name = 'trend') THEN
    PERFORM strategy.create_strategy('trend', 'trend', '$4', '$5', at => '$6');
    PERFORM strategy.record_check('trend', 1, 'checked', at => '$6');
  END IF;
  PERFORM strategy.create_agent(lower(s), '$2', 'trend', ARRAY[s], at => '$6'), strategy.start_agent('$2', lower(s), at => '$6')
     FROM unnest(string_to_array('$3', ',')) AS s;
END
\$\$;
SQL
}
