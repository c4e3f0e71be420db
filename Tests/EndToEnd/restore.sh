#!/bin/bash
# What docs/backup.md says: a dump restored elsewhere, a base backup, and a recovery to a point in time. The runner sees what others
# do, and readers of the journal go on without a gap and read nothing twice, inside of the database and outside.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database lived
first_host=$PGHOST
first_home=$BOURSE_HOME

# $1: database; $2: client_order_id
submit() { sql "$1" "SELECT status FROM trading.submit_order('main', 'CRYPTO:COIN', 'buy', 1, client_order_id => '$2')"; }
tick() { sql "$1" "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (market.instrument_id('CRYPTO:COIN'), clock_timestamp(), 0, 100, 1000)"; }
# Reads what is new, keeps it in $work/$1.read, and moves on: what a consumer does with its events is outside of the database.
read_on() {
  sql "$1" "SELECT e.event_id, (ops.advance_consumer('reader', e.stream_xid, e.event_id)).name
    FROM (SELECT * FROM ops.read_events('reader') ORDER BY stream_xid, event_id) AS e" | cut -d '|' -f 1 >>"$work/$1.read"
}
# Everything was read once, each portfolio's in its order.
expect_all_read() {
  read_on "$1"
  expect_same "events read of $1" "$(paste -sd ' ' "$work/$1.read")" "$(sql "$1" "SELECT string_agg(event_id::text, ' ' ORDER BY stream_xid, event_id) FROM ops.events")"
  expect_same "order of the journal of $1" "$(sql "$1" "SELECT array_agg(event_id ORDER BY stream_xid, event_id) = array_agg(event_id ORDER BY event_id) FROM ops.events")" t
}
burn() { sql "$1" "DO 'BEGIN FOR i IN 1..$2 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END'"; }
# An order of psql is worked by the service and filled. $1: database; $2: client_order_id
trade() {
  start_runner "$1" run --wait
  wait_until "$1" "SELECT EXISTS (SELECT FROM ops.runners AS r JOIN ops.leases AS l USING (runner_id) WHERE r.process_id = $runner)"
  expect_same "order $2" "$(submit "$1" "$2")" accepted
  wait_until "$1" "SELECT status = 'working' FROM trading.orders WHERE client_order_id = '$2'"
  tick "$1"
  wait_until "$1" "SELECT status = 'filled' FROM trading.orders WHERE client_order_id = '$2'"
  kill -TERM "$runner"
  expect_exit "$runner" 0
}
# What there is and who may use it.
schema_of() { pg_dump --schema-only --exclude-table='market.*_20*' "$1" | grep -E '^(CREATE|GRANT|REVOKE|COMMENT) '; }
violations() { sql "$1" "SELECT invariant FROM ops.check_invariants()"; }
to_home() {
  export BOURSE_HOME=$1
  "$BOURSE" up >/dev/null
  eval "$("$BOURSE" env)"
}

# A life: high transaction ids, a runner that is killed, a reader in the middle of the journal.
sql lived <<'SQL'
-- It trades around the clock, as these tests run.
SELECT market.add_instrument('COIN', 'CRYPTO', kind => 'crypto') \g /dev/null
SELECT trading.create_portfolio('main', capital => 100000) \g /dev/null
SELECT ops.add_consumer('reader') \g /dev/null
INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (market.instrument_id('CRYPTO:COIN'), clock_timestamp(), 0, 100, 1000);
SQL
burn lived 20000
trade lived one
start_runner lived run
wait_until lived "SELECT EXISTS (SELECT FROM ops.runners AS r JOIN ops.leases AS l USING (runner_id) WHERE r.process_id = $runner)"
read_on lived
submit lived waiting >/dev/null
wait_until lived "SELECT status = 'working' FROM trading.orders WHERE client_order_id = 'waiting'"
kill_hard "$runner"

# Into a new cluster, with what a dump does not hold put back.
psql_in lived -c "SELECT pg_current_xact_id()" >/dev/null
pg_dump --format=custom --file="$work/bourse.dump" lived
schema_of lived >"$work/schema.lived"
to_home "$work/second"
# Row security names them.
psql_in postgres -f "$repository/sql/roles.sql"
for name in bourse without_runner; do
  [ $name = bourse ] || createdb -T template0 $name
  pg_restore --no-owner --no-privileges --single-transaction --dbname=$name "$work/bourse.dump" 2>&1 || fail "the restore said something"
  cp "$work/lived.read" "$work/$name.read"
  expect_same "what the audit says after the restore" "$(violations $name)" "the journal is of this server"
