-- reads trading.orders; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.open_quantity(p_order trading.orders)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_open numeric := CASE WHEN p_order.status IN ('held', 'pending_approval', 'filled', 'rejected', 'cancelled',
                                                 'expired', 'replaced') THEN 0
                         ELSE p_order.quantity - p_order.filled_quantity END;
BEGIN
  IF p_order.oco_group_id IS NULL THEN
    RETURN v_open;
  END IF;
  RETURN internal.group_open_quantity(p_order.portfolio_id, p_order.oco_group_id, p_order.order_id, p_order.oco_leg,
                                      v_open);
END
$$;
COMMENT ON FUNCTION internal.open_quantity(trading.orders) IS
  'Quantity that an order, or the group that it belongs to, may still trade as this row says: what its position keeps '
  'as open buys or sells.';
