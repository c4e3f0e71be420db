#!/bin/bash
# The storage tier of TimescaleDB, on the server of PGHOST: bourse migrate --timescaledb killed and repeated, all tests in SQL and those of
# ticks and candles in Swift (which are built already), in this tier, and the same replay in both. BOURSE names the program. Prints what was
# skipped, and "counted: …".
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
status=0
work=$(mktemp -d "${TMPDIR:-/tmp}/bourse-timescaledb.XXXXXX")
trap 'rm -rf "$work"' EXIT
databases=(timescaledb_template timescaledb_test timescaledb_plain timescaledb_move)
drop_databases() { for name in "${databases[@]}"; do dropdb --if-exists --force "$name" 2>/dev/null; done; }
url() { echo "host='$PGHOST' port=$PGPORT user=$PGUSER dbname=$1"; }
run() { psql -XAtq -v ON_ERROR_STOP=1 -d "$@"; }
failed() { status=1 && echo "$*"; }
# A database with TimescaleDB has a scheduler of its own, in whose presence it cannot be copied; and its jobs are not to run meanwhile.
close_template() {
  run timescaledb_template -c "SELECT a.job_id FROM timescaledb_information.jobs AS j, alter_job(j.job_id, scheduled => false) AS a" >/dev/null
  run postgres -c "ALTER DATABASE timescaledb_template ALLOW_CONNECTIONS false" \
    -c "SELECT count(pg_terminate_backend(a.pid, 5000)) FROM pg_stat_activity AS a WHERE a.datname = 'timescaledb_template'" >/dev/null
}
copy_of_template() {
  dropdb --if-exists --force "$1" 2>/dev/null
  createdb -T timescaledb_template "$1"
}

loaded=$(psql -XAtqc "SELECT count(*) FROM pg_available_extensions AS e JOIN pg_settings AS s ON s.name = 'timescaledb.max_background_workers'
  WHERE e.name = 'timescaledb' AND coalesce(current_setting('timescaledb.license', true), 'timescale') = 'timescale'" postgres)
if [ "$loaded" != 1 ]; then
  echo "skipped: the tier of TimescaleDB, because the server does not have it (bourse doctor says why)"
  exit 0
fi
drop_databases

# One command moves what is stored, and may be killed at any time.
seed="SELECT market.add_instrument('IBM'), market.add_instrument('INFY', 'NSE');
SELECT market.ensure_tick_partitions('2024-01-08', '2024-01-20');
INSERT INTO market.ticks (ts, price, size, instrument_id, seq, suspicious, venue)
SELECT '2024-01-08 14:00Z'::timestamptz + n * interval '23 s', 100 + (n * 7919 % 200) / 100.0, n % 5, i, n % 3, n % 37 = 0, 'P'
  FROM generate_series(1, 60000) AS n, generate_series(1, 2) AS i"
sums="SELECT md5(string_agg(t::text, ',' ORDER BY t.instrument_id, t.ts, t.seq)) FROM market.ticks AS t;
SELECT md5(string_agg(concat_ws(',', c.instrument_id, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks), ';' ORDER BY c.instrument_id, c.bucket))
  FROM market.candles_15m AS c"  # sums of fractions may differ in the last digit when the scheduler has archived a day
createdb -T template0 timescaledb_move
"$BOURSE" migrate --database-url "$(url timescaledb_move)" >/dev/null || failed "migrate"
run timescaledb_move -c "$seed" >/dev/null
run timescaledb_move -c "CREATE VIEW public.mine AS SELECT * FROM market.ticks"
"$BOURSE" migrate --timescaledb --database-url "$(url timescaledb_move)" >/dev/null 2>"$work/refusal"
[ $? = 2 ] && grep -q 'views depend on market.ticks: public.mine' "$work/refusal" || { failed "a view in the way:" && cat "$work/refusal"; }
run timescaledb_move -c "DROP VIEW public.mine"
before=$(run timescaledb_move -c "$sums")
kills=0
for delay in 0.2 0.35 0.5 0.7 0.9 1.1 1.4; do
  "$BOURSE" migrate --timescaledb --database-url "$(url timescaledb_move)" >/dev/null 2>&1 &
  sleep "$delay"
  kill -9 $! 2>/dev/null && kills=$((kills + 1))
  wait $! 2>/dev/null
  [ "$(run timescaledb_move -c "$sums")" = "$before" ] || failed "killed after $delay s: the ticks or candles are others"
done
# What comes while it is being moved comes along.
run timescaledb_move -c "INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2024-01-09 10:00:00.5Z', 77, 1, 1), ('2031-01-01', 78, 1, 2)"
before=$(run timescaledb_move -c "$sums")
"$BOURSE" migrate --timescaledb --database-url "$(url timescaledb_move)" >/dev/null || failed "migrate --timescaledb"
[ "$(run timescaledb_move -c "$sums")" = "$before" ] || failed "moved ticks or candles are others"
[ "$(run timescaledb_move -c "SELECT market.storage_tier()")" = timescaledb ] || failed "the ticks are no hypertable"
"$BOURSE" migrate --timescaledb --database-url "$(url timescaledb_move)" | grep -q 'Nothing to do' || failed "a second time it does something"
"$BOURSE" migrate --force --database-url "$(url timescaledb_move)" >/dev/null || failed "procedures cannot be installed again"
[ "$(run timescaledb_move -c "$sums")" = "$before" ] || failed "installed again the ticks or candles are others"
"$BOURSE" doctor --database-url "$(url timescaledb_move)" | grep -q 'Tier: .*TimescaleDB' || failed "the doctor does not say so"
[ $kills -gt 0 ] || failed "it was never killed"

# All tests in SQL, and those of this tier.
createdb -T template0 timescaledb_template
"$BOURSE" migrate --timescaledb --database-url "$(url timescaledb_template)" >/dev/null || failed "migrate --timescaledb of a new database"
run timescaledb_template -c 'CREATE EXTENSION pgtap'
close_template
count=0
for file in Tests/pgtap/*.sql Tests/timescaledb/*.sql; do
  copy_of_template timescaledb_test || { failed "$file: no database" && continue; }
  (cd "$(dirname "$file")" && PGOPTIONS='-c client_min_messages=warning' pg_prove --dbname timescaledb_test --norc "${file##*/}") >"$work/prove" 2>&1 ||
    { failed "$file:" && cat "$work/prove"; }
  count=$((count + $(sed -n 's/^Files=1, Tests=\([0-9]*\).*/\1/p' "$work/prove")))
