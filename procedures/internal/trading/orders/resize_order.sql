-- writes trading.orders and what its triggers write, ledger.*; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.resize_order(
  p_order trading.orders, p_open numeric, p_taken numeric, p_fee_schedule text, p_instrument market.instruments,
  p_code text, p_reason text, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders := p_order;
BEGIN
  IF p_open <= 0 THEN
    RETURN internal.end_order(p_order, 'cancelled', p_code, p_reason, p_at);
  END IF;
  v_order.quantity := v_order.filled_quantity + p_open;
  v_order.opening_quantity := least(v_order.opening_quantity, p_open);
  IF v_order.reserved > 0 THEN
    v_order.reserved := least(v_order.reserved, trading.required_reservation(v_order, p_fee_schedule, p_instrument));
  END IF;
  UPDATE trading.orders AS o
     SET quantity = v_order.quantity, oco_taken = o.oco_taken + p_taken, opening_quantity = v_order.opening_quantity,
         reserved = v_order.reserved, reason_code = p_code, reason = p_reason, updated_at = greatest(p_at, o.updated_at)
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.resize_order(
  trading.orders, numeric, numeric, text, market.instruments, text, text, timestamptz) IS
  'Leaves this much of an order open, with the reason, and frees the money that it needs no more; nothing left cancels '
  'it. p_taken is what the fill of another leg took.';
