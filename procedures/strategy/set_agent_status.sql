-- locks ledger.portfolio_clocks; writes strategy.agents, ops.audit_log and what its trigger writes; errors TR211,
-- TR249, TR503, TR504, TR511, TR512
CREATE OR REPLACE FUNCTION strategy.set_agent_status(
  portfolio text, agent text, status strategy.agent_status, error text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(set_agent_status.portfolio, 'trade');
  v_agent_id     int := internal.agent_id(v_portfolio_id, set_agent_status.agent);
  v_agent        strategy.agents;
BEGIN
  PERFORM internal.require_event_time(set_agent_status.at);
  IF set_agent_status.status IS NULL THEN
    RAISE EXCEPTION 'the status of an agent is missing'
      USING ERRCODE = 'TR504', DETAIL = 'status is NULL.',
            HINT = 'strategy.agent_transitions shows which status follows which.';
  END IF;
  PERFORM internal.lock_portfolio(v_portfolio_id);
  IF set_agent_status.status = 'running' THEN
    PERFORM internal.require_checked(a, set_agent_status.at) FROM strategy.agents AS a
      WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = v_agent_id;
  END IF;
  UPDATE strategy.agents AS a
     SET status = set_agent_status.status, changed_at = set_agent_status.at,
         error = CASE WHEN set_agent_status.status = 'error' THEN coalesce(set_agent_status.error, 'set by hand') END
   WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = v_agent_id
     AND a.status IS DISTINCT FROM set_agent_status.status
  RETURNING * INTO v_agent;
  IF NOT FOUND THEN
    SELECT * INTO v_agent FROM strategy.agents AS a WHERE a.portfolio_id = v_portfolio_id AND a.agent_id = v_agent_id;
  ELSIF EXISTS (SELECT FROM trading.portfolios AS p WHERE p.portfolio_id = v_portfolio_id AND NOT p.is_paper) THEN
    -- With a broker's money: who let it trade, and who stopped it.
    PERFORM internal.audit('agent.' || v_agent.status, concat_ws('/', v_portfolio_id, v_agent.name),
                           p_after => jsonb_build_object('at', v_agent.changed_at, 'error', v_agent.error));
  END IF;
  RETURN v_agent;
END
$$;
COMMENT ON FUNCTION strategy.set_agent_status(text, text, strategy.agent_status, text, timestamptz) IS
  'Moves an agent to a status that strategy.agent_transitions allows; the status that it has already changes nothing. '
  'Errors TR211, TR249, TR503, TR504, TR511, TR512.';
REVOKE ALL ON FUNCTION strategy.set_agent_status(text, text, strategy.agent_status, text, timestamptz) FROM PUBLIC;
