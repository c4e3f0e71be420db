-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.exit_group(
  p_portfolio_id int, p_agent_id int, p_instrument_id int, p_side trading.order_side)
RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN coalesce((SELECT max(o.oco_group_id) FROM trading.orders AS o
                    WHERE o.portfolio_id = p_portfolio_id AND o.oco_group_id IS NOT NULL AND o.closed_at IS NULL
                      AND o.agent_id IS NOT DISTINCT FROM p_agent_id AND o.instrument_id = p_instrument_id
                      AND o.side = p_side AND o.parent_order_id IS NULL), 0);
END
$$;
COMMENT ON FUNCTION internal.exit_group(int, int, int, trading.order_side) IS
  'The group in which open orders of an agent (NULL: of no agent) on one side of an instrument exclude each other; 0, '
  'which begins a group, when there is none.';
