-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.end_children(p_order trading.orders)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  PERFORM internal.end_order(o, 'cancelled', 'TR223',
                             format('its parent, order %s, is %s', p_order.order_id, p_order.status),
                             p_order.updated_at)
     FROM trading.orders AS o
    WHERE o.portfolio_id = p_order.portfolio_id AND o.parent_order_id = p_order.order_id AND o.closed_at IS NULL
    ORDER BY o.order_id;
END
$$;
COMMENT ON FUNCTION internal.end_children(trading.orders) IS
  'Cancels the open children of an order that is dead: closed, and nothing of it stays filled.';
