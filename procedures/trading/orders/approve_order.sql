-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR205, TR210, TR211, TR228
CREATE OR REPLACE FUNCTION trading.approve_order(
  portfolio text, order_id bigint DEFAULT NULL, client_order_id text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(approve_order.portfolio, 'trade');
  v_order        trading.orders;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_order := internal.find_order(v_portfolio_id, approve_order.order_id, approve_order.client_order_id);
  IF v_order.approved_by = ops.actor() THEN
    RETURN v_order;
  END IF;
  IF v_order.status <> 'pending_approval' THEN
    RAISE EXCEPTION 'order % does not wait for approval', v_order.order_id
      USING ERRCODE = 'TR210', DETAIL = format('It is %s.', v_order.status),
            HINT = 'SELECT * FROM trading.open_orders WHERE status = ''pending_approval''.';
  END IF;
  IF v_order.submitted_by = ops.actor() THEN
    RAISE EXCEPTION 'an order is approved by somebody else'
      USING ERRCODE = 'TR228', DETAIL = format('%s submitted order %s.', v_order.submitted_by, v_order.order_id),
            HINT = 'Ask a second person, with a database role of their own.';
  END IF;
  -- It may have waited past its time in force.
  IF v_order.expires_at <= approve_order.at THEN
    RETURN internal.end_order(v_order, 'expired', 'TR217',
                              format('%s order, in force until %s', v_order.time_in_force,
                                     v_order.expires_at AT TIME ZONE 'UTC'), approve_order.at);
  END IF;
  v_order.approved_by := ops.actor();
  RETURN internal.activate_order(v_order, v_order.quantity, approve_order.at);
END
$$;
COMMENT ON FUNCTION trading.approve_order(text, bigint, text, timestamptz) IS
  'Approves an order that waits for a second person: it is decided now, by today''s prices, rules and funds. Approving '
  'it again answers the same row; trading.cancel_order turns it down. Errors TR205, TR210, TR211, TR228.';
REVOKE ALL ON FUNCTION trading.approve_order(text, bigint, text, timestamptz) FROM PUBLIC;
