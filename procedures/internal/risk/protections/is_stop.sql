-- reads strategy.signals
CREATE OR REPLACE FUNCTION internal.is_stop(
  p_portfolio_id int, p_agent_id int, p_instrument_id int, p_type trading.order_type, p_client_order_id text)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN p_type IN ('stop', 'stop_limit', 'trailing_stop')
      -- Where a stop cannot rest, its agent watches it and leaves at the market.
      OR p_agent_id IS NOT NULL AND EXISTS (
        SELECT FROM strategy.signals AS s
         WHERE s.portfolio_id = p_portfolio_id AND s.agent_id = p_agent_id AND s.instrument_id = p_instrument_id
           AND s.reason = 'stop' AND s.client_order_id = p_client_order_id);
END
$$;
COMMENT ON FUNCTION internal.is_stop(int, int, int, trading.order_type, text) IS
  'Whether an order is a stop: by its type, or because an agent submitted it for a signal to stop.';
