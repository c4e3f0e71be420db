-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.leg_open(p_portfolio_id int, p_group_id bigint, p_leg smallint, p_order_id bigint)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT coalesce(sum(o.quantity - o.filled_quantity), 0) FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio_id AND o.oco_group_id = p_group_id AND o.oco_leg = p_leg
       AND o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval') AND o.order_id <> p_order_id);
END
$$;
COMMENT ON FUNCTION internal.leg_open(int, bigint, smallint, bigint) IS
  'What the other orders of a leg of a group that excludes each other may still trade.';
