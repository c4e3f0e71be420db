-- locks ledger.portfolio_clocks; writes strategy.agents and what its trigger writes; errors TR211, TR249, TR503, TR504,
-- TR511, TR512
CREATE OR REPLACE FUNCTION strategy.start_agent(portfolio text, agent text, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM strategy.set_agent_status(portfolio, agent, 'running', at => at)
$$;
COMMENT ON FUNCTION strategy.start_agent(text, text, timestamptz) IS
  'Starts or resumes an agent: it is evaluated from now on, on a paper portfolio dry, on one with a broker live. Its '
  'version must have been checked: by the extension when it was created, by "bourse strategy check", or by a runner. '
  'Errors TR211, TR249, TR503, TR504, TR511, TR512.';
REVOKE ALL ON FUNCTION strategy.start_agent(text, text, timestamptz) FROM PUBLIC;
