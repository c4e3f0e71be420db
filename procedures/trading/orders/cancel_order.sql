-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR205, TR210, TR211,
-- TR249
CREATE OR REPLACE FUNCTION trading.cancel_order(
  portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL,
  reason text DEFAULT 'cancelled on request', at timestamptz DEFAULT now())
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(cancel_order.portfolio, 'trade');
  v_order        trading.orders;
BEGIN
  PERFORM internal.require_event_time(cancel_order.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_order := internal.find_order(v_portfolio_id, cancel_order.order_id, cancel_order.client_order_id);
  IF v_order.status IN ('cancelled', 'pending_cancel') THEN
    RETURN v_order;
  END IF;
  IF v_order.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'order % is closed already', v_order.order_id
      USING ERRCODE = 'TR210', DETAIL = format('It was %s at %s.', v_order.status, v_order.closed_at),
            HINT = 'There is nothing left to cancel.';
  END IF;
  RETURN internal.request_cancel(v_order, 'TR216',
                                 coalesce(cancel_order.reason, 'cancelled on request'), cancel_order.at);
END
$$;
COMMENT ON FUNCTION trading.cancel_order(text, bigint, text, text, timestamptz) IS
  'Cancels what is left of an open order and frees its cash; cancelling it again answers the same row. An order at a '
  'broker becomes pending_cancel and keeps its cash: the broker ends it (trading.report_order), or fills do. Errors '
  'TR205, TR210, TR211, TR249.';
REVOKE ALL ON FUNCTION trading.cancel_order(text, bigint, text, text, timestamptz) FROM PUBLIC;
