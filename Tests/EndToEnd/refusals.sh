#!/bin/bash
# What a person meets who has the wrong server, database, role or schema: one line that says what to do, and exit status 2; nothing is
# written.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database bare template0
create_database taken template0
create_database lived
sql lived "CREATE ROLE nobody LOGIN; CREATE ROLE ann LOGIN IN ROLE bourse_analyst; SELECT name FROM trading.create_portfolio('main', capital => 1000)" >/dev/null

# $1: words that the line has; the rest: arguments of bourse
refuses() {
  local words=$1 status=0
  shift
  "$BOURSE" "$@" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "exit status of bourse $*" "$status" 2
  expect_same "lines of bourse $*" "$(wc -l <"$work/err.log")" 1
  grep -qF -- "$words" "$work/err.log" || fail "bourse $* says: $(cat "$work/err.log")"
}

for command in status run "replay bars --resolution 1d" "import bars $repository/fixtures/market/us_daily_2000_2013.csv.gz"; do
  # shellcheck disable=SC2086 # words
  {
    refuses "--database-url" $command --database-url garbage
    refuses "does not exist" $command --database-url "$(url_of nosuch)"
    refuses "does not exist" $command --database-url "$(url_of lived) user=nosuch"
    refuses "bourse migrate" $command --database-url "$(url_of bare)"
    refuses "bourse_runner" $command --database-url "$(url_of lived) user=nobody"
  }
done
refuses "bourse_runner" run --database-url "$(url_of lived) user=ann"
refuses "connect to the primary" run --database-url "$(url_of lived) options='-c default_transaction_read_only=on'"
refuses "owner" migrate --force --database-url "$(url_of lived) user=ann"
expect_same "what an analyst sees" "$("$BOURSE" status --database-url "$(url_of lived) user=ann" | tail -n 1)" "0 halts in force, 0 invariant violations"
passed "wrong addresses, databases and roles are refused in one line"

sql taken "CREATE SCHEMA trading; CREATE TABLE trading.trades (x int)"
before=$(sql taken "SELECT count(*) FROM pg_class")
refuses "trading (owner bourse, holds trades)" migrate --database-url "$(url_of taken)"
refuses "trading (owner bourse, holds trades)" migrate --status --database-url "$(url_of taken)"
"$BOURSE" doctor --database-url "$(url_of taken)" >"$work/out" && fail "the doctor finds nothing"
grep -q "problem *schema .*holds trades" "$work/out" || fail "the doctor does not name the schema"
expect_same "what is there" "$(sql taken "SELECT count(*) FROM pg_class")" "$before"
passed "a schema of somebody else stays as it is"

"$BOURSE" migrate >/dev/null
psql_in bourse -c "CREATE TABLE notes (x int)"
refuses "public.notes" demo
psql_in bourse -c "DROP TABLE notes"
psql_in bourse -c "SELECT (market.add_instrument('IBM')).symbol" >/dev/null
refuses "holds data that no demo made" demo
passed "the demo leaves alone what others made"
