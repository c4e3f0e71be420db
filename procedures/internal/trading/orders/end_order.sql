-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.end_order(
  p_order trading.orders, p_status trading.order_status, p_code text, p_reason text, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders;
BEGIN
  UPDATE trading.orders AS o
     SET status = p_status, reason_code = p_code, reason = p_reason, updated_at = greatest(p_at, o.updated_at)
   WHERE o.portfolio_id = (p_order).portfolio_id AND o.order_id = (p_order).order_id AND o.closed_at IS NULL
  RETURNING * INTO v_order;
  IF NOT FOUND THEN
    -- It went with another one that the same statement ended: the child of a parent.
    v_order := internal.find_order((p_order).portfolio_id, (p_order).order_id, NULL);
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.end_order(trading.orders, trading.order_status, text, text, timestamptz) IS
  'Moves an open order into a final status, with the reason; one that is closed already stays as it is.';
