-- reads trading.orders; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.freed_open_quantity(p_portfolio_id int, p_order_id bigint, p_filled numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders;
BEGIN
  SELECT * INTO v_order FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id AND o.order_id = p_order_id;
  RETURN internal.open_quantity(v_order)
         - internal.group_open_quantity(v_order.portfolio_id, v_order.oco_group_id, v_order.order_id, v_order.oco_leg,
                                        greatest(v_order.quantity - v_order.filled_quantity - p_filled, 0));
END
$$;
COMMENT ON FUNCTION internal.freed_open_quantity(int, bigint, numeric) IS
  'How much less a position keeps as open for a group of orders that exclude each other when one of them fills this '
  'quantity.';
