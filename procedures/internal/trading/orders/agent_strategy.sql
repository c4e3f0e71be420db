-- reads strategy.agents, strategy.strategies
CREATE OR REPLACE FUNCTION internal.agent_strategy(p_portfolio_id int, p_agent_id int)
RETURNS strategy.strategies
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_strategy strategy.strategies;
BEGIN
  SELECT g.* INTO v_strategy FROM strategy.agents AS a JOIN strategy.strategies AS g USING (strategy_id)
   WHERE a.portfolio_id = p_portfolio_id AND a.agent_id = p_agent_id;
  RETURN v_strategy;
END
$$;
COMMENT ON FUNCTION internal.agent_strategy(int, int) IS
  'The strategy that an agent runs; NULLs for an agent that is not there.';
