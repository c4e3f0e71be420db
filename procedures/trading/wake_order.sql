-- writes trading.orders and what its triggers write, ledger.*; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.wake_order(
  p_order trading.orders, p_quantity numeric, p_portfolio trading.portfolios, p_instrument market.instruments, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'orders'
AS $$
DECLARE
  v_order    trading.orders := p_order;
  v_position trading.positions;
BEGIN
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = v_order.portfolio_id AND p.instrument_id = v_order.instrument_id;
  IF NOT FOUND THEN
    v_position.quantity := 0;
    v_position.open_buy_quantity := 0;
    v_position.open_sell_quantity := 0;
  END IF;
  v_order.quantity := p_quantity;
  v_order.updated_at := greatest(p_at, v_order.updated_at);
  IF NOT v_order.reduce_only AND trading.needs_approval(v_order, p_portfolio)
     AND NOT risk.reduces_position(v_order.side, v_order.quantity, v_position.quantity, v_position.open_buy_quantity, v_position.open_sell_quantity) THEN
    v_order.status := 'pending_approval';
  ELSE
    v_order := trading.judge_order(v_order, p_portfolio, p_instrument, v_position);
  END IF;
  UPDATE trading.orders AS o
     SET status = v_order.status, quantity = v_order.quantity, stop_price = v_order.stop_price, opening_quantity = v_order.opening_quantity,
         reserve_price = v_order.reserve_price, reservation_id = v_order.reservation_id, approved_by = v_order.approved_by,
         reason_code = v_order.reason_code, reason = v_order.reason, updated_at = v_order.updated_at
   WHERE o.portfolio_id = v_order.portfolio_id AND o.order_id = v_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.wake_order(trading.orders, numeric, trading.portfolios, market.instruments, timestamptz) IS
  'Judges an order that waited for its parent or for an approval, with this quantity, and moves it on: accepted, rejected, or to wait for approval.';
REVOKE ALL ON FUNCTION trading.wake_order(trading.orders, numeric, trading.portfolios, market.instruments, timestamptz) FROM PUBLIC;
