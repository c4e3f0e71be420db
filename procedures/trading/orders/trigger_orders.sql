-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write
CREATE OR REPLACE FUNCTION trading.trigger_orders(portfolio_ids int[], order_ids bigint[], times timestamptz[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.lock_portfolio(n.portfolio_id)
     FROM (SELECT DISTINCT p AS portfolio_id FROM unnest(trigger_orders.portfolio_ids) AS p ORDER BY 1) AS n;
  UPDATE trading.orders AS o
     SET triggered_at = n.at, updated_at = greatest(n.at, o.updated_at)
    FROM unnest(trigger_orders.portfolio_ids, trigger_orders.order_ids, trigger_orders.times) AS n (portfolio_id,
                                                                                                    order_id, at)
   WHERE o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id AND o.closed_at IS NULL AND o.triggered_at IS NULL
     AND o.stop_price IS NOT NULL;
END
$$;
COMMENT ON FUNCTION trading.trigger_orders(int[], bigint[], timestamptz[]) IS
  'The stop prices of these orders have traded; orders that are closed, triggered already or without a stop price are '
  'left alone.';
REVOKE ALL ON FUNCTION trading.trigger_orders(int[], bigint[], timestamptz[]) FROM PUBLIC;