done
copy_of_template timescaledb_test
# The scheduler passes the job's number, which the procedure does not need; transition tables are there only when a trigger runs.
findings=$(run timescaledb_test -f scripts/plpgsql-check.sql | grep '^market\.' | grep -v 'unused parameter "job_id"\|market\.tg_\|reserved keyword')
[ -z "$findings" ] || failed "$findings"
findings=$(run timescaledb_test -f scripts/comment-check.sql | grep -v '_timescaledb\|timescaledb_')
[ -z "$findings" ] || failed "$findings"

# The Swift tests of what stores ticks and reads candles, each in a database of this tier.
BOURSE_TEST_TIER=timescaledb BOURSE_TEST_DATABASE_URL=$(url postgres) swift test --skip-build --no-parallel \
  --filter "^RunnerTests[.]|^FeedsTests[.](Import|Export|LiveFeed|Adjustment)Tests" >"$work/swift" 2>&1 ||
  { failed "in Swift:" && grep -aE '^(✘|↳ )|error: |[Ff]atal error' "$work/swift"; }
sed -n 's/^➜ \(.* skipped\).*/skipped: \1, in the tier of TimescaleDB/p' "$work/swift"
swift_count=$(sed -n 's/.*Test run with \([0-9]*\) test.*/\1/p' "$work/swift" | tail -n 1)
[ "${swift_count:-0}" -gt 0 ] || { failed "no Swift test ran" && tail -n 20 "$work/swift"; }

# A replay decides the same in both tiers, to the last digit, whatever the batches.
ticks=../shared/data/us_equity_ticks_2013-10-07.csv.gz
if [ -r "$ticks" ]; then
  createdb -T template0 timescaledb_plain && "$BOURSE" migrate --database-url "$(url timescaledb_plain)" >/dev/null
  for database in timescaledb_plain timescaledb_test; do
    batch=5000 && [ "$database" = timescaledb_plain ] || batch=1777
    run "$database" -c "SELECT count(*) FROM market.ensure_instruments('{AIG,BAC,IBM}');
      SELECT trading.create_portfolio(name => 'bench', capital => 1000000, at => '2000-01-01Z');
      SELECT strategy.create_strategy('bench', 'trend', '1 minute', '{\"fast\": 20, \"slow\": 50, \"atr\": 14, \"atr_multiple\": 3, \"risk_percent\": 1}', at => '2000-01-01Z');
      SELECT strategy.record_check('bench', 1, 'checked', at => '2000-01-01Z');
      SELECT strategy.create_agent(symbol, 'bench', 'bench', ARRAY[symbol::text], at => '2000-01-01Z') FROM market.instruments;
      SELECT strategy.start_agent('bench', symbol, at => '2000-01-01Z') FROM market.instruments" >/dev/null
    "$BOURSE" replay ticks "$ticks" --batch "$batch" --database-url "$(url "$database")" >/dev/null 2>"$work/replay" ||
      { failed "replay into $database" && cat "$work/replay"; }
    run "$database" -c "SELECT ops.fingerprint()" \
      -c "SELECT md5(string_agg(concat_ws(',', t.ts, t.price, t.size, t.seq, t.instrument_id, t.suspicious, t.venue, t.sale_condition), ';' ORDER BY t.instrument_id, t.ts, t.seq)) FROM market.ticks AS t" \
      -c "SELECT md5(string_agg(concat_ws(',', c.instrument_id, c.bucket, c.open, c.high, c.low, c.close, c.volume, c.ticks), ';' ORDER BY c.instrument_id, c.bucket)) FROM market.candles_1m AS c" \
      -c "SELECT count(*), string_agg(w::text, ',') FROM market.instruments AS i, market.check_candles(i.instrument_id) AS w" >"$work/$database"
  done
  cmp -s "$work/timescaledb_plain" "$work/timescaledb_test" || { failed "a replay ends differently:" && cat "$work/timescaledb_plain" "$work/timescaledb_test"; }
  [ "$(run timescaledb_test -c "SELECT bool_and(c.is_compressed) FROM timescaledb_information.chunks AS c WHERE c.hypertable_name = 'ticks'")" = t ] ||
    failed "the replay did not write into the columnstore"
else
  echo "skipped: the replay in both tiers, because $ticks is not there"
fi
drop_databases
echo "counted: $count tests in SQL, $swift_count in Swift, $kills kills"
exit $status
