-- writes trading.orders and what its triggers write, ops.events; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.grow_order(p_order trading.orders, p_quantity numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order    trading.orders := p_order;
  v_facts    internal.order_facts[] := internal.order_facts(ARRAY[p_order]);
  v_fact     internal.order_facts := v_facts[1];
  v_position trading.positions := v_fact.position;
  v_own      numeric := trading.promised(p_order);  -- what the position keeps for this order now
  v_decision internal.order_decision;
BEGIN
  IF p_order.oco_group_id IS NOT NULL THEN
    v_own := v_own - trading.group_open(p_order.portfolio_id, p_order.oco_group_id, p_order.order_id, p_order.oco_leg, 0);
  END IF;
  -- It is judged anew, as if neither its money nor its quantity were taken.
  IF v_order.side = 'buy' THEN
    v_position.open_buy_quantity := v_position.open_buy_quantity - v_own;
  ELSE
    v_position.open_sell_quantity := v_position.open_sell_quantity - v_own;
  END IF;
  v_fact.position := v_position;
  v_fact.available := v_fact.available + p_order.reserved;
  v_order.quantity := p_quantity;
  v_order.updated_at := greatest(p_at, v_order.updated_at);
  v_decision := internal.judge_order(v_order, v_fact);
  v_order := v_decision.order_row;
  IF v_order.status = 'rejected' THEN
    -- The rules or the funds do not allow more: it stays as it was.
    PERFORM ops.emit_event('order.kept_small', p_at, p_order.portfolio_id, p_order.instrument_id, p_order.order_id,
                           jsonb_build_object('code', v_order.reason_code, 'quantity', p_order.quantity, 'planned', p_quantity));
    RETURN;
  END IF;
  PERFORM internal.record_verdicts(v_decision);
  UPDATE trading.orders AS o
     SET quantity = v_order.quantity, opening_quantity = v_order.opening_quantity, reserve_price = v_order.reserve_price,
         reserved = v_order.reserved, reason_code = NULL, reason = NULL, updated_at = v_order.updated_at
   WHERE o.portfolio_id = v_order.portfolio_id AND o.order_id = v_order.order_id;
END
$$;
COMMENT ON FUNCTION trading.grow_order(trading.orders, numeric, timestamptz) IS
  'Gives a child the quantity that its parent''s fills allow now; where rules or funds refuse it, it stays as it is, and the journal says so.';
REVOKE ALL ON FUNCTION trading.grow_order(trading.orders, numeric, timestamptz) FROM PUBLIC;
