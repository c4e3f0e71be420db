-- locks: session advisory locks, one per portfolio; writes ops.runners, ops.leases, after a restore
-- ops.epochs; errors TR211, TR601, TR604
CREATE OR REPLACE FUNCTION ops.start_runner(
  name text, host text, process_id int, version text, feed text, portfolio_ids int[])
RETURNS ops.runners
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_fault        text;  -- the term that is missing
  v_portfolio_id int;
  v_holder       record;
  v_is_mine      boolean;
  v_taken        int[] := ARRAY[]::int[];
  v_runner       ops.runners;
BEGIN
  v_fault := CASE WHEN start_runner.name IS NULL THEN 'name' WHEN start_runner.host IS NULL THEN 'host'
                  WHEN start_runner.process_id IS NULL THEN 'process_id'
                  WHEN start_runner.version IS NULL THEN 'version' WHEN start_runner.feed IS NULL THEN 'feed' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'a runner cannot start without its %', v_fault
      USING ERRCODE = 'TR604', DETAIL = format('%s is NULL.', v_fault),
            HINT = 'A runner says its name, host, process, version and feed, by which people find it.';
  END IF;
  IF EXISTS (SELECT FROM unnest(start_runner.portfolio_ids) AS p
              WHERE NOT EXISTS (SELECT FROM trading.portfolios AS t WHERE t.portfolio_id = p)) THEN
    RAISE EXCEPTION 'a runner was to take an unknown portfolio'
      USING ERRCODE = 'TR211', DETAIL = format('Portfolios %s.', left(start_runner.portfolio_ids::text, 100)),
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
  PERFORM ops.begin_epoch();
  INSERT INTO ops.runners (name, host, process_id, version, feed)
  VALUES (start_runner.name, start_runner.host, start_runner.process_id, start_runner.version, start_runner.feed)
  RETURNING * INTO v_runner;
  FOR v_portfolio_id IN SELECT DISTINCT p FROM unnest(start_runner.portfolio_ids) AS p ORDER BY 1 LOOP
    -- The lock lives and dies with the runner's session, so that a killed runner never blocks its successor. Its other
    -- sessions, in which a batch may be about to commit, share the second lock.
    v_is_mine := pg_try_advisory_lock(1114599795, v_portfolio_id);
    IF v_is_mine THEN
      v_taken := v_taken || v_portfolio_id;
      v_is_mine := pg_try_advisory_lock(1114599793, v_portfolio_id) AND pg_advisory_unlock(1114599793, v_portfolio_id);
    END IF;
    IF NOT v_is_mine THEN
      -- All or none: session locks outlive the error.
      PERFORM pg_advisory_unlock(1114599795, t) FROM unnest(v_taken) AS t;
      SELECT r.name, r.host, r.process_id, r.started_at, p.name AS portfolio INTO v_holder
        FROM trading.portfolios AS p
        LEFT JOIN ops.leases AS l USING (portfolio_id)
        LEFT JOIN ops.runners AS r USING (runner_id)
       WHERE p.portfolio_id = v_portfolio_id;
      RAISE EXCEPTION 'portfolio "%" is traded by another runner', v_holder.portfolio
        USING ERRCODE = 'TR601',
              DETAIL = format('Runner "%s", process %s on %s, since %s.', v_holder.name, v_holder.process_id,
                              v_holder.host, v_holder.started_at),
              HINT = 'Stop it first, or wait for it with --wait.';
    END IF;
  END LOOP;
  INSERT INTO ops.leases (portfolio_id, runner_id)
  SELECT DISTINCT p, v_runner.runner_id FROM unnest(start_runner.portfolio_ids) AS p
  ON CONFLICT ON CONSTRAINT leases_pkey DO UPDATE SET runner_id = EXCLUDED.runner_id, taken_at = clock_timestamp();
  RETURN v_runner;
END
$$;
COMMENT ON FUNCTION ops.start_runner(text, text, int, text, text, int[]) IS
  'Registers a runner and takes its portfolios for its session, all or none. Errors TR211, TR604; TR601 names the '
  'runner that has one of them.';
REVOKE ALL ON FUNCTION ops.start_runner(text, text, int, text, text, int[]) FROM PUBLIC;
