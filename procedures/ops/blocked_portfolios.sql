-- reads ledger.portfolio_clocks, trading.portfolios, pg_locks, pg_stat_activity; locks nothing
CREATE OR REPLACE FUNCTION ops.blocked_portfolios(longer_than interval DEFAULT '2 seconds')
RETURNS TABLE (portfolio_id int, portfolio text, process_id int, user_name text, application text, state text,
               since timestamptz)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_next numeric := pg_snapshot_xmax(pg_current_snapshot())::text::numeric;
BEGIN
  RETURN QUERY
    WITH sessions AS MATERIALIZED (
      SELECT a.pid, a.usename::text AS user_name, a.application_name AS application, a.state, a.xact_start AS since
        FROM pg_stat_activity AS a
       WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
         -- Who may not see others' sessions (pg_read_all_stats) learns only their process and user.
         AND coalesce(a.xact_start < clock_timestamp() - longer_than, true)
         -- A runner's own sessions have the advisory locks of its leases.
         AND NOT EXISTS (SELECT FROM pg_locks AS l
                          WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.classid IN (1114599795, 1114599793))
    ), held AS MATERIALIZED (
      -- Whoever locks or changes a row leaves his transaction's id on the version that everybody else still sees.
      SELECT b.portfolio_id, b.xmax AS xid, l.pid
        FROM ledger.portfolio_clocks AS b
        LEFT JOIN pg_locks AS l ON l.locktype = 'transactionid' AND l.transactionid = b.xmax AND l.granted
       WHERE b.xmax::text <> '0'
    ), holders AS (
      SELECT h.portfolio_id, h.pid FROM held AS h WHERE h.pid IS NOT NULL
      UNION ALL
      -- Behind a savepoint it is the id of a part of the transaction, of which nothing says whose it is: somebody's who
      -- has locked a portfolio.
      SELECT h.portfolio_id, l.pid
        FROM held AS h
        CROSS JOIN LATERAL (SELECT h.xid::text::numeric + trunc(v_next / 4294967296) * 4294967296 AS id) AS n
        CROSS JOIN LATERAL (SELECT DISTINCT x.pid FROM pg_locks AS x
                             WHERE x.locktype = 'relation' AND x.relation = 'ledger.portfolio_clocks'::regclass
                               AND x.mode IN ('RowShareLock', 'RowExclusiveLock')) AS l
       WHERE h.pid IS NULL
         AND pg_xact_status((CASE WHEN n.id < v_next THEN n.id
                                  WHEN n.id >= 4294967296 THEN n.id - 4294967296 END)::text::xid8) = 'in progress'
    )
    SELECT h.portfolio_id, p.name, s.pid, s.user_name, s.application, s.state, s.since
      FROM holders AS h JOIN sessions AS s USING (pid) JOIN trading.portfolios AS p USING (portfolio_id)
     ORDER BY p.name, s.since, s.pid;
END
$$;
COMMENT ON FUNCTION ops.blocked_portfolios(interval) IS
  'Portfolios that a transaction older than this keeps locked, so that nobody else can trade them, and the session '
  'that has it open: its process, user, application, state, and since when the transaction runs, as far as the caller '
  'may see other sessions (NULL: he may not). Runners are not among them.';
