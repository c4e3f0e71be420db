-- writes research.trials; errors TR542
CREATE OR REPLACE FUNCTION internal.propose_trials(p_optimization research.optimizations, p_window_no int)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_dimensions internal.search_dimension[] := internal.search_dimensions(
    p_optimization.parameters,
    (SELECT v.parameters -> 'params' FROM strategy.strategy_versions AS v
      WHERE v.strategy_id = p_optimization.strategy_id AND v.version = p_optimization.version));
  v_first      int := (p_window_no - 1) * (p_optimization.trials + 1);
  v_done       int;
  v_count      int;
  v_params     jsonb[];
BEGIN
  SELECT coalesce(max(t.trial) - v_first, 0) INTO v_done
    FROM research.trials AS t
   WHERE t.optimization_id = p_optimization.optimization_id AND t.window_no = p_window_no AND t.part = 'in_sample';
  -- A generation depends on all before it and on nothing of its own, so that its trials can run at once.
  v_count := least(10, p_optimization.trials - v_done);
  IF v_count <= 0 THEN
    RETURN 0;
  END IF;
  v_params := ARRAY(SELECT p.params
                      FROM internal.tpe_candidates(p_optimization, v_dimensions, p_window_no, v_done, v_count) AS p
                     ORDER BY p.place);
  INSERT INTO research.trials (optimization_id, trial, window_no, params)
  SELECT p_optimization.optimization_id, v_first + v_done + p.place, p_window_no, p.params
    FROM unnest(v_params) WITH ORDINALITY AS p (params, place);
  RETURN cardinality(v_params);
END
$$;
COMMENT ON FUNCTION internal.propose_trials(research.optimizations, int) IS
  'Writes the next generation of trials of a window of a search by tpe, at most ten, and returns how many they are: 0 '
  'when there are as many as were wanted, or all values were tried. Error TR542.';
