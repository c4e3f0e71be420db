-- writes trading.orders and what its triggers write, ledger.*; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.grow_order(
  p_order trading.orders, p_quantity numeric, p_portfolio trading.portfolios, p_instrument market.instruments, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'orders'
AS $$
DECLARE
  v_order    trading.orders := p_order;
  v_position trading.positions;
  v_own      numeric := trading.promised(p_order);  -- what the position keeps for this order now
BEGIN
  IF p_order.oco_group_id IS NOT NULL THEN
    v_own := v_own - trading.group_open(p_order.portfolio_id, p_order.oco_group_id, p_order.order_id, p_order.oco_leg, 0);
  END IF;
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = v_order.portfolio_id AND p.instrument_id = v_order.instrument_id;
  IF v_order.side = 'buy' THEN
    v_position.open_buy_quantity := v_position.open_buy_quantity - v_own;
  ELSE
    v_position.open_sell_quantity := v_position.open_sell_quantity - v_own;
  END IF;
  v_order.quantity := p_quantity;
  v_order.updated_at := greatest(p_at, v_order.updated_at);
  v_order.reservation_id := NULL;
  IF p_order.reservation_id IS NOT NULL THEN
    PERFORM ledger.release(p_order.portfolio_id, p_order.reservation_id, 0, v_order.updated_at);
  END IF;
  v_order := trading.judge_order(v_order, p_portfolio, p_instrument, v_position);
  IF v_order.status = 'rejected' THEN
    RAISE EXCEPTION 'order % cannot grow', p_order.order_id
      USING ERRCODE = 'TR224', DETAIL = v_order.reason, HINT = 'It stays as large as it is.';
  END IF;
  UPDATE trading.orders AS o
     SET quantity = v_order.quantity, opening_quantity = v_order.opening_quantity, reserve_price = v_order.reserve_price,
         reservation_id = v_order.reservation_id, reason_code = NULL, reason = NULL, updated_at = v_order.updated_at
   WHERE o.portfolio_id = v_order.portfolio_id AND o.order_id = v_order.order_id;
EXCEPTION
  -- The rules or the funds do not allow more: it stays as it was, with its reservation.
  WHEN SQLSTATE 'TR224' THEN
    PERFORM ops.emit_event('order.kept_small', p_at, p_order.portfolio_id, p_order.instrument_id, p_order.order_id,
                           jsonb_build_object('code', v_order.reason_code, 'quantity', p_order.quantity, 'planned', p_quantity));
END
$$;
COMMENT ON FUNCTION trading.grow_order(trading.orders, numeric, trading.portfolios, market.instruments, timestamptz) IS
  'Gives a child the quantity that its parent''s fills allow now; where rules or funds refuse it, it stays as it is, and the journal says so.';
REVOKE ALL ON FUNCTION trading.grow_order(trading.orders, numeric, trading.portfolios, market.instruments, timestamptz) FROM PUBLIC;
