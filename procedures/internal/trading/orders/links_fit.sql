-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.links_fit(p_order internal.order_terms)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_first trading.orders;
BEGIN
  IF p_order.oco_group_id = 0 AND p_order.oco_leg > 0 THEN
    RETURN true;
  END IF;
  SELECT * INTO v_first FROM trading.orders AS o
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.oco_group_id;
  -- An order that replaces a member takes its place, whoever is left of the group.
  RETURN (p_order.oco_leg > 0 AND v_first.oco_group_id = p_order.oco_group_id
          AND v_first.instrument_id = p_order.instrument_id AND v_first.side = p_order.side
          AND (p_order.replaces_order_id IS NOT NULL
               OR v_first.parent_order_id IS NOT DISTINCT FROM p_order.parent_order_id
              AND EXISTS (SELECT FROM trading.orders AS o
                           WHERE o.portfolio_id = p_order.portfolio_id AND o.oco_group_id = p_order.oco_group_id
                             AND o.closed_at IS NULL))) IS TRUE;
END
$$;
COMMENT ON FUNCTION internal.links_fit(internal.order_terms) IS
  'Whether a new order can belong to the group of orders that it names, or begins one.';
