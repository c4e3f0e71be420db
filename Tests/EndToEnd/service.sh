#!/bin/bash
# The service trades on ticks as anybody stores them, and heeds what people do in psql meanwhile: orders, cancels, halts,
# paused agents, new portfolios. It misses no wake-up, and stops when it is told to.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
fast='{"fast":2,"slow":4,"atr":2,"atr_multiple":3,"risk_percent":1}'
create_database live
db=live
sql $db "SELECT market.ensure_instruments('{IBM,BAC,AIG}'); SELECT trading.create_portfolio(name => 'main', capital => 1000000, at => '2013-10-01')
     FROM market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments ORDER BY symbol), array_fill(timestamptz '2013-10-07 13:30Z', '{3}'), '{49,14,180}', '{1,1,1}')" >/dev/null

# $1: symbol; $2: time; $3: price
tick() { sql $db "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('$1'), '$2', 0, $3, 100"; }
# $1: client_order_id; gives status, filled quantity and average price
order() { sql $db "SELECT status, trim_scale(filled_quantity), trim_scale(average_fill_price) FROM trading.orders WHERE client_order_id = '$1'"; }
# $1: client_order_id; $2: status
comes_to() { wait_until $db "SELECT EXISTS (SELECT FROM trading.orders WHERE client_order_id = '$1' AND status = '$2')"; }
submit() { sql $db "SELECT trading.submit_order(portfolio => 'main', time_in_force => 'gtc', $1)" >/dev/null; }
# The service has seen every tick of a symbol up to a time. $1: symbol; $2: time; $3: feed
has_seen() {
  wait_until $db "SELECT EXISTS (SELECT FROM ops.feed_cursors AS c WHERE c.feed = 'live/' || market.instrument_id('$1')
    AND timestamptz '2000-01-01Z' + c.position * interval '1 microsecond' >= timestamptz '$2')"
}

start_runner $db run
service=$runner
wait_until $db "SELECT EXISTS (SELECT FROM ops.leases)"

# People's orders. The service has never heard of IBM before the first of them.
tick IBM '2013-10-07 14:30:00Z' 180.00
submit "symbol => 'IBM', side => 'buy', quantity => 10, client_order_id => 'market', at => '2013-10-07 14:30:01Z'"
tick IBM '2013-10-07 14:30:02Z' 181.00
comes_to market filled
expect_same "market order" "$(order market)" "filled|10|181"
submit "symbol => 'IBM', side => 'buy', quantity => 5, type => 'limit', limit_price => 179, client_order_id => 'limit', at => '2013-10-07 14:30:03Z'"
comes_to limit working
tick IBM '2013-10-07 14:30:04Z' 179.50
has_seen IBM '2013-10-07 14:30:04Z'
expect_same "limit order above its limit" "$(order limit)" "working|0|"
tick IBM '2013-10-07 14:30:05Z' 178.90
comes_to limit filled
expect_same "limit order" "$(order limit)" "filled|5|178.9"
submit "symbol => 'IBM', side => 'buy', quantity => 5, type => 'limit', limit_price => 170, client_order_id => 'unwanted', at => '2013-10-07 14:30:06Z'"
comes_to unwanted working
sql $db "SELECT trading.cancel_order('main', client_order_id => 'unwanted', at => '2013-10-07 14:30:07Z')" >/dev/null
tick IBM '2013-10-07 14:30:08Z' 169.00
has_seen IBM '2013-10-07 14:30:08Z'
expect_same "cancelled order" "$(order unwanted)" "cancelled|0|"
passed "orders of people: market, limit, cancelled"

# An order for an instrument that the service had dropped does not fill at the prices of the time between.
submit "symbol => 'BAC', side => 'buy', quantity => 100, client_order_id => 'in', at => '2013-10-07 14:30:10Z'"
tick BAC '2013-10-07 14:30:11Z' 14.00
comes_to in filled
submit "symbol => 'BAC', side => 'sell', quantity => 100, client_order_id => 'out', at => '2013-10-07 14:30:12Z'"
tick BAC '2013-10-07 14:30:13Z' 14.10
comes_to out filled
tick BAC '2013-10-07 14:31:00Z' 13.00
sleep 0.3
submit "symbol => 'BAC', side => 'buy', quantity => 100, client_order_id => 'again', at => '2013-10-07 14:32:00Z'"
comes_to again working
tick BAC '2013-10-07 14:32:01Z' 14.20
comes_to again filled
expect_same "order after a pause" "$(order again)" "filled|100|14.2"
passed "an instrument that comes back begins at its order"

