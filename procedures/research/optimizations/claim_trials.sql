-- locks rows of research.trials until the transaction ends; reads strategy.strategy_versions, strategy.strategies;
-- errors TR543, TR604
CREATE OR REPLACE FUNCTION research.claim_trials(optimization bigint, most int)
RETURNS TABLE (trial int, type text, months int, days int, microseconds bigint, parameters jsonb)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_optimization research.optimizations := internal.find_optimization(claim_trials.optimization);
BEGIN
  RETURN QUERY
    SELECT c.trial, s.type::text, (extract(year FROM v.timeframe) * 12 + extract(month FROM v.timeframe))::int,
           extract(day FROM v.timeframe)::int,
           (extract(epoch FROM v.timeframe - date_trunc('day', v.timeframe)) * 1000000)::bigint,
           jsonb_set(v.parameters, '{params}',
                     v.parameters -> 'params' || (v_optimization.settings -> 'params') || c.params)
      FROM internal.claim_trials(v_optimization, claim_trials.most) AS c
      JOIN strategy.strategy_versions AS v
        ON v.strategy_id = v_optimization.strategy_id AND v.version = v_optimization.version
      JOIN strategy.strategies AS s ON s.strategy_id = v.strategy_id
     ORDER BY c.trial;
END
$$;
COMMENT ON FUNCTION research.claim_trials(bigint, int) IS
  'For programs: pending trials of an optimization, at most so many, which nobody else runs until the transaction '
  'ends: type of the strategy, its timeframe in parts, and its parameters with the trial''s values. Errors TR543, '
  'TR604.';
REVOKE ALL ON FUNCTION research.claim_trials(bigint, int) FROM PUBLIC;
