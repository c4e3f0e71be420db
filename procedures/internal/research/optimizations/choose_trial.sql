-- writes research.optimization_windows, research.trials
CREATE OR REPLACE FUNCTION internal.choose_trial(
  p_optimization research.optimizations, p_window research.optimization_windows)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_best record;
BEGIN
  SELECT t.trial, t.params INTO v_best
    FROM research.trials AS t
   WHERE t.optimization_id = p_window.optimization_id AND t.window_no = p_window.window_no AND t.part = 'in_sample'
     AND t.objective IS NOT NULL
   ORDER BY t.objective DESC, t.trial LIMIT 1;
  IF FOUND THEN
    UPDATE research.optimization_windows AS w
       SET chosen_trial = v_best.trial
     WHERE w.optimization_id = p_window.optimization_id AND w.window_no = p_window.window_no;
  END IF;
  UPDATE research.trials AS t
     SET params = v_best.params,
         status = CASE WHEN v_best.trial IS NULL THEN 'failed' ELSE 'pending' END::research.trial_status,
         error = CASE WHEN v_best.trial IS NULL THEN 'no trial in sample has an objective' END
   WHERE t.optimization_id = p_window.optimization_id AND t.trial = p_window.window_no * (p_optimization.trials + 1)
     AND t.part = 'out_of_sample' AND t.status = 'pending';
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION internal.choose_trial(research.optimizations, research.optimization_windows) IS
  'Chooses the best in-sample trial of a window, of equal ones the first, and gives its values to the out-of-sample '
  'one; that fails when none can be chosen. True: there was one that waited.';