# Orders that come while ticks stream in: each is worked, and filled by a tick that is not older than it.
stream() {
  local i
  for i in $(seq 1 40); do
    echo "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('IBM'), timestamptz '2013-10-07 14:40Z' + $i * interval '1 s', 0, 180, 100;"
  done | sql $db
}
stream &
streaming=$!
for i in $(seq 1 15); do
  submit "symbol => 'IBM', side => 'buy', quantity => 1, type => 'limit', limit_price => 100, client_order_id => 'resting-$i', at => '2013-10-07 14:40Z'"
done
wait $streaming
wait_until $db "SELECT count(*) = 15 FROM trading.orders WHERE client_order_id LIKE 'resting-%' AND status = 'working'"
tick IBM '2013-10-07 14:45:00Z' 99.00
wait_until $db "SELECT count(*) = 15 FROM trading.orders WHERE client_order_id LIKE 'resting-%' AND status = 'filled'"
passed "orders that come between two batches are not overlooked"

# Agents. Candles of ten seconds that first fall, then rise, make an entry.
sql $db "SELECT strategy.create_strategy('trend', 'trend', '10 seconds', '$fast', at => '2013-10-01');
         SELECT strategy.record_check('trend', 1, 'checked', at => '2013-10-01');
         SELECT strategy.create_agent('walker', 'main', 'trend', '{AIG}', at => '2013-10-01');
         SELECT strategy.start_agent('main', 'walker', at => '2013-10-01')" >/dev/null
wait_until $db "SELECT EXISTS (SELECT FROM ops.feed_cursors WHERE feed = 'live/' || market.instrument_id('AIG'))"
# $1: from candle; $2: to candle; $3: price of the first; $4: step
candles() {
  sql $db "INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
    SELECT market.instrument_id('AIG'), timestamptz '2013-10-07 15:00Z' + g * interval '10 s', 0, $3 + (g - $1) * $4, 100 FROM generate_series($1, $2) AS g"
  has_seen AIG "$(sql $db "SELECT timestamptz '2013-10-07 15:00Z' + $2 * interval '10 s'")"
}
agent_orders() { sql $db "SELECT count(*), count(*) FILTER (WHERE status = 'rejected'), count(*) FILTER (WHERE status = 'filled') FROM trading.orders WHERE agent_id IS NOT NULL"; }
candles 0 9 50 -0.5
expect_same "orders of an agent in a falling market" "$(agent_orders)" "0|0|0"
sql $db "SELECT risk.halt('portfolio', 'main', 'a test', at => '2013-10-07 15:01:45Z')" >/dev/null
candles 10 15 45.5 1
expect_same "orders of an agent that is halted" "$(agent_orders)" "1|1|0"
expect_same "its code" "$(sql $db "SELECT DISTINCT reason_code FROM trading.orders WHERE agent_id IS NOT NULL")" TR301
sql $db "SELECT risk.resume('portfolio', 'main', at => '2013-10-07 15:02:36Z')" >/dev/null
candles 16 25 51 -1
candles 26 31 41.5 1
wait_until $db "SELECT count(*) = 1 FROM trading.orders WHERE agent_id IS NOT NULL AND status = 'filled' AND side = 'buy'"
passed "a halt rejects an agent's order with TR301, and after it the agent trades"

sql $db "SELECT strategy.pause_agent('main', 'walker', at => '2013-10-07 15:05:15Z')" >/dev/null
before=$(agent_orders)
memory=$(sql $db "SELECT at FROM strategy.agent_instruments")
candles 32 41 47 -1
expect_same "orders of a paused agent, but for its stop" \
  "$(sql $db "SELECT count(*) FROM trading.orders WHERE agent_id IS NOT NULL AND submitted_at > '2013-10-07 15:05:15Z'")" 0
[ "$(sql $db "SELECT at > '$memory' AND at = '2013-10-07 15:06:50Z' FROM strategy.agent_instruments")" = t ] ||
  fail "the memory of the paused agent stands still (orders before: $before)"
