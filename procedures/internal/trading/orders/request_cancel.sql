-- reads trading.portfolios; writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.request_cancel(
  p_order trading.orders, p_code text, p_reason text, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders := p_order;
BEGIN
  IF p_order.status IN ('held', 'pending_approval')
     OR (SELECT p.is_paper FROM trading.portfolios AS p WHERE p.portfolio_id = p_order.portfolio_id) THEN
    RETURN internal.end_order(p_order, 'cancelled', p_code, p_reason, p_at);
  END IF;
  UPDATE trading.orders AS o
     SET status = 'pending_cancel', reason_code = p_code, reason = p_reason, updated_at = greatest(p_at, o.updated_at)
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.order_id AND o.closed_at IS NULL
     AND o.status <> 'pending_cancel'
  RETURNING * INTO v_order;
  IF NOT FOUND THEN
    v_order := internal.find_order(p_order.portfolio_id, p_order.order_id, NULL);
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.request_cancel(trading.orders, text, text, timestamptz) IS
  'Cancels an open order on paper, or one that was never sent. One that is at a broker becomes pending_cancel and '
  'keeps its money until the broker says what became of it.';
