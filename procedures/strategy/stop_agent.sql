-- locks ledger.portfolio_clocks; writes strategy.agents and what its trigger writes; errors TR211, TR503, TR504
CREATE OR REPLACE FUNCTION strategy.stop_agent(portfolio text, agent text, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM strategy.set_agent_status(portfolio, agent, 'stopped', at => at)
$$;
COMMENT ON FUNCTION strategy.stop_agent(text, text, timestamptz) IS
  'Stops an agent for good; its open orders stay: cancel them if they should not. Errors TR211, TR503, TR504.';
REVOKE ALL ON FUNCTION strategy.stop_agent(text, text, timestamptz) FROM PUBLIC;
