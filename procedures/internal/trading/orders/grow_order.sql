-- writes trading.orders and what its triggers write, risk.breaches and what they entail, ops.events; the caller holds
-- the portfolio's lock
CREATE OR REPLACE FUNCTION internal.grow_order(p_order trading.orders, p_quantity numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_terms    internal.order_terms;
  v_decision internal.order_decision;
BEGIN
  -- It is decided anew, as if neither its money nor its quantity were taken.
  v_terms := internal.terms_of(p_order, p_quantity, greatest(p_at, p_order.updated_at));
  v_decision := (internal.decide_orders(ARRAY[v_terms]))[1];
  IF v_decision.status = 'rejected' THEN
    -- The rules or the funds do not allow more: it stays as it was.
    PERFORM internal.emit_event('order.kept_small', p_at, p_order.portfolio_id, p_order.instrument_id, p_order.order_id,
                           jsonb_build_object('client_order_id', p_order.client_order_id, 'code', v_decision.code,
                                              'quantity', p_order.quantity, 'planned', p_quantity));
    RETURN;
  END IF;
  PERFORM internal.record_verdicts(v_terms, v_decision);
  UPDATE trading.orders AS o
     SET quantity = p_quantity, opening_quantity = v_decision.opening, reserve_price = v_decision.reserve_price,
         reserved = coalesce((v_decision.reservation).amount, 0), reason_code = NULL, reason = NULL,
         updated_at = v_terms.at
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.order_id;
END
$$;
COMMENT ON FUNCTION internal.grow_order(trading.orders, numeric, timestamptz) IS
  'Gives a child the quantity that its parent''s fills allow now; where rules or funds refuse it, it stays as it is, '
  'and the journal says so.';
