-- writes research.trials; reads strategy.*, market.*, trading.portfolios, trading.fee_schedules, trading.borrow_rates,
-- risk.*, research.*; errors TR543
CREATE OR REPLACE FUNCTION research.trial_runs(optimization bigint, trials int[], reports jsonb[])
RETURNS TABLE (run_trials int[], specification jsonb, parameters text[], begins bigint[])
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_optimization research.optimizations := internal.find_optimization(trial_runs.optimization);
  v_run          record;
BEGIN
  IF (cardinality(trial_runs.trials) = cardinality(trial_runs.reports)
      AND array_position(trial_runs.reports, NULL) IS NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'each trial has a report'
      USING ERRCODE = 'TR604',
            DETAIL = format('There are %s trials and %s reports.', coalesce(cardinality(trial_runs.trials), 0),
                            coalesce(cardinality(trial_runs.reports), 0)),
            HINT = 'A report is what the program''s parser says of the rules with the trial''s values.';
  END IF;
  FOR v_run IN SELECT r.* FROM internal.trial_runs(v_optimization, trial_runs.trials, trial_runs.reports) AS r LOOP
    IF v_run.error IS NOT NULL THEN
      PERFORM internal.fail_trials(v_optimization, v_run.trials, v_run.error);
    ELSE
      RETURN QUERY SELECT v_run.trials, v_run.specification, v_run.parameters, v_run.begins;
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION research.trial_runs(bigint, int[], jsonb[]) IS
  'For programs: what has to be run for trials that research.claim_trials has locked. A row for those that are fed '
  'with the same events: the specification, with which research.backtest_bars and the like read them, and for each '
  'trial the parameters of its strategy and the time (microseconds since 2000-01-01Z) from which on they concern it. '
  'Those that cannot run are written as failed. reports: what the parser says of each. Errors TR543, TR604.';
REVOKE ALL ON FUNCTION research.trial_runs(bigint, int[], jsonb[]) FROM PUBLIC;
