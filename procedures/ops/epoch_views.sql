-- What of the row a restore changes is compared: a dump writes rows anew and makes the table anew, and a physical copy
-- that was promoted is on another timeline. It costs two microseconds, so that every writer can ask.
CREATE OR REPLACE VIEW ops.current_epoch WITH (security_invoker = true) AS
SELECT e.epoch, e.system_identifier, e.timeline, e.after_stream_xid, e.after_event_id, e.began_at,
       e.written_by = e.xmin AND e.relation = e.tableoid
         -- A standby writes nothing, and reads what its primary wrote.
         AND CASE WHEN pg_is_in_recovery() THEN true
                  ELSE e.timeline = left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS is_current
  FROM ops.epochs AS e
 ORDER BY e.epoch DESC
 LIMIT 1;
COMMENT ON VIEW ops.current_epoch IS
  'The last epoch of the journal, and whether it is that of this server. If it is not, the database was restored or '
  'promoted here, nothing has been journaled since, and the first transaction that journals begins a new one.';
COMMENT ON COLUMN ops.current_epoch.epoch IS 'Number, 0 the first.';
COMMENT ON COLUMN ops.current_epoch.system_identifier IS 'The cluster that it began on.';
COMMENT ON COLUMN ops.current_epoch.timeline IS 'The timeline that it began on.';
COMMENT ON COLUMN ops.current_epoch.after_stream_xid IS 'stream_xid of the last event of before; NULL: there was none.';
COMMENT ON COLUMN ops.current_epoch.after_event_id IS 'event_id of that event.';
COMMENT ON COLUMN ops.current_epoch.began_at IS 'Clock time at which it began.';
COMMENT ON COLUMN ops.current_epoch.is_current IS 'Whether the journal goes on in it; false after a restore.';
