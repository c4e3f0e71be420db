#!/bin/bash
# Alerts reach a receiver, signed and once for each incident: though the runner is killed between evaluation and delivery, and though
# the receiver is down for a while. Letters reach a mail server. A runner that is silent is noticed without it.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database main
receivers=$repository/Tests/EndToEnd/lib/receivers.py
# Debian's own Python has Debian's packages.
python=/usr/bin/python3
[ -x "$python" ] || python=python3

# $1: file that it writes; the rest: arguments. Sets receiver and port.
start_receiver() {
  local out=$1
  shift
  : >"$out.port"
  "$python" "$receivers" "$@" "$out.port" >>"$out" &
  receiver=$!
  for _ in $(seq 1 200); do
    if [ -s "$out.port" ]; then break; fi
    kill -0 "$receiver" 2>/dev/null || return 1
    sleep 0.05
  done
  port=$(head -n 1 "$out.port")
}
# $1: file; $2: how many lines; $3: pattern
comes_in() {
  for _ in $(seq 1 1200); do
    if [ "$(grep -c "$3" "$1" || true)" -ge "$2" ]; then return; fi
    sleep 0.05
  done
  fail "$(grep -c "$3" "$1" || true) instead of $2 of $3: $(cat "$1")"
}

touch "$work/hook" "$work/mail"
start_receiver "$work/hook" webhook whsec 0 || fail "the receiver does not start"
hook=$receiver hook_port=$port
mail_options=()
if start_receiver "$work/mail" mail; then
  mail_options=(--mail "smtp://127.0.0.1:$port" --mail-from "alerts@bourse.example")
else
  echo "skipped: letters by SMTP, for want of python3-aiosmtpd"
fi
"$BOURSE" secrets key "$work/key" >/dev/null
printf whsec | bourse_on main secrets set hook --broker webhook --url "http://127.0.0.1:$hook_port/x" --key-file "$work/key" >/dev/null
sql main >/dev/null <<'SQL'
SELECT FROM trading.create_portfolio('main');
CREATE TABLE public.wrong (subject text);
GRANT SELECT ON public.wrong TO PUBLIC;
SELECT FROM ops.set_alert_channel('hook', 'webhook', connection => 'hook', is_for_house => true);
SELECT FROM ops.set_alert_rule('wrong', 'SELECT w.subject FROM public.wrong AS w');
UPDATE ops.alert_settings SET first_delay = '300 ms', answer_within = '1 second';
UPDATE ops.alert_rules SET for_duration = '0' WHERE name = 'silent_runner';
SQL
service() { start_runner main run --name watch --key-file "$work/key" "${mail_options[@]}"; }
service
wait_until main "SELECT EXISTS (SELECT FROM ops.leases)"

sql main "INSERT INTO wrong VALUES ('a')"
comes_in "$work/hook" 1 "opened wrong a signed"
sql main "DELETE FROM wrong"
comes_in "$work/hook" 1 "resolved wrong a signed"
bourse_on main alerts test hook --wait 60 >"$work/out" || fail "the test is not delivered: $(cat "$work/out")"
comes_in "$work/hook" 1 "test test hook signed"
passed "an alert is opened, delivered with a signature, and over"

# The receiver hangs, so that the runner is killed while it delivers.
kill -STOP "$hook"
sql main "INSERT INTO wrong VALUES ('b')"
wait_until main "SELECT EXISTS (SELECT FROM ops.notifications WHERE payload ->> 'subject' = 'b' AND attempts > 0)"
kill_hard "$runner"
kill -CONT "$hook"
expect_same "a runner that is killed is an alert, which psql finds" \
  "$(sql main "SELECT e.event, e.subject ~ '^watch on ' FROM ops.evaluate_alerts(clock_timestamp() + interval '1 second') AS e WHERE e.rule = 'silent_runner'")" "opened|t"
service
comes_in "$work/hook" 1 "opened wrong b signed"
comes_in "$work/hook" 1 "resolved silent_runner"
expect_same "alerts of b" "$(sql main "SELECT count(*) FROM ops.alerts WHERE subject = 'b'")" 1
expect_same "identifiers of b" "$(grep "opened wrong b" "$work/hook" | cut -d ' ' -f 1 | sort -u | wc -l)" 1
passed "killed between evaluation and delivery, it delivers under the same identifier"

# Down for longer than three attempts, and up again.
kill_hard "$hook"
sql main "INSERT INTO wrong VALUES ('c')"
wait_until main "SELECT EXISTS (SELECT FROM ops.notifications WHERE payload ->> 'subject' = 'c' AND dead_at IS NOT NULL AND attempts = 3)"
start_receiver "$work/hook" webhook whsec "$hook_port" || fail "the receiver does not start again"
expect_same "replayed" "$(bourse_on main alerts replay hook)" "1 notification will be tried again."
comes_in "$work/hook" 1 "opened wrong c signed"
expect_same "forged" "$(grep -c FORGED "$work/hook" || true)" 0
passed "a receiver that was down gets what was given up"

if [ ${#mail_options[@]} -gt 0 ]; then
  sql main "SELECT FROM identity.create_user('ann', 'ann@example.com', 'correct horse')"
  comes_in "$work/mail" 1 "^ann@example.com | Verify your address | <letter-[0-9]*@bourse> | .*verify_email"
  wait_until main "SELECT NOT EXISTS (SELECT FROM identity.outbox WHERE token IS NOT NULL)"
  sql main "SELECT FROM ops.set_alert_channel('mail', 'email', 'ops@example.com'); INSERT INTO wrong VALUES ('d')"
  comes_in "$work/mail" 1 "^ops@example.com | Warning: wrong: d | "
  passed "letters and alerts reach a mail server"
fi

alert=$(sql main "SELECT max(alert_id) FROM ops.alerts WHERE rule = 'wrong' AND subject = 'c'")
bourse_on main alerts acknowledge "$alert" >/dev/null || fail "the alert is not acknowledged"
bourse_on main alerts | grep -q "^ *$alert  *warning  *wrong  *c  *acknowledged" || fail "it is not listed"
bourse_on main alerts silence "$alert" '2 hours' >/dev/null || fail "the alert is not silenced"
bourse_on main alerts list --json | grep -q '"state" : "silenced"' || fail "the list has no JSON"
for arguments in "acknowledge 987654" "silence $alert later" "test none" "replay none"; do
  status=0
  # shellcheck disable=SC2086 # words
  bourse_on main alerts $arguments >"$work/out" 2>"$work/err" || status=$?
  expect_same "status and lines of alerts $arguments" "$status $(wc -l <"$work/err")" "2 1"
done
kill -TERM "$runner"
expect_exit "$runner" 0
expect_same "secrets in what the runner says" "$(grep -c whsec "$work/main.log" || true)" 0
passed "people list, acknowledge and silence alerts, and the service stops when it is told to"
