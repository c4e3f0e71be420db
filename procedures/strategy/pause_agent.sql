-- locks ledger.portfolio_clocks; writes strategy.agents and what its trigger writes; errors TR211, TR503, TR504
CREATE OR REPLACE FUNCTION strategy.pause_agent(portfolio text, agent text, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM strategy.set_agent_status(portfolio, agent, 'paused', at => at)
$$;
COMMENT ON FUNCTION strategy.pause_agent(text, text, timestamptz) IS
  'Pauses an agent: it keeps its memory up to date, but sends no orders. Errors TR211, TR503, TR504.';
REVOKE ALL ON FUNCTION strategy.pause_agent(text, text, timestamptz) FROM PUBLIC;
