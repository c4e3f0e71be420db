-- locks rows of research.trials until the transaction ends; errors TR604
CREATE OR REPLACE FUNCTION internal.claim_trials(p_optimization research.optimizations, p_most int)
RETURNS TABLE (trial int, params jsonb)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  IF (p_most BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a batch has 1 to 1000 trials'
      USING ERRCODE = 'TR604', DETAIL = format('%s are asked for.', coalesce(p_most::text, 'NULL')),
            HINT = 'Twenty keep a worker busy; each batch is committed by itself.';
  END IF;
  RETURN QUERY
    SELECT t.trial, t.params
      FROM research.trials AS t
     WHERE t.optimization_id = p_optimization.optimization_id AND t.status = 'pending' AND t.params IS NOT NULL
     ORDER BY t.trial
     LIMIT p_most
       FOR UPDATE SKIP LOCKED;
END
$$;
COMMENT ON FUNCTION internal.claim_trials(research.optimizations, int) IS
  'The first pending trials that nobody else has, locked. Error TR604.';
