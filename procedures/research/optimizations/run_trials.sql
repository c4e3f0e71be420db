-- writes research.trials; reads strategy.*, market.*, trading.*, risk.*, research.*, pg_proc, pg_roles, pg_namespace;
-- calls ta.run_trials of the extension bourse; errors TR526, TR543, TR604
CREATE OR REPLACE FUNCTION research.run_trials(optimization bigint, most int DEFAULT 20)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_optimization research.optimizations := internal.find_optimization(run_trials.optimization);
  v_trials       int[];
BEGIN
  v_trials := ARRAY(SELECT c.trial FROM internal.claim_trials(v_optimization, run_trials.most) AS c ORDER BY c.trial);
  BEGIN
    PERFORM internal.run_trials(v_optimization, v_trials);
  EXCEPTION WHEN internal_error OR configuration_limit_exceeded THEN
    -- One of them is to blame, and its row says so.
    FOR v_place IN 1 .. cardinality(v_trials) LOOP
      BEGIN
        PERFORM internal.run_trials(v_optimization, v_trials[v_place:v_place]);
      EXCEPTION WHEN internal_error OR configuration_limit_exceeded THEN
        PERFORM internal.fail_trials(v_optimization, v_trials[v_place:v_place], format('%s: %s', SQLSTATE, SQLERRM));
      END;
    END LOOP;
  END;
  RETURN cardinality(v_trials);
END
$$;
COMMENT ON FUNCTION research.run_trials(bigint, int) IS
  'Runs pending trials of an optimization that nobody else runs, at most so many, and returns how many there were. '
  'research.work calls it until none is left. Needs the extension bourse. Errors TR526, TR543, TR604.';
REVOKE ALL ON FUNCTION research.run_trials(bigint, int) FROM PUBLIC;
