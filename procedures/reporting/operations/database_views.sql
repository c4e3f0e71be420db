-- How the server does. What other sessions do is shown to who has pg_read_all_stats; without it their users and
-- processes alone.
CREATE OR REPLACE VIEW reporting.database_health WITH (security_invoker = true) AS
SELECT m.metric, NULL::text AS subject, m.value::float8 AS value, m.unit
  FROM pg_stat_database AS d
  JOIN pg_database AS b ON b.oid = d.datid
  CROSS JOIN LATERAL (VALUES
    ('cache_hits', d.blks_hit::float8 / nullif(d.blks_hit + d.blks_read, 0), 'fraction'),
    ('size', pg_database_size(d.datid)::float8, 'bytes'),
    ('connections', d.numbackends::float8, 'sessions'),
    ('connections_used', d.numbackends / current_setting('max_connections')::float8, 'fraction'),
    ('commits', d.xact_commit::float8, 'transactions'),
    ('rollbacks', d.xact_rollback::float8, 'transactions'),
    ('deadlocks', d.deadlocks::float8, 'deadlocks'),
    ('temporary_files', d.temp_bytes::float8, 'bytes'),
    ('transaction_ids_used', age(b.datfrozenxid) / 2147483647.0::float8, 'fraction')) AS m (metric, value, unit)
 WHERE d.datname = current_database()
