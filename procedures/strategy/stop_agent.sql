-- locks ledger.portfolio_clocks; writes strategy.agents, trading.orders and what their triggers write; errors TR211,
-- TR249, TR503, TR504
CREATE OR REPLACE FUNCTION strategy.stop_agent(
  portfolio text, agent text, flatten boolean DEFAULT false, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_agent strategy.agents := strategy.set_agent_status(stop_agent.portfolio, stop_agent.agent, 'stopped',
                                                       at => stop_agent.at);
BEGIN
  IF stop_agent.flatten THEN
    PERFORM internal.flatten_agent(stop_agent.portfolio, v_agent, stop_agent.at);
  END IF;
  RETURN v_agent;
END
$$;
COMMENT ON FUNCTION strategy.stop_agent(text, text, boolean, timestamptz) IS
  'Stops an agent for good. Without flatten its position and its open orders stay, so that stops go on protecting: '
  'cancel them, or close the position, by hand. With flatten all its open orders are cancelled, and what it owns '
  '(strategy.agent_positions) is closed by market orders that can only reduce, in the same transaction; what cannot be '
  'ordered is said in a warning. Again it does what is left to do. Errors TR211, TR249, TR503, TR504.';
REVOKE ALL ON FUNCTION strategy.stop_agent(text, text, boolean, timestamptz) FROM PUBLIC;
