-- A lease is an advisory lock of the runner's session. Another server, or a later session, may have the same process
-- identifier, so the lock has to be that of a portfolio that this runner took.
CREATE OR REPLACE VIEW ops.runner_states WITH (security_invoker = true) AS
SELECT r.runner_id, r.name, r.host, r.process_id, r.version, r.feed, r.started_at, r.seen_at, r.stopped_at,
       CASE WHEN r.stopped_at IS NOT NULL THEN 'stopped' WHEN l.is_held THEN 'running'
            WHEN l.is_held IS NOT NULL OR identity.is_staff() THEN 'killed' ELSE 'unknown' END AS state
  FROM ops.runners AS r
  CROSS JOIN LATERAL (
    SELECT bool_or(EXISTS (SELECT FROM pg_locks AS k
                            WHERE k.locktype = 'advisory' AND k.pid = r.backend_pid AND k.classid = 1114599795
                              AND k.objid::bigint = e.portfolio_id AND k.granted
                              AND k.database = (SELECT d.oid FROM pg_database AS d
                                                 WHERE d.datname = current_database()))) AS is_held
      FROM ops.leases AS e WHERE e.runner_id = r.runner_id AND r.stopped_at IS NULL) AS l;
COMMENT ON VIEW ops.runner_states IS
  'Runners, and whether each is running: while its session holds portfolios, whatever the table says.';
COMMENT ON COLUMN ops.runner_states.runner_id IS 'Identifier.';
COMMENT ON COLUMN ops.runner_states.name IS 'Name given on the command line.';
COMMENT ON COLUMN ops.runner_states.host IS 'Host that it runs on.';
COMMENT ON COLUMN ops.runner_states.process_id IS 'Process identifier on that host.';
COMMENT ON COLUMN ops.runner_states.version IS 'Version of the binary.';
COMMENT ON COLUMN ops.runner_states.feed IS 'What it reads.';
COMMENT ON COLUMN ops.runner_states.started_at IS 'Clock time of the start.';
COMMENT ON COLUMN ops.runner_states.seen_at IS 'Clock time of the last sign of life.';
COMMENT ON COLUMN ops.runner_states.stopped_at IS
  'Clock time of an orderly stop; NULL while running or when killed.';
COMMENT ON COLUMN ops.runner_states.state IS
  'running, stopped, killed (it holds none of its portfolios any more and did not say that it stopped), or unknown to '
  'who may read none of them.';
