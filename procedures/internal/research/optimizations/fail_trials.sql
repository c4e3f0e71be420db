-- writes research.trials
CREATE OR REPLACE FUNCTION internal.fail_trials(p_optimization research.optimizations, p_trials int[], p_error text)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
  UPDATE research.trials AS t
     SET status = 'failed', error = left(p_error, 1000)
   WHERE t.optimization_id = p_optimization.optimization_id AND t.trial = ANY (p_trials) AND t.status = 'pending'
$$;
COMMENT ON FUNCTION internal.fail_trials(research.optimizations, int[], text) IS
  'Writes that pending trials cannot run, and why.';
