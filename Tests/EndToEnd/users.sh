#!/bin/bash
# Users and login roles by the command line: created with a password that no argument has, listed, disabled, shown a portfolio; what is
# refused is one line and exit status 2. And nobody needs to be a superuser: not the owner of the database, not who trades, not who dumps.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database main
sql main "SELECT FROM trading.create_portfolio('main')" >/dev/null

echo "correct horse" | bourse_on main user add ann --email ann@example.com --tier basic >"$work/out" || fail "ann is not created"
expect_same "a user" "$(sql main "SELECT role, tier, email FROM identity.users WHERE username = 'ann'")" "trader|basic|ann@example.com"
expect_same "the password" "$(sql main "SELECT (identity.login('ann', 'correct horse')).code IS NULL")" "t"
echo "correct horse" | bourse_on main user add "user_test_$$" --login --role dashboard --json >"$work/out" || fail "a login role is not created"
expect_same "a login role" "$(sql main "SELECT r.rolcanlogin, r.rolconnlimit > 0, pg_has_role(r.oid, 'bourse_dashboard', 'MEMBER'), a.rolpassword ~ '^SCRAM-SHA-256' FROM pg_roles AS r JOIN pg_authid AS a USING (oid) WHERE r.rolname = 'user_test_$$'")" "t|t|t|t"
expect_same "nothing of it in the server's log" "$({ grep -rl --include='*.log' 'correct horse' "$BOURSE_HOME" || true; } | wc -l)" 0
passed "users and login roles are created, and passwords stay where they belong"

bourse_on main user list >"$work/out" || fail "users are not listed"
grep -q "^ann  *user  *trader  *basic  *active" "$work/out" || fail "ann is not listed: $(cat "$work/out")"
bourse_on main user list --json | grep -q "\"name\" : \"user_test_$$\"" || fail "the login role is not listed"
bourse_on main user share main ann --right read --until 2100-01-01 >/dev/null || fail "the portfolio is not shown"
expect_same "the share" "$(sql main "SELECT username, \"right\" FROM identity.shares")" "ann|read"
bourse_on main user share main ann --undo >/dev/null || fail "the share is not taken back"
expect_same "no share" "$(sql main "SELECT count(*) FROM identity.shares")" 0
bourse_on main user disable ann >/dev/null && bourse_on main user disable "user_test_$$" >/dev/null || fail "they are not disabled"
expect_same "disabled" "$(sql main "SELECT (identity.login('ann', 'correct horse')).code, (SELECT r.rolcanlogin FROM pg_roles AS r WHERE r.rolname = 'user_test_$$')")" "TR718|f"
bourse_on main user disable ann --undo >/dev/null || fail "ann is not let in again"
expect_same "enabled" "$(sql main "SELECT (identity.login('ann', 'correct horse')).code IS NULL")" "t"
passed "they are listed, shown a portfolio, and disabled"

# $1: password; the rest: arguments
refused() {
  local password=$1 status=0
  shift
  printf '%s' "$password" | bourse_on main user "$@" >"$work/out" 2>"$work/err" || status=$?
  expect_same "exit status of user $*" "$status" 2
  expect_same "lines of user $*" "$(wc -l <"$work/err")" 1
}
refused "correct horse" add ann
refused "correct horse" add bourse_admin
refused "correct horse" add bob --role king
refused "correct horse" add bob --tier gold
refused "short" add bob
refused "short" add bob --login
refused "$(printf 'x%.0s' {1..73})" add bob
refused "" add bob
refused "correct horse" add bob --login --email bob@example.com
refused "" disable nobody
refused "" disable postgres
refused "" share none ann
refused "" share main ann --right own
passed "what makes no sense is refused in one line"

