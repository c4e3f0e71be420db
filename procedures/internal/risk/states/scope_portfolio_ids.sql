-- reads trading.portfolios, strategy.agents
CREATE OR REPLACE FUNCTION internal.scope_portfolio_ids(p_scope risk.scope, p_scope_id int)
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_scope
    WHEN 'portfolio' THEN ARRAY[p_scope_id]
    WHEN 'agent'     THEN ARRAY(SELECT a.portfolio_id FROM strategy.agents AS a WHERE a.agent_id = p_scope_id)
    WHEN 'strategy'
      THEN ARRAY(SELECT DISTINCT a.portfolio_id FROM strategy.agents AS a WHERE a.strategy_id = p_scope_id ORDER BY 1)
    ELSE ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p ORDER BY 1) END;
END
$$;
COMMENT ON FUNCTION internal.scope_portfolio_ids(risk.scope, int) IS
  'The portfolios whose orders a scope can concern, in the order of their identifiers.';
