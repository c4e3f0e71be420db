#!/bin/bash
# Users and login roles by the command line: created with a password that no argument has, listed, disabled, shown a portfolio; what is
# refused is one line and exit status 2.
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
refused "$(printf 'x%.0s' {1..73})" add bob
refused "" add bob
refused "correct horse" add bob --login --email bob@example.com
refused "" disable nobody
refused "" disable postgres
refused "" share none ann
refused "" share main ann --right own
passed "what makes no sense is refused in one line"
