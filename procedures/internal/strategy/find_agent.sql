-- reads strategy.agents, trading.portfolios; errors TR211, TR503
CREATE OR REPLACE FUNCTION internal.find_agent(p_portfolio text, p_agent text)
RETURNS strategy.agents
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int;
  v_agent        strategy.agents;
  v_portfolios   text[];
BEGIN
  IF p_portfolio IS NOT NULL THEN
    v_portfolio_id := trading.portfolio_id(p_portfolio);
    SELECT * INTO v_agent FROM strategy.agents AS a
     WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = internal.agent_id(v_portfolio_id, p_agent);
    RETURN v_agent;
  END IF;
  v_portfolios := ARRAY(SELECT p.name FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
                         WHERE a.name = p_agent ORDER BY p.name LIMIT 10);
  IF cardinality(v_portfolios) <> 1 THEN
    RAISE EXCEPTION '% agent "%"', CASE cardinality(v_portfolios) WHEN 0 THEN 'unknown' ELSE 'more than one' END,
      coalesce(left(p_agent, 64), 'NULL')
      USING ERRCODE = 'TR503',
            DETAIL = format('Portfolios with an agent of this name: %s.',
                            coalesce(nullif(array_to_string(v_portfolios, ', '), ''), 'none')),
            HINT = 'Give portfolio => ...; strategy.agent_performance lists the agents.';
  END IF;
  SELECT * INTO v_agent FROM strategy.agents AS a WHERE a.name = p_agent;
  RETURN v_agent;
END
$$;
COMMENT ON FUNCTION internal.find_agent(text, text) IS
  'The agent of this name in a portfolio, or (NULL) in the only portfolio that has one. Errors TR211, TR503.';
