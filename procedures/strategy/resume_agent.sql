-- locks ledger.portfolio_clocks; writes strategy.agents and what its trigger writes; errors TR211, TR249, TR503, TR504
CREATE OR REPLACE FUNCTION strategy.resume_agent(portfolio text, agent text, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(resume_agent.portfolio, 'trade');
  v_agent        strategy.agents;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT * INTO v_agent FROM strategy.agents AS a
   WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = internal.agent_id(v_portfolio_id, resume_agent.agent);
  IF v_agent.status NOT IN ('paused', 'running') THEN
    RAISE EXCEPTION 'agent "%" is not paused', v_agent.name
      USING ERRCODE = 'TR504', DETAIL = format('It has been %s since %s.', v_agent.status, v_agent.changed_at),
            HINT = 'strategy.start_agent(...) starts an agent that is idle, or in error after what was wrong is '
                   'put right.';
  END IF;
  RETURN strategy.set_agent_status(resume_agent.portfolio, resume_agent.agent, 'running', at => resume_agent.at);
END
$$;
COMMENT ON FUNCTION strategy.resume_agent(text, text, timestamptz) IS
  'Lets a paused agent trade again; one that runs already stays as it is. Errors TR211, TR249, TR503, TR504.';
REVOKE ALL ON FUNCTION strategy.resume_agent(text, text, timestamptz) FROM PUBLIC;
