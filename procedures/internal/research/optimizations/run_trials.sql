-- writes research.trials; reads strategy.*, market.*, trading.*, risk.*, research.*; calls
-- ta.run_trials of the extension bourse; errors TR526
CREATE OR REPLACE FUNCTION internal.run_trials(p_optimization research.optimizations, p_trials int[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_kernel regproc := internal.engine_function('ta.run_trials(text, text[], bigint[])');
  v_begin  timestamptz := internal.clock();
  v_spent  interval;
  v_trials int[];
  v_spec   jsonb;
  v_error  text;
  v_texts  text[];
BEGIN
  IF v_kernel IS NULL THEN
    RAISE EXCEPTION 'trials in the server are run by the extension bourse, which is not installed in this database'
      USING ERRCODE = 'TR526', DETAIL = 'There is no function ta.run_trials(text, text[], bigint[]).',
            HINT = format('Use the program: bourse work %s; or CREATE EXTENSION bourse.',
                          p_optimization.optimization_id);
  END IF;
  -- One statement, so that all that is read is of one moment.
  FOR v_trials, v_spec, v_error, v_texts IN
    EXECUTE format('SELECT r.trials, r.specification, r.error, CASE WHEN r.error IS NULL '
                   'THEN %s(r.specification::text, r.parameters, r.begins) END '
                   'FROM internal.trial_runs($1, $2, NULL) AS r', v_kernel)
      USING p_optimization, p_trials
  LOOP
    -- Of all of them, since the server may run some ahead.
    v_spent := coalesce(v_spent, internal.clock() - v_begin);
    IF v_error IS NOT NULL THEN
      PERFORM internal.fail_trials(p_optimization, v_trials, v_error);
    ELSE
      PERFORM internal.record_trials(p_optimization, v_trials, v_spec, v_texts::jsonb[],
                                     v_spent * cardinality(v_trials) / cardinality(p_trials));
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.run_trials(research.optimizations, int[]) IS
  'Runs trials that are locked, and writes what comes of them. Error TR526.';
