#!/bin/bash
# Credentials of brokers are sealed before they leave the program, and nothing tells them; a server listens with TLS and scram or not at all;
# the doctor explains what is open.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
"$BOURSE" up >/dev/null
eval "$("$BOURSE" env)"
psql_in postgres -qc "ALTER SYSTEM SET fsync = off" -c "ALTER SYSTEM SET log_statement = 'all'" -c "ALTER SYSTEM SET log_parameter_max_length = -1" \
  -c "ALTER SYSTEM SET log_parameter_max_length_on_error = -1" -c "SELECT pg_reload_conf()" >/dev/null
"$BOURSE" migrate >/dev/null
sql bourse "SELECT name FROM trading.create_portfolio('main', capital => 1000)" >/dev/null
unset BOURSE_SECRET_KEY BOURSE_SECRET_KEY_FILE CREDENTIALS_DIRECTORY
server_log=$("$BOURSE" up --json | sed -n 's/.*"log" : "\(.*\)",/\1/p')

# $1: words that the line has; the rest: arguments of bourse. One line, exit status 2, and the secret is not in it.
refuses() {
  local words=$1 status=0
  shift
  "$BOURSE" "$@" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "exit status of bourse $*" "$status" 2
  expect_same "lines of bourse $*" "$(wc -l <"$work/err.log")" 1
  grep -qF -- "$words" "$work/err.log" || fail "bourse $* says: $(cat "$work/err.log")"
}

secret=0123-very-secret-4567
"$BOURSE" secrets key "$work/key" >"$work/out"
expect_same "mode of the key" "$(stat -c %a "$work/key")" 600
key=$(sed -n 's/^Made key \([0-9a-f]*\) in.*/\1/p' "$work/out")
export BOURSE_SECRET_KEY_FILE=$work/key
refuses "cannot be read" secrets set mock --broker mock --key-file "$work/none" <<<"$secret"
BOURSE_SECRET_KEY_FILE='' refuses "there is no key" secrets set mock --broker mock <<<"$secret"
refuses "no secret was given" secrets set mock --broker mock </dev/null
refuses "credentials in it" secrets set mock --broker mock --url "https://a:b@broker.example" <<<"$secret"
"$BOURSE" secrets set mock --broker mock --url https://broker.example --portfolio main <<<"$secret" >"$work/out"
grep -q "sealed under key $key" "$work/out" || fail "set says: $(cat "$work/out")"
"$BOURSE" secrets set other --broker mock <<<"$secret" >/dev/null
"$BOURSE" secrets list >"$work/out"
grep -q "^mock .*main .*$key" "$work/out" || fail "list says: $(cat "$work/out")"
expect_same "check" "$("$BOURSE" secrets check)" "2 connections can be opened under key $key."
passed "credentials are stored under a key in a file"

# Rotation, and what was changed behind it.
"$BOURSE" secrets key "$work/key2" >/dev/null
"$BOURSE" secrets rotate --new-key-file "$work/key2" >/dev/null
refuses "is under key" secrets check
export BOURSE_SECRET_KEY_FILE=$work/key2
"$BOURSE" secrets check >/dev/null
sql bourse "UPDATE identity.broker_connections SET url = 'https://thief.example' WHERE name = 'mock'"
refuses "was changed" secrets check
refuses "was changed" secrets rotate --new-key-file "$work/key"
sql bourse "UPDATE identity.broker_connections SET url = 'https://broker.example' WHERE name = 'mock'"
sql bourse "UPDATE identity.broker_connections SET credentials = set_byte(credentials, 20, get_byte(credentials, 20) # 1) WHERE name = 'other'"
refuses "was changed" secrets check
"$BOURSE" secrets remove other >/dev/null
refuses "unknown broker connection" secrets remove other
"$BOURSE" secrets check >/dev/null
chmod 644 "$work/key2"
refuses "others may read the key" secrets check
chmod 600 "$work/key2"
passed "they open under their key alone, and for what they were set for"

# Nowhere in clear: not in the log, though it has all statements with their parameters, nor in a dump.
pg_dump bourse >"$work/dump"
for file in "$server_log" "$work/dump" "$work/out"; do
  ! grep -qF "$secret" "$file" || fail "$file has the secret"
  ! grep -qF "$(printf %s "$secret" | od -An -tx1 | tr -d ' \n')" "$file" || fail "$file has the secret in hexadecimal"
done
grep -q "identity.put_connection" "$server_log" || fail "the log does not show the call"
expect_same "rows with the secret" "$(sql bourse "SELECT count(*) FROM ops.audit_log AS a WHERE a::text LIKE '%very-secret%'")" 0
passed "no log, dump or audit has them"

