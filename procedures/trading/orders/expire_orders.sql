-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write
CREATE OR REPLACE FUNCTION trading.expire_orders(portfolio text, at timestamptz DEFAULT now())
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(expire_orders.portfolio, 'trade');
  v_order        trading.orders;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  FOR v_order IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = v_portfolio_id AND o.closed_at IS NULL AND o.expires_at <= expire_orders.at
     ORDER BY o.order_id
  LOOP
    RETURN NEXT internal.end_order(v_order, 'expired', 'TR217',
                                   format('%s order, in force until %s', v_order.time_in_force,
                                          v_order.expires_at AT TIME ZONE 'UTC'), v_order.expires_at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.expire_orders(text, timestamptz) IS
  'Ends the open orders whose time in force ran out by then, at the time when it did. Error TR211.';
REVOKE ALL ON FUNCTION trading.expire_orders(text, timestamptz) FROM PUBLIC;
