-- writes trading.orders and what its triggers write; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.end_children(p_order trading.orders)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM trading.end_order(o, 'cancelled', 'TR223', format('its parent, order %s, is %s', p_order.order_id, p_order.status), p_order.updated_at)
     FROM trading.orders AS o
    WHERE o.portfolio_id = p_order.portfolio_id AND o.parent_order_id = p_order.order_id AND o.closed_at IS NULL
    ORDER BY o.order_id;
END
$$;
COMMENT ON FUNCTION trading.end_children(trading.orders) IS 'Cancels the open children of an order that is dead: closed, and nothing of it stays filled.';
REVOKE ALL ON FUNCTION trading.end_children(trading.orders) FROM PUBLIC;
