-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR249
CREATE OR REPLACE FUNCTION trading.acknowledge_orders(portfolio_ids int[], order_ids bigint[], at timestamptz)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF acknowledge_orders.at <> '-infinity' THEN
    PERFORM internal.require_event_time(acknowledge_orders.at);
  END IF;
  PERFORM internal.lock_portfolios(portfolio_ids);
  RETURN QUERY
    UPDATE trading.orders AS o
       SET status = 'working', updated_at = greatest(acknowledge_orders.at, o.updated_at)
      FROM unnest(portfolio_ids, order_ids) AS n (portfolio_id, order_id)
     WHERE o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id AND o.status IN ('accepted', 'pending_submit')
    RETURNING o.*;
END
$$;
COMMENT ON FUNCTION trading.acknowledge_orders(int[], bigint[], timestamptz) IS
  'The broker works these orders now: accepted → working. Orders in any other status are left alone and not '
  'returned. At -infinity they keep the time that they have. Error TR249.';
REVOKE ALL ON FUNCTION trading.acknowledge_orders(int[], bigint[], timestamptz) FROM PUBLIC;
