-- writes trading.orders and what its triggers write, risk.breaches and what they entail; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.wake_order(p_order trading.orders, p_quantity numeric, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order    trading.orders := p_order;
  v_facts    internal.order_facts[] := internal.order_facts(ARRAY[p_order]);
  v_position trading.positions := (v_facts[1]).position;
  v_decision internal.order_decision;
BEGIN
  v_order.quantity := p_quantity;
  v_order.updated_at := greatest(p_at, v_order.updated_at);
  IF (v_facts[1]).needs_approval AND v_order.approved_by IS NULL AND NOT v_order.reduce_only
     AND NOT risk.reduces_position(v_order.side, v_order.quantity, coalesce(v_position.quantity, 0), coalesce(v_position.open_buy_quantity, 0),
                                   coalesce(v_position.open_sell_quantity, 0)) THEN
    v_order.status := 'pending_approval';
  ELSE
    v_decision := internal.judge_order(v_order, v_facts[1]);
    v_order := v_decision.order_row;
    PERFORM internal.record_verdicts(v_decision);
  END IF;
  UPDATE trading.orders AS o
     SET status = v_order.status, quantity = v_order.quantity, stop_price = v_order.stop_price, opening_quantity = v_order.opening_quantity,
         reserve_price = v_order.reserve_price, reserved = v_order.reserved, approved_by = v_order.approved_by,
         reason_code = v_order.reason_code, reason = v_order.reason, updated_at = v_order.updated_at
   WHERE o.portfolio_id = v_order.portfolio_id AND o.order_id = v_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.wake_order(trading.orders, numeric, timestamptz) IS
  'Judges an order that waited for its parent or for an approval, with this quantity, and moves it on: accepted, rejected, or to wait for approval.';
REVOKE ALL ON FUNCTION trading.wake_order(trading.orders, numeric, timestamptz) FROM PUBLIC;