sql $db "SELECT strategy.start_agent('main', 'walker', at => '2013-10-07 15:06:55Z')" >/dev/null
candles 42 50 37 1
[ "$(sql $db "SELECT count(*) > 0 FROM strategy.signals WHERE at > '2013-10-07 15:06:55Z'")" = t ] || fail "a resumed agent sees nothing"
expect_no_violations $db
passed "a paused agent follows the market and sends nothing"

# A new portfolio, for which it is not started anew.
sql $db "SELECT trading.create_portfolio(name => 'late', capital => 5000, at => '2013-10-07 16:00Z')" >/dev/null
wait_until $db "SELECT count(*) = 2 FROM ops.leases"
sql $db "SELECT trading.submit_order(portfolio => 'late', symbol => 'IBM', side => 'buy', quantity => 1, time_in_force => 'gtc', client_order_id => 'late', at => '2013-10-07 16:00:01Z')" >/dev/null
tick IBM '2013-10-07 16:00:02Z' 182.00
comes_to late filled
kill -0 $service || fail "the service has ended"
passed "a new portfolio is taken up"

# Somebody's open transaction keeps the doorbell from being taken; the service looks anyway.
(echo "BEGIN; INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('BAC'), '2013-10-07 16:01Z', 0, 14, 1;"
 sleep 3; echo "ROLLBACK;") | sql $db &
sleep 0.5
submit "symbol => 'IBM', side => 'sell', quantity => 1, client_order_id => 'meanwhile', at => '2013-10-07 16:01:01Z'"
tick IBM '2013-10-07 16:01:02Z' 183.00
comes_to meanwhile filled
[ "$(sql $db "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database() AND application_name = 'psql'")" -ge 1 ] ||
  fail "the open transaction was over before the order was filled"
passed "a transaction left open does not stall it"

# Somebody's open order keeps one portfolio locked: the other one trades on, log and status say who it is, and the order is worked
# when it is there.
mkfifo "$work/lunch"
PGAPPNAME=lunch sql $db <"$work/lunch" >/dev/null &
lunch=$!
exec 5>"$work/lunch"
echo "BEGIN; SELECT trading.submit_order(portfolio => 'late', symbol => 'IBM', side => 'buy', quantity => 1, time_in_force => 'gtc',
  client_order_id => 'lunch', at => '2013-10-07 16:01:02.2Z');" >&5
wait_until $db "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'lunch' AND state = 'idle in transaction')"
submit "symbol => 'IBM', side => 'buy', quantity => 1, client_order_id => 'others', at => '2013-10-07 16:01:02.4Z'"
tick IBM '2013-10-07 16:01:02.6Z' 183.50
comes_to others filled
wait_until $db "SELECT EXISTS (SELECT FROM ops.blocked_portfolios())"
bourse_on $db status >"$work/status"
grep -q "^portfolio late is blocked by session .* (lunch, idle in transaction) since " "$work/status" || fail "status: $(cat "$work/status")"
# Again and again, an object on each line, until it is told to stop.
"$BOURSE" status --watch --every 0.2 --json --database-url "$(url_of $db)" >"$work/watched" &
watcher=$!
until [ "$(wc -l <"$work/watched")" -ge 3 ]; do sleep 0.1; done
kill $watcher
wait $watcher || fail "status --watch ended with $?"
python3 -c 'import json, sys; assert all(json.loads(line)["blockers"][0]["portfolio"] == "late" for line in sys.stdin)' <"$work/watched" || fail "status --watch: $(cat "$work/watched")"
grep "keeps a portfolio locked" "$work/$db.log" | grep -q "portfolio=late" || fail "the log does not name the portfolio"
echo "COMMIT;" >&5
exec 5>&-
wait $lunch
comes_to lunch filled
expect_same "the order that came late" "$(order lunch)" "filled|1|183.5"
expect_no_violations $db
passed "a portfolio that somebody keeps locked waits alone"

