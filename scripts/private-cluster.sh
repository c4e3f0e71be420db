# shellcheck shell=bash
# Sourced by scripts that need a PostgreSQL server of their own. Expects to be in the checkout's root.
#
# start_private_cluster   builds bourse if need be, starts a server in a temporary folder, and sets BOURSE (the program),
#                         private_work (the folder), BOURSE_TEST_DATABASE_URL (libpq string of a maintenance database,
#                         superuser) and PGHOST, PGPORT, PGUSER, PGDATABASE. The server and the folder go away with the
#                         shell, also after a failure or Ctrl-C. A server that is there already, by
#                         BOURSE_TEST_DATABASE_URL, is used instead.
# start_timescaledb_cluster   another one beside it, which has loaded TimescaleDB where that is installed, and sets the same.

stop_private_cluster() {
  local status=$?
  trap - EXIT INT TERM HUP
  # shellcheck disable=SC2046 # one word per process
  kill $(jobs -p) 2>/dev/null || true
  wait
  if [ -n "${private_work:-}" ]; then
    for home in "$private_work"/{home,timescaledb}; do
      [ ! -d "$home" ] || "$BOURSE" down --delete-data --home "$home" >/dev/null 2>&1 || true
    done
    rm -rf "$private_work"
  fi
  exit "$status"
}

make_private_work() {
  private_work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-test.XXXXXX")
  trap stop_private_cluster EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  # The server's user has to reach its folder when root runs this.
  chmod 755 "$private_work"
}

start_private_cluster() {
  BOURSE=${BOURSE:-$PWD/.build/debug/bourse}
  [ -n "${private_work:-}" ] || make_private_work
  if [ ! -x "$BOURSE" ]; then swift build --product bourse || exit 1; fi
  if [ -n "${BOURSE_TEST_DATABASE_URL:-}" ] && [ -n "${PGHOST:-}" ]; then return 0; fi
  # TimescaleDB, where the server has it, visits every database in turn and keeps templates from being copied.
  start_server "$private_work/home" -c "ALTER SYSTEM SET shared_preload_libraries = plpgsql"
}

# Each database that moves there holds thousands of locks for a moment.
start_timescaledb_cluster() { start_server "$private_work/timescaledb" -c "ALTER SYSTEM SET max_locks_per_transaction = 256"; }

# $1: its home; the rest: options of psql for more settings
start_server() {
  local home=$1
  shift
  unset BOURSE_DATABASE_URL BOURSE_HOME
  "$BOURSE" up --home "$home" >/dev/null 2>&1 || "$BOURSE" up --home "$home" || exit 1
  eval "$("$BOURSE" env --home "$home")"
  # Many tests at once need many connections; what they write need not survive the machine.
  PGDATABASE=postgres psql -Xq -c "ALTER SYSTEM SET max_connections = 300" -c "ALTER SYSTEM SET fsync = off" "$@" || exit 1
  "$BOURSE" down --home "$home" >/dev/null && "$BOURSE" up --home "$home" >/dev/null || exit 1
  # shellcheck disable=SC2089,SC2090 # the quotes are for libpq
  BOURSE_TEST_DATABASE_URL="host='$PGHOST' port=$PGPORT user=$PGUSER dbname=postgres"
  # shellcheck disable=SC2090
  export BOURSE BOURSE_TEST_DATABASE_URL PGHOST PGPORT PGUSER PGDATABASE
}

# Installs the schema into a new database of the private server.
# $1: its name
create_migrated_database() {
  createdb -T template0 "$1" && "$BOURSE" migrate --database-url "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$1"
}