done
"$BOURSE" doctor >"$work/doctor" && fail "the doctor found nothing"
grep -q "journal .*not of this server" "$work/doctor" || fail "the doctor says nothing of the journal"
expect_same migrate "$("$BOURSE" migrate)" "The schema is installed."
schema_of bourse >"$work/schema.restored"
diff "$work/schema.lived" "$work/schema.restored" >&2 || fail "the restored schema, or who may use it, differs"
"$BOURSE" doctor >/dev/null || fail "the doctor still finds something"
expect_no_violations bourse
expect_same "runners of elsewhere" "$(sql bourse "SELECT count(*) FROM ops.runners WHERE stopped_at IS NULL")" 0
read_on bourse
trade bourse two
expect_all_read bourse
expect_no_violations bourse
passed "a dump goes on in a new cluster: $(wc -l <"$work/bourse.read") events, each read once"

# Nobody but people in psql, and nothing done for it.
read_on without_runner
expect_same "an order" "$(submit without_runner three)" accepted
expect_all_read without_runner
expect_no_violations without_runner
expect_same "the epoch of the order" "$(sql without_runner "SELECT max(stream_xid::text::bigint) / 1000000000000000 FROM ops.events")" 1
pg_dump --format=custom --file="$work/again.dump" bourse
"$BOURSE" down >/dev/null

# Back into a cluster whose transaction ids are higher.
to_home "$first_home"
createdb -T template0 back
pg_restore --no-owner --no-privileges --single-transaction --dbname=back "$work/again.dump"
cp "$work/bourse.read" "$work/back.read"
bourse_on back migrate >/dev/null
trade back four
expect_all_read back
expect_no_violations back
expect_same "epochs" "$(sql back "SELECT array_agg(epoch ORDER BY epoch) FROM ops.epochs")" "{0,1,2}"
passed "and back where it came from"

# A base backup and an archive of the WAL; then a mistake, and back to the moment before it.
mkdir "$work/wal" "$work/base"
[ "$(id -u)" -ne 0 ] || chown postgres: "$work/wal" "$work/base"
as_server() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
sql lived "ALTER SYSTEM SET archive_mode = on"
sql lived "ALTER SYSTEM SET archive_command = 'test ! -f $work/wal/%f && cp %p $work/wal/%f'"
"$BOURSE" down >/dev/null
to_home "$first_home"
as_server env PGHOST="$PGHOST" PGPORT="$PGPORT" PGUSER="$PGUSER" pg_basebackup --pgdata="$work/base/data" --checkpoint=fast
trade lived five
sql lived "SELECT pg_create_restore_point('before the mistake')" >/dev/null
cp "$work/lived.read" "$work/outside.read"
read_on lived
submit lived mistake >/dev/null
lost=$(sql lived "SELECT stream_xid, event_id FROM ops.events ORDER BY stream_xid DESC LIMIT 1")
sql lived "SELECT pg_switch_wal()" >/dev/null
"$BOURSE" down >/dev/null
as_server tee -a "$work/base/data/postgresql.auto.conf" >/dev/null <<CONF
restore_command = 'cp $work/wal/%f %p'
recovery_target_name = 'before the mistake'
recovery_target_action = 'promote'
CONF
as_server touch "$work/base/data/recovery.signal"
to_home "$work/base"
wait_until lived "SELECT NOT pg_is_in_recovery()"
expect_same "the mistake" "$(sql lived "SELECT count(*) FROM trading.orders WHERE client_order_id = 'mistake'")" 0
expect_same "what the audit says after the recovery" "$(violations lived)" "the journal is of this server"
bourse_on lived migrate >/dev/null
expect_no_violations lived
cp "$work/outside.read" "$work/lived.read"
trade lived six
expect_all_read lived
expect_same "new events above those that were lost" "$(sql lived "SELECT bool_and((e.stream_xid, e.event_id) > ('${lost%|*}'::xid8, ${lost#*|}))
  FROM ops.events AS e, ops.current_epoch AS c WHERE (e.stream_xid, e.event_id) > (c.after_stream_xid, c.after_event_id)")" t
expect_no_violations lived
passed "a recovery to a point in time loses what came after it, and no reader anything else"
"$BOURSE" down --delete-data >/dev/null
export BOURSE_HOME=$first_home
[ "$PGHOST" != "$first_host" ] || fail "the recovered server is the first one"
