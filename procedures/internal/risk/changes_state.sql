CREATE OR REPLACE FUNCTION internal.changes_state(p_verdicts risk.verdict[])
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_verdict risk.verdict;
BEGIN
  FOREACH v_verdict IN ARRAY coalesce(p_verdicts, '{}') LOOP
    IF v_verdict.action IN ('reduce_only', 'halt') OR v_verdict.metric = 'drawdown' AND v_verdict.action = 'reject' THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END
$$;
COMMENT ON FUNCTION internal.changes_state(risk.verdict[]) IS
  'Whether a breach does more than refuse the order: it halts a portfolio or an agent, lets it only reduce, or locks it.';
