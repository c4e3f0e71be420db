-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.flatten_agent(p_portfolio text, p_agent strategy.agents, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_prefix   text := format('flatten/%s/', p_agent.name);
  v_order    trading.orders;
  v_position record;
  v_quantity numeric;
BEGIN
  FOR v_order IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_agent.portfolio_id AND o.agent_id = p_agent.agent_id AND o.closed_at IS NULL
       AND NOT starts_with(o.client_order_id, v_prefix)
     ORDER BY o.order_id
  LOOP
    -- The end of one order may have ended others: children with their parent.
    CONTINUE WHEN EXISTS (SELECT FROM trading.orders AS o
                           WHERE o.portfolio_id = v_order.portfolio_id AND o.order_id = v_order.order_id
                             AND o.closed_at IS NOT NULL);
    PERFORM internal.request_cancel(v_order, 'TR216', 'its agent was stopped', p_at);
  END LOOP;
  FOR v_position IN
    SELECT n.symbol, n.quantity FROM trading.portfolios AS p
      JOIN strategy.agent_positions AS n ON n.owner = p.owner AND n.portfolio = p.name
     WHERE p.portfolio_id = p_agent.portfolio_id AND n.agent = p_agent.name ORDER BY n.symbol
  LOOP
    -- Less what is being closed since it was stopped before.
    v_quantity := abs(v_position.quantity)
      - coalesce((SELECT sum(o.quantity - o.filled_quantity) FROM trading.orders AS o
                   WHERE o.portfolio_id = p_agent.portfolio_id
                     AND o.instrument_id = market.instrument_id(v_position.symbol)
                     AND o.agent_id = p_agent.agent_id AND o.closed_at IS NULL
                     AND starts_with(o.client_order_id, v_prefix)), 0);
    CONTINUE WHEN v_quantity <= 0;
    v_order := trading.submit_order(
      p_portfolio, v_position.symbol, CASE WHEN v_position.quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side,
      v_quantity, time_in_force => 'gtc', reduce_only => true, agent => p_agent.name, at => p_at,
      client_order_id => format('%s%s/%s', v_prefix, v_position.symbol,
                                to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')));
    IF v_order.status = 'rejected' THEN
      RAISE WARNING 'what agent "%" owns of % is not closed', p_agent.name, v_position.symbol
        USING ERRCODE = v_order.reason_code, DETAIL = v_order.reason,
              HINT = 'Call strategy.stop_agent(..., flatten => true) again when it can be.';
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.flatten_agent(text, strategy.agents, timestamptz) IS
  'Cancels the open orders of an agent and closes what it owns by market orders that can only reduce. What others hold '
  'of the same instruments stays.';
