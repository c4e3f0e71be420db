-- reads strategy.agents, trading.portfolios, identity.shares; errors TR211, TR503, TR701, TR702
CREATE OR REPLACE FUNCTION internal.find_agent(
  p_portfolio text, p_agent text, p_right identity.portfolio_right DEFAULT 'trade')
RETURNS strategy.agents
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int;
  v_agent        strategy.agents;
  v_ids          int[];
  v_portfolios   text[];
BEGIN
  IF p_portfolio IS NOT NULL THEN
    v_portfolio_id := trading.portfolio_id(p_portfolio, p_right);
    SELECT * INTO v_agent FROM strategy.agents AS a
     WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = internal.agent_id(v_portfolio_id, p_agent);
    RETURN v_agent;
  END IF;
  SELECT array_agg(n.portfolio_id), array_agg(n.label) INTO v_ids, v_portfolios
    FROM (SELECT p.portfolio_id, CASE p.owner WHEN ops.actor() THEN '' ELSE p.owner || '/' END || p.name AS label
            FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
           WHERE a.name = p_agent AND p.portfolio_id = ANY (identity.readable_portfolios())
           ORDER BY label LIMIT 10) AS n;
  IF cardinality(v_ids) = 1 THEN
    PERFORM internal.require_portfolios(v_ids, p_right);
    SELECT * INTO v_agent FROM strategy.agents AS a WHERE a.portfolio_id = v_ids[1] AND a.name = p_agent;
    RETURN v_agent;
  END IF;
  RAISE EXCEPTION '% agent "%"', CASE WHEN v_ids IS NULL THEN 'unknown' ELSE 'more than one' END,
    coalesce(left(p_agent, 64), 'NULL')
    USING ERRCODE = 'TR503',
          DETAIL = format('Portfolios with an agent of this name: %s.',
                          coalesce(array_to_string(v_portfolios, ', '), 'none')),
          HINT = 'Give portfolio => ...; strategy.agent_performance lists the agents.';
END
$$;
COMMENT ON FUNCTION internal.find_agent(text, text, identity.portfolio_right) IS
  'The agent of this name in a portfolio, or (NULL) in the only portfolio that one may see and has one, for who has '
  'this right to it. Errors TR211, TR503, TR701, TR702.';