# The way out: what rests is gone at once, and the next ticks close what is held.
submit "symbol => 'BAC', side => 'buy', quantity => 10, client_order_id => 'held', at => '2013-10-07 16:01:03Z'"
tick BAC '2013-10-07 16:01:04Z' 14.00
comes_to held filled
submit "symbol => 'BAC', side => 'sell', quantity => 10, type => 'stop', stop_price => 12, client_order_id => 'stop', at => '2013-10-07 16:01:05Z'"
comes_to stop working
sql $db "SELECT * FROM risk.emergency_exit(at => '2013-10-07 16:01:06Z')" >/dev/null
expect_same "a stop after the emergency exit" "$(order stop)" "cancelled|0|"
tick BAC '2013-10-07 16:01:07Z' 13.50
tick IBM '2013-10-07 16:01:07Z' 183.00
tick AIG '2013-10-07 16:01:07Z' 40.00
wait_until $db "SELECT NOT EXISTS (SELECT FROM trading.positions WHERE quantity <> 0) AND NOT EXISTS (SELECT FROM trading.orders WHERE closed_at IS NULL)"
submit "symbol => 'BAC', side => 'buy', quantity => 1, client_order_id => 'locked', at => '2013-10-07 16:01:08Z'"
expect_same "an order after the emergency exit" "$(order locked)" "rejected|0|"
sql $db "SELECT risk.resume(at => '2013-10-07 16:01:09Z')" >/dev/null
submit "symbol => 'IBM', side => 'buy', quantity => 1, client_order_id => 'back', at => '2013-10-07 16:01:10Z'"
tick IBM '2013-10-07 16:01:11Z' 184.00
comes_to back filled
expect_no_violations $db
passed "an emergency exit closes everything, and a person lets it go on"

# Several writers at once.
writer() {
  local i
  RANDOM=$((SEED * 10 + $1))
  for i in $(seq 1 25); do
    echo "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('IBM'), clock_timestamp(), $1, 180, 1;"
    echo "SELECT pg_sleep($((RANDOM % 50)) / 1000.0) \g /dev/null"
  done | sql $db
}
writers=()
for w in 1 2 3 4; do writer $w & writers+=($!); done
wait "${writers[@]}"
has_seen IBM "$(sql $db "SELECT max(ts) FROM market.ticks")"
passed "several writers"

# Inserts at random moments, each seen before the next comes: the service is awake, going to sleep or asleep. One that
# rang in vain would wait for the poll of 5 s.
slow=$(sql $db <<SQL
CREATE TEMPORARY TABLE waits (seconds float8);
SELECT setseed($SEED / 1000.0) \g /dev/null
DO \$\$
DECLARE
  v_begin timestamptz;
BEGIN
  FOR i IN 1..200 LOOP
    v_begin := clock_timestamp();
    INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('IBM'), v_begin, 0, 180, 1;
    COMMIT;
    WHILE NOT EXISTS (SELECT FROM ops.feed_cursors AS c WHERE c.feed = 'live/' || market.instrument_id('IBM')
                        AND timestamptz '2000-01-01Z' + c.position * interval '1 microsecond' >= v_begin) LOOP
      PERFORM pg_sleep(0.001);
      IF clock_timestamp() > v_begin + interval '30 s' THEN RAISE 'a tick was never seen'; END IF;
    END LOOP;
    INSERT INTO waits VALUES (extract(epoch FROM clock_timestamp() - v_begin));
    COMMIT;
    PERFORM pg_sleep(random() * 0.03);
    COMMIT;
  END LOOP;
END
\$\$;
SELECT count(*) FILTER (WHERE seconds > 4) || ' of ' || count(*) || ', half of them within '
       || round(1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)) || ' ms' FROM waits;
SQL
)
[[ $slow == "0 of 200,"* ]] || fail "wake-ups that came late: $slow"
passed "no wake-up was lost: late $slow"

expect_no_violations $db
kill -TERM $service
expect_exit $service 0
expect_same "runners that did not stop in order" "$(sql $db "SELECT count(*) FROM ops.runners WHERE stopped_at IS NULL")" 0
passed "SIGTERM stops it"

# What comes while it is down waits for it; an order does not fill at what traded before it.
sql $db "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('AIG'), clock_timestamp(), 0, 77, 1"
start_runner $db run
wait_until $db "SELECT EXISTS (SELECT FROM ops.feed_cursors WHERE feed = 'live/' || market.instrument_id('AIG') AND at > now() - interval '1 minute')"
kill_hard "$runner"
expect_no_violations $db
passed "ticks of its absence are seen after it"