# The owner, the runner and the administrator of a database, none of them a superuser. Names of roles are the server's.
owner=owner_test_$$ operator=runner_test_$$ keeper=keeper_test_$$
psql_in postgres -c "CREATE ROLE $owner LOGIN" -c "CREATE ROLE $operator LOGIN IN ROLE bourse_runner" -c "CREATE ROLE $keeper LOGIN IN ROLE bourse_admin"
# $1: role; $2: database; the rest: SQL, or arguments of bourse
sql_as() { local role=$1 && shift && PGUSER=$role sql "$@"; }
bourse_as() { local role=$1 && shift && PGUSER=$role bourse_on "$@"; }
createdb -T template0 -O "$owner" owned
bourse_as "$owner" owned migrate >/dev/null || fail "the owner cannot migrate"
bourse_as "$owner" owned strategy check >/dev/null || fail "the owner cannot check strategies"
expect_same "who owns it" "$(sql owned "SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname IN ('$owner', '$operator', '$keeper')")" f
make_ticks "$work/ticks.csv" 600 AAA,BBB 2013-10-07
PGUSER=$keeper make_agents owned main AAA,BBB '1 minute' '{"fast":3,"slow":8,"atr":5,"atr_multiple":2,"risk_percent":1}' 2013-10-01
bourse_as "$operator" owned replay ticks "$work/ticks.csv" --portfolio main >"$work/out" || fail "the runner cannot replay: $(cat "$work/out")"
fills=$(sql owned "SELECT count(*) FROM trading.fills")
[ "$fills" -gt 20 ] || fail "too few fills to prove anything: $fills"
PGUSER=$operator start_runner owned run
wait_until owned "SELECT EXISTS (SELECT FROM ops.runners AS r JOIN ops.leases AS l USING (runner_id) WHERE r.process_id = $runner)"
expect_same "an order of the owner" "$(sql_as "$owner" owned "SELECT status FROM trading.submit_order('$keeper/main', 'AAA', 'buy', 1, client_order_id => 'own')")" accepted
wait_until owned "SELECT status = 'working' FROM trading.orders WHERE client_order_id = 'own'"
kill -TERM "$runner"
expect_exit "$runner" 0
expect_no_violations owned
expect_same "what the owner finds" "$(sql_as "$owner" owned "SELECT count(*) FROM ops.check_invariants()") $(sql_as "$owner" owned "SELECT count(*) FROM trading.fills")" "0 $fills"
passed "a database whose owner is no superuser is migrated and traded, by a runner that is none: $fills fills"

# Dumps: the owner's has everything, an administrator's all but what proves who users are.
echo "correct horse" | bourse_as "$keeper" owned user add ann >/dev/null || fail "the administrator creates no user"
rows_of() { sql "$1" "SELECT string_agg(k.relation || ' ' || (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || k.relation, false, true, '')))[1], E'\\n' ORDER BY 1) FROM identity.row_keys AS k WHERE $2"; }
# Acts of migrations and of this very dump are no part of it.
for who in $owner $keeper; do
  pg_dump -U "$who" --enable-row-security --format=custom --file="$work/$who.dump" owned || fail "$who cannot dump"
  createdb -T template0 -O "$owner" "by_$who"
  pg_restore --no-owner --no-privileges --role="$owner" --single-transaction --dbname="by_$who" "$work/$who.dump" 2>&1 || fail "the restore of the dump of $who said something"
  expect_same "rows in the dump of $who" "$(rows_of "by_$who" "k.key <> 'nobody'")" "$(rows_of owned "k.key <> 'nobody'")"
done
kept="k.relation IN ('identity.credentials', 'identity.secret_keys')"
expect_same "proofs in the owner's" "$(rows_of "by_$owner" "$kept")" "$(rows_of owned "$kept")"
expect_same "proofs in the administrator's" "$(rows_of "by_$keeper" "$kept")" "identity.credentials 0
identity.secret_keys 0"
bourse_as "$owner" "by_$keeper" migrate >/dev/null || fail "what an administrator dumped is not migrated"
sql "by_$keeper" "SELECT identity.set_password('ann', 'battery staple')" >/dev/null
expect_same "a login there" "$(sql "by_$keeper" "SELECT (identity.login('ann', 'battery staple')).code IS NULL")" t
expect_no_violations "by_$keeper"
passed "dumps are complete: the owner's, and an administrator's but for passwords and keys"
