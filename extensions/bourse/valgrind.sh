#!/bin/sh
# The regress run in a private server under valgrind (memcheck, all children). Fails when a test fails or when an error
# report has a frame of bourse.so in it. The extension must be installed (make install). By hand the same is:
#   valgrind --trace-children=yes --leak-check=no postgres -D DIR -k DIR; PGHOST=DIR make installcheck
set -eu
cd "$(dirname -- "$0")"
bin=$(${PG_CONFIG:-pg_config} --bindir)
folder=$(mktemp -d)
# A server refuses to run as root.
as_server=
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as_server="runuser -u postgres --"
fi
export PGHOST="$folder" PGUSER=postgres PGOPTIONS=
$as_server "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 > "$folder/initdb.log"
(
  cd "$folder"
  exec $as_server valgrind --quiet --trace-children=yes --leak-check=no --error-limit=no --num-callers=30 \
    --log-file="$folder/valgrind.%p.log" \
    "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c autovacuum=off \
    -c max_parallel_workers=2 > "$folder/server.log" 2>&1
) &
server=$!
stop() {
  $as_server "$bin/pg_ctl" -D "$folder/data" -m fast -w stop > /dev/null 2>&1 || true
  wait "$server" 2> /dev/null || true
}
trap 'stop; rm -rf "$folder"' EXIT
for _ in $(seq 120); do
  "$bin/pg_isready" -q && break
  sleep 1
done

make --no-print-directory installcheck
stop
reports=$(cat "$folder"/valgrind.*.log | wc -l)
if grep -lE 'bourse\.so|\((bourse|indicators|ohlcv)\.c:' "$folder"/valgrind.*.log > "$folder/hits"; then
  echo "check-valgrind: errors with a frame of bourse.so:" >&2
  xargs cat < "$folder/hits" >&2
  exit 1
fi
echo "check-valgrind: no error in bourse.so ($reports lines about the server itself)"