# The doctor, on a server with a socket only.
"$BOURSE" doctor --security >"$work/out" || fail "the doctor finds: $(grep problem "$work/out")"
grep -q "^ok *network .*does not listen" "$work/out" || fail "the doctor says: $(cat "$work/out")"
grep -q "^note *log .*parameters of logged statements" "$work/out" || fail "the doctor does not see that parameters are logged"
sql bourse "GRANT EXECUTE ON FUNCTION trading.cancel_order(text, bigint, text, text, timestamptz) TO PUBLIC"
psql_in postgres -c "ALTER SYSTEM SET log_min_messages = fatal" -c "SELECT pg_reload_conf()" >/dev/null
wait_until bourse "SELECT current_setting('log_min_messages') = 'fatal'"
! "$BOURSE" doctor --security >"$work/out" || fail "the doctor finds nothing"
grep -q "^problem *functions .*trading.cancel_order" "$work/out" || fail "the doctor does not see the function: $(cat "$work/out")"
grep -q "^problem *log .*denials" "$work/out" || fail "the doctor does not see the log"
! "$BOURSE" doctor --security --json | python3 -c 'import json, sys; sys.exit(0 if any(f["level"] == "problem" for f in json.load(sys.stdin)["findings"]) else 3)' || fail "exit status of the doctor's JSON"
sql bourse "REVOKE EXECUTE ON FUNCTION trading.cancel_order(text, bigint, text, text, timestamptz) FROM PUBLIC"
psql_in postgres -c "ALTER SYSTEM RESET log_min_messages" -c "ALTER SYSTEM RESET log_statement" -c "ALTER SYSTEM RESET log_parameter_max_length" -c "ALTER SYSTEM RESET log_parameter_max_length_on_error" -c "SELECT pg_reload_conf()" >/dev/null
passed "the doctor explains what is open"

# A server that listens.
if ! command -v openssl >/dev/null; then
  echo "skipped: a server that listens, because there is no openssl"
  exit 0
fi
port=$((20000 + RANDOM % 20000))
refuses "runs already" up --listen 127.0.0.1 --port "$port"
sql bourse "CREATE ROLE ann LOGIN IN ROLE bourse_trader PASSWORD 'ann-password'"
psql_in postgres -c "ALTER SYSTEM SET password_encryption = 'md5'"
"$BOURSE" down >/dev/null
refuses "ALTER SYSTEM has set password_encryption" up --listen 127.0.0.1 --port "$port"
refuses "belong together" up --listen 127.0.0.1 --certificate "$work/key"
refuses "no address" up --listen "a'; x"
sed -i '/password_encryption/d' "$("$BOURSE" up --json | sed -n 's/.*"data" : "\(.*\)",/\1/p')/postgresql.auto.conf"
"$BOURSE" down >/dev/null
"$BOURSE" up --listen 127.0.0.1 --port "$port" >"$work/out" 2>"$work/up.log"
certificate=$(sed -n 's/.*sslrootcert=//p' "$work/up.log")
cp "$certificate" "$work/root.crt"
eval "$("$BOURSE" env)"
# $1: more of the connection string
over_network() { PGPASSWORD=ann-password psql -XAtqc "SELECT session_user || ' ' || (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())" "host=127.0.0.1 port=$port dbname=bourse user=ann $1" 2>&1; }
expect_same "with TLS and a password" "$(over_network "sslmode=verify-full sslrootcert=$work/root.crt")" "ann true"
over_network "sslmode=disable" >"$work/out" && fail "without TLS: $(cat "$work/out")"
over_network "sslmode=require password=wrong" >"$work/out" && fail "with a wrong password: $(cat "$work/out")"
over_network "sslmode=require user=bourse" >"$work/out" && fail "as the superuser: $(cat "$work/out")"
grep -q "reject" "$work/out" || fail "the superuser is not rejected: $(cat "$work/out")"
echo "pässword ﬁ" | "$BOURSE" user add bob --login >/dev/null
expect_same "with a password that the program hashed" "$(PGPASSWORD="pässword ﬁ" psql -XAtqc "SELECT session_user" "host=127.0.0.1 port=$port dbname=bourse user=bob sslmode=verify-full sslrootcert=$work/root.crt" 2>&1)" bob
expect_same "how the password is kept" "$(sql bourse "SELECT rolpassword ~ '^SCRAM-SHA-256' FROM pg_authid WHERE rolname = 'ann'")" t
"$BOURSE" doctor --security >"$work/out" || fail "the doctor finds: $(grep problem "$work/out")"
grep -q "^ok *network .*with TLS" "$work/out" || fail "the doctor says: $(cat "$work/out")"
"$BOURSE" down >/dev/null
"$BOURSE" up >/dev/null
eval "$("$BOURSE" env)"
expect_same "the next start" "$(sql bourse "SHOW listen_addresses")" ""
passed "a server listens with TLS and scram alone, and only when it is told to"
