-- writes ops.epochs, ops.runners, ops.leases; reads ops.events
CREATE OR REPLACE FUNCTION internal.begin_epoch(p_after int)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_epoch int := coalesce(p_after + 1, 0);
BEGIN
  -- Of several sessions one begins it; the others wait for its commit and go on in the same.
  INSERT INTO ops.epochs (epoch, system_identifier, timeline, after_stream_xid, after_event_id)
  SELECT v_epoch, (SELECT c.system_identifier FROM pg_control_system() AS c),
         left(pg_walfile_name(pg_current_wal_lsn()), 8), e.stream_xid, e.event_id
    FROM (SELECT) AS one
    LEFT JOIN (SELECT x.stream_xid, x.event_id FROM ops.events AS x
                ORDER BY x.stream_xid DESC, x.event_id DESC LIMIT 1) AS e ON true
  ON CONFLICT ON CONSTRAINT epochs_pkey DO NOTHING;
  IF NOT FOUND THEN
    RETURN v_epoch;
  END IF;
  -- The xmin of a row is that of the subtransaction, which has no other name.
  UPDATE ops.epochs AS e SET written_by = e.xmin, relation = e.tableoid WHERE e.epoch = v_epoch;
  -- Runners of elsewhere will not stop here. One that runs has a lock of each of its portfolios.
  WITH gone AS (
    SELECT r.runner_id FROM ops.runners AS r
     WHERE NOT EXISTS (SELECT FROM pg_locks AS l
                        WHERE l.locktype = 'advisory' AND l.classid = 1114599795 AND l.granted
                          AND l.pid = r.backend_pid
                          AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
  ), ended AS (
    DELETE FROM ops.leases AS l USING gone AS g WHERE l.runner_id = g.runner_id
  )
  UPDATE ops.runners AS r SET stopped_at = clock_timestamp()
    FROM gone AS g WHERE r.runner_id = g.runner_id AND r.stopped_at IS NULL;
  RETURN v_epoch;
END
$$;
COMMENT ON FUNCTION internal.begin_epoch(int) IS
  'Begins the epoch after this one (NULL: the first) on this server and returns its number. Leases end, and runners '
  'count as stopped, unless they run here. Clocks of portfolios need nothing: ids of the new epoch are above all of '
  'before.';
