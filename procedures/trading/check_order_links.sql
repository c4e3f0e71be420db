-- reads trading.orders; errors TR212
CREATE OR REPLACE FUNCTION trading.check_order_links(p_order trading.orders)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_first trading.orders;
BEGIN
  IF p_order.oco_group_id IS NULL AND p_order.oco_leg IS NULL OR p_order.oco_group_id = 0 AND p_order.oco_leg > 0 THEN
    RETURN;
  END IF;
  SELECT * INTO v_first FROM trading.orders AS o WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.oco_group_id;
  -- An order that replaces a member takes its place, whoever is left of the group.
  IF (p_order.oco_leg > 0 AND v_first.oco_group_id = p_order.oco_group_id
      AND v_first.instrument_id = p_order.instrument_id AND v_first.side = p_order.side
      AND (p_order.replaces_order_id IS NOT NULL
           OR v_first.closed_at IS NULL AND v_first.parent_order_id IS NOT DISTINCT FROM p_order.parent_order_id)) IS NOT TRUE THEN
    RAISE EXCEPTION 'the order does not fit the group %', coalesce(p_order.oco_group_id::text, 'NULL')
      USING ERRCODE = 'TR212',
            DETAIL = format('oco_leg %s; the group''s first order is %s.', coalesce(p_order.oco_leg::text, 'NULL'), coalesce(v_first.status::text, 'unknown')),
            HINT = 'A group begins with oco_group_id => 0; its orders have a leg from 1, one instrument, one side and one parent, and join while its first order is open.';
  END IF;
END
$$;
COMMENT ON FUNCTION trading.check_order_links(trading.orders) IS
  'Raises when a new order cannot belong to the group of orders that it names. Error TR212.';