UNION ALL
SELECT 'wal_written', NULL, w.wal_bytes::float8, 'bytes' FROM pg_stat_wal AS w
UNION ALL
SELECT m.metric, NULL, m.value, m.unit
  FROM (SELECT extract(epoch FROM clock_timestamp() - min(a.xact_start))::float8 AS oldest,
               count(*) FILTER (WHERE a.wait_event_type = 'Lock') AS waiting
          FROM pg_stat_activity AS a
         WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend') AS s
  CROSS JOIN LATERAL (VALUES ('oldest_transaction', coalesce(s.oldest, 0), 'seconds'),
                             ('waiting_for_locks', s.waiting::float8, 'sessions')) AS m (metric, value, unit)
UNION ALL
SELECT m.metric, t.schemaname || '.' || t.relname, m.value, m.unit
  FROM pg_stat_user_tables AS t
  CROSS JOIN LATERAL (VALUES
    ('dead_rows', t.n_dead_tup / nullif(t.n_live_tup + t.n_dead_tup, 0)::float8, 'fraction'),
    ('table_size', pg_total_relation_size(t.relid)::float8, 'bytes'),
    ('rows', t.n_live_tup::float8, 'rows')) AS m (metric, value, unit)
 WHERE t.n_live_tup + t.n_dead_tup >= 1000;
COMMENT ON VIEW reporting.database_health IS
  'How the server does, a row for each figure: of the database, and of each table of at least 1,000 rows.';
COMMENT ON COLUMN reporting.database_health.metric IS
  'What is measured. cache_hits: blocks found in shared buffers. connections_used: of max_connections. commits, '
  'rollbacks, deadlocks, temporary_files, wal_written: since the statistics were reset. transaction_ids_used: of those '
  'after which the server stops. oldest_transaction, waiting_for_locks: of other sessions that the reader may see. '
  'dead_rows: of all rows of a table, bloat that vacuum has not taken yet.';
COMMENT ON COLUMN reporting.database_health.subject IS 'The table; NULL: the database.';
COMMENT ON COLUMN reporting.database_health.value IS 'The figure; NULL when nothing was counted yet.';
COMMENT ON COLUMN reporting.database_health.unit IS 'Its unit: fraction, bytes, seconds, rows, ...';

CREATE OR REPLACE VIEW reporting.locks WITH (security_invoker = true) AS
SELECT l.pid AS process_id, a.usename::text AS user_name, a.application_name AS application,
       CASE l.locktype WHEN 'relation' THEN l.relation::regclass::text ELSE l.locktype END AS waits_for, l.mode,
       l.waitstart AS since, extract(epoch FROM clock_timestamp() - l.waitstart)::float8 AS seconds,
       left(a.query, 200) AS query, b.pid AS blocker_id, b.usename::text AS blocker_user,
       b.application_name AS blocker_application, b.state AS blocker_state, left(b.query, 200) AS blocker_query
  FROM pg_locks AS l
  JOIN pg_stat_activity AS a USING (pid)
  CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS n (pid)
  LEFT JOIN pg_stat_activity AS b ON b.pid = n.pid
 WHERE NOT l.granted AND a.datname = current_database();
COMMENT ON VIEW reporting.locks IS
  'Who waits for a lock and who blocks whom, a row for each pair of sessions. Without pg_read_all_stats what sessions '
  'of others do is not shown.';
COMMENT ON COLUMN reporting.locks.process_id IS 'Process of the session that waits.';
COMMENT ON COLUMN reporting.locks.user_name IS 'Who logged in there.';
COMMENT ON COLUMN reporting.locks.application IS 'What its client called itself.';
COMMENT ON COLUMN reporting.locks.waits_for IS 'The table, or the kind of lock: transactionid waits for a row.';
COMMENT ON COLUMN reporting.locks.mode IS 'How it wants to lock it.';
COMMENT ON COLUMN reporting.locks.since IS 'Clock time since when it waits.';
COMMENT ON COLUMN reporting.locks.seconds IS 'Seconds since then, by the clock.';
COMMENT ON COLUMN reporting.locks.query IS 'What it runs, at most 200 characters.';
COMMENT ON COLUMN reporting.locks.blocker_id IS
  'Process of the session that holds the lock, or waits for it before; 0: a prepared transaction.';
COMMENT ON COLUMN reporting.locks.blocker_user IS 'Who logged in there.';
COMMENT ON COLUMN reporting.locks.blocker_application IS 'What its client called itself.';
COMMENT ON COLUMN reporting.locks.blocker_state IS 'What it does: active, idle in transaction, ...';
COMMENT ON COLUMN reporting.locks.blocker_query IS 'What it runs, or ran last, at most 200 characters.';

CREATE OR REPLACE VIEW reporting.replication WITH (security_invoker = true) AS
WITH here AS (
  SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS place)
SELECT 'standby' AS kind, r.application_name AS name, r.state, (h.place - r.replay_lsn)::float8 AS lag_bytes,
       extract(epoch FROM r.replay_lag)::float8 AS lag_seconds
  FROM pg_stat_replication AS r CROSS JOIN here AS h
UNION ALL
SELECT 'slot', s.slot_name::text, CASE WHEN s.active THEN 'active' ELSE 'inactive' END,
       (h.place - s.restart_lsn)::float8, NULL
  FROM pg_replication_slots AS s CROSS JOIN here AS h
UNION ALL
SELECT 'here', current_setting('cluster_name'), 'replaying', (pg_last_wal_receive_lsn() - h.place)::float8,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
  FROM here AS h WHERE pg_is_in_recovery();
COMMENT ON VIEW reporting.replication IS
  'How far behind copies of the server are: its standbys and replication slots, and itself where it is a standby.';
COMMENT ON COLUMN reporting.replication.kind IS 'standby, slot, or here: this server replays another one.';
COMMENT ON COLUMN reporting.replication.name IS 'Name of the standby or slot; of this server its cluster_name.';
COMMENT ON COLUMN reporting.replication.state IS
  'What it does; NULL to who may not see other sessions (pg_read_all_stats).';
COMMENT ON COLUMN reporting.replication.lag_bytes IS
  'WAL that it has not replayed, or that a slot keeps, in bytes; NULL as before.';
COMMENT ON COLUMN reporting.replication.lag_seconds IS
  'Seconds that its last answer took; here: since the last transaction that was replayed. NULL: not known, or idle.';
