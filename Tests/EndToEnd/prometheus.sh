#!/bin/bash
# A real Prometheus scrapes a service, finds its figures and rules sound, and fires through a real Alertmanager to a webhook;
# the exporter of PostgreSQL says the same of the database alone. Everything on 127.0.0.1.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
if ! tools=$("$repository/scripts/prometheus.sh"); then
  echo "skipped: Prometheus, ${tools#prometheus: }"
  exit 0
fi
rules=$repository/deploy/prometheus
"$tools/promtool" check rules "$rules/rules.yml" >"$work/promtool.log" 2>&1 || fail "the rules are refused"
"$tools/promtool" check config "$rules/prometheus.yml" >"$work/promtool.log" 2>&1 || fail "the configuration is refused"
"$tools/promtool" test rules "$rules/rules_test.yml" >"$work/promtool.log" 2>&1 || fail "a rule does not fire as it should"
passed "the rules fire when they should"

start_cluster
create_database live
db=live
# It trades around the clock, as these tests run.
sql $db "SELECT market.add_instrument('COIN', 'CRYPTO', kind => 'crypto');
  SELECT trading.create_portfolio(name => 'main', capital => 100000);
  SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), ARRAY[now()], '{180}', '{1}')" >/dev/null
for bad in nonsense 127.0.0.1:70000 192.0.2.1:0; do
  status=0
  bourse_on $db run --metrics $bad 2>"$work/refusal" || status=$?
  expect_same "exit status of --metrics $bad" "$status" 2
  expect_same "lines about --metrics $bad" "$(wc -l <"$work/refusal")" 1
done
start_runner $db run --metrics 127.0.0.1:0
wait_until $db "SELECT EXISTS (SELECT FROM ops.leases)"
service=$(grep -ao '127\.0\.0\.1:[0-9]*' "$work/$db.log" | head -n 1)
[ -n "$service" ] || fail "the log does not say where the metrics are"
page() { curl -sS --max-time 10 "http://$service$1"; }
page /metrics | "$tools/promtool" check metrics >"$work/promtool.log" 2>&1 || fail "the metrics are refused"
expect_same "health" "$(page /healthz)" "loop: ok (comes round)"
expect_same "readiness" "$(page /readyz | tr '\n' ' ')" "database: ok runner: ok (running) "
passed "promtool takes the metrics, and the service is ready"

ports=$(python3 - <<'PYTHON'
import socket
sockets = [socket.socket() for _ in range(4)]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))
PYTHON
)
read -r webhook alertmanager prometheus exporter <<<"$ports"
python3 - "$webhook" "$work/alerts" <<'PYTHON' &
import http.server, sys
class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[2], "ab") as file: file.write(body + b"\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook).serve_forever()
PYTHON
cat >"$work/alertmanager.yml" <<YAML
route: {receiver: webhook, group_by: [alertname, portfolio], group_wait: 0s, group_interval: 1s}
receivers: [{name: webhook, webhook_configs: [{url: "http://127.0.0.1:$webhook/"}]}]
YAML
"$tools/prometheus-alertmanager" --config.file="$work/alertmanager.yml" --storage.path="$work/alertmanager" \
  --web.listen-address="127.0.0.1:$alertmanager" --cluster.listen-address= >"$work/alertmanager.log" 2>&1 &
sed -e "s/15s/1s/" -e "s/127.0.0.1:9464/$service/" -e "s/127.0.0.1:9093/127.0.0.1:$alertmanager/" \
  "$rules/prometheus.yml" >"$work/prometheus.yml"
cp "$rules/rules.yml" "$work/"
"$tools/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
  --web.listen-address="127.0.0.1:$prometheus" >"$work/prometheus.log" 2>&1 &
DATA_SOURCE_NAME="host=$PGHOST port=$PGPORT user=$PGUSER dbname=$db sslmode=disable role=bourse_dashboard" \
  "$tools/prometheus-postgres-exporter" --extend.query-path="$rules/queries.yml" --disable-default-metrics \
  --disable-settings-metrics --web.listen-address="127.0.0.1:$exporter" >"$work/exporter.log" 2>&1 &

# $1: what; the rest: a command that comes to say something
soon() {
  local what=$1 attempt
  shift
  for ((attempt = 0; attempt < 600; attempt++)); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  fail "$what did not come within a minute"
}
# The value of an expression as Prometheus has it. $1: expression; $2: value
has() {
  curl -sS --max-time 5 --get --data-urlencode "query=$1" "http://127.0.0.1:$prometheus/api/v1/query" |
    python3 -c 'import json, sys; print(*(r["value"][1] for r in json.load(sys.stdin)["data"]["result"]))' | grep -qxF "$2"
}
tick() { sql $db "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT market.instrument_id('CRYPTO:COIN'), clock_timestamp(), 0, $1, 100"; }
submit() { sql $db "SELECT trading.submit_order(portfolio => 'main', symbol => 'CRYPTO:COIN', side => 'buy', quantity => 1, time_in_force => 'gtc', $1)" >/dev/null; }
submit "client_order_id => 'market'"
tick 181
wait_until $db "SELECT EXISTS (SELECT FROM trading.fills)"
submit "type => 'limit', limit_price => 100, client_order_id => 'resting'"
soon "a scrape" has 'up{job="bourse"}' 1
soon "the fill" has bourse_fills_total 1
soon "the open order" has 'bourse_portfolio_open_orders{portfolio="main"}' 1
passed "Prometheus sees ticks, fills and portfolios"

sql $db "SELECT risk.set_limit(metric => 'open_orders', bound => 1, scope => 'portfolio', target => 'main')" >/dev/null
soon "the alert" grep -q '"alertname":"BourseLimitNear"' "$work/alerts"
grep '"alertname":"BourseLimitNear"' "$work/alerts" | grep '"status":"firing"' | grep -q '"portfolio":"main"' || fail "alert: $(cat "$work/alerts")"
passed "a rule fires through Alertmanager to a webhook"

exported() { curl -sS --max-time 10 "http://127.0.0.1:$exporter/metrics"; }
names() { sed -n 's/^# TYPE \(bourse_[a-z_]*\) .*/\1/p' | sort; }
soon "the exporter" exported
exported >"$work/exported"
missing=$(comm -13 <(page /metrics | names) <(names <"$work/exported"))
[ -z "$missing" ] || fail "the exporter has what the service has not: $missing"
grep -q '^bourse_runner_up{.*} 1$' "$work/exported" || fail "the exporter does not see the runner"
passed "the exporter of PostgreSQL has the same names: $(names <"$work/exported" | wc -l) metrics"
kill -TERM "$runner"
expect_exit "$runner" 0
