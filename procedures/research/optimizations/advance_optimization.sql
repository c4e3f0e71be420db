-- writes research.optimizations, research.optimization_windows, research.trials; locks the optimization's row; errors
-- TR542, TR543
CREATE OR REPLACE FUNCTION research.advance_optimization(optimization bigint)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_optimization research.optimizations := internal.find_optimization(advance_optimization.optimization);
  v_window       research.optimization_windows;
  v_is_advanced  boolean := false;
BEGIN
  PERFORM FROM research.optimizations AS o
    WHERE o.optimization_id = v_optimization.optimization_id FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 'waiting';
  END IF;
  FOR v_window IN
    SELECT w.*
      FROM research.optimization_windows AS w
     WHERE w.optimization_id = v_optimization.optimization_id AND w.chosen_trial IS NULL
       AND NOT EXISTS (SELECT FROM research.trials AS t
                        WHERE t.optimization_id = w.optimization_id AND t.window_no = w.window_no
                          AND t.part = 'in_sample' AND t.status = 'pending')
     ORDER BY w.window_no
  LOOP
    IF v_optimization.method = 'tpe' AND internal.propose_trials(v_optimization, v_window.window_no) > 0 THEN
      v_is_advanced := true;
    ELSE
      v_is_advanced := internal.choose_trial(v_optimization, v_window) OR v_is_advanced;
    END IF;
  END LOOP;
  IF v_is_advanced THEN
    RETURN 'advanced';
  ELSIF EXISTS (SELECT FROM research.trials AS t
                 WHERE t.optimization_id = v_optimization.optimization_id AND t.status = 'pending') THEN
    RETURN 'waiting';
  END IF;
  UPDATE research.optimizations AS o
     SET finished_at = internal.clock()
   WHERE o.optimization_id = v_optimization.optimization_id AND o.finished_at IS NULL;
  RETURN 'finished';
END
$$;
COMMENT ON FUNCTION research.advance_optimization(bigint) IS
  'For programs: what a worker asks that finds no trial to run. advanced: there may be some now, because values were '
  'chosen or proposed; waiting: others run the last ones; finished: all were run. Errors TR542, TR543.';
REVOKE ALL ON FUNCTION research.advance_optimization(bigint) FROM PUBLIC;
