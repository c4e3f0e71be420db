-- reads strategy.*, market.instruments, research.trials, research.optimization_windows; errors none: they are answers
CREATE OR REPLACE FUNCTION internal.trial_reports(
  p_optimization research.optimizations, p_trials int[], p_reports jsonb[])
RETURNS TABLE (trial int, window_no int, part research.trial_part, parameters jsonb, report jsonb, error text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_given   strategy.strategy_versions;
  v_version strategy.strategy_versions;
  v_type    strategy.strategy_type;
  v_trial   record;
BEGIN
  SELECT v.* INTO v_given
    FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = p_optimization.strategy_id AND v.version = p_optimization.version;
  SELECT s.type INTO v_type FROM strategy.strategies AS s WHERE s.strategy_id = v_given.strategy_id;
  FOR v_trial IN
    SELECT t.trial, t.window_no, t.part, t.params, p_reports[g.place] AS report
      FROM unnest(p_trials) WITH ORDINALITY AS g (trial, place)
      JOIN research.trials AS t ON t.optimization_id = p_optimization.optimization_id AND t.trial = g.trial
     ORDER BY t.trial
  LOOP
    trial := v_trial.trial;
    window_no := v_trial.window_no;
    part := v_trial.part;
    BEGIN
      v_version := internal.with_params(v_given, p_optimization.settings -> 'params' || v_trial.params);
      report := coalesce(v_trial.report, internal.report_rules(v_type, v_version.timeframe, v_version.parameters,
                                                               'check'));
      parameters := v_version.parameters;
      error := 'TR510: ' || (report ->> 'error');
    EXCEPTION WHEN SQLSTATE 'TR101' OR SQLSTATE 'TR103' OR SQLSTATE 'TR502' OR SQLSTATE 'TR510' THEN
      error := format('%s: %s', SQLSTATE, SQLERRM);
    END;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.trial_reports(research.optimizations, int[], jsonb[]) IS
  'Of trials the parameters of the strategy with their values, and what the parser says of them: as given, else the '
  'extension''s. error: why a trial cannot run. Error TR526.';
