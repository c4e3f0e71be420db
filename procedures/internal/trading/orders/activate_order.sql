-- writes trading.orders and what its triggers write, risk.breaches and what they entail; the caller holds the
-- portfolio's lock
CREATE OR REPLACE FUNCTION internal.activate_order(p_order trading.orders, p_quantity numeric, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order    trading.orders;
  v_terms    internal.order_terms;
  v_decision internal.order_decision;
BEGIN
  v_terms := internal.terms_of(p_order, p_quantity, greatest(p_at, p_order.updated_at));
  v_decision := (internal.decide_orders(ARRAY[v_terms]))[1];
  PERFORM internal.record_verdicts(v_terms, v_decision);
  UPDATE trading.orders AS o
     SET status = v_decision.status, quantity = p_quantity, stop_price = v_decision.stop,
         opening_quantity = v_decision.opening, reserve_price = v_decision.reserve_price,
         reserved = coalesce((v_decision.reservation).amount, 0), approved_by = p_order.approved_by,
         reason_code = v_decision.code, reason = v_decision.reason, updated_at = v_terms.at
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.activate_order(trading.orders, numeric, timestamptz) IS
  'Decides about an order that waited for its parent or for an approval, with this quantity, and moves it on: '
  'accepted, '
  'rejected, or to wait for approval.';
