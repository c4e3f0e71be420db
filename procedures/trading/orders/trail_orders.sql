-- locks ledger.portfolio_clocks; writes trading.orders; errors TR604
CREATE OR REPLACE FUNCTION trading.trail_orders(
  portfolio_ids int[], order_ids bigint[], stop_prices numeric[], times timestamptz[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(stop_prices), cardinality(times)])
      AND NOT EXISTS (SELECT FROM unnest(stop_prices, times) AS n (stop_price, at)
                       WHERE (n.stop_price > 0 AND n.stop_price < 1e10 AND isfinite(n.at)) IS NOT TRUE)) IS NOT TRUE
  THEN
    RAISE EXCEPTION 'the arrays of a batch of stops differ in length, are too long, or lack a price or a time'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s portfolios, %s orders.', cardinality(portfolio_ids), cardinality(order_ids)),
            HINT = 'Give one element per order in each array, at most 100,000, with a positive price and a finite '
                   'time.';
  END IF;
  PERFORM internal.lock_portfolios(portfolio_ids);
  -- A stop that moves is no news of its order: tg_orders__guard keeps the version, and no event tells of it.
  UPDATE trading.orders AS o
     SET stop_price = n.stop_price, updated_at = greatest(n.at, o.updated_at)
    FROM unnest(trail_orders.portfolio_ids, trail_orders.order_ids, trail_orders.stop_prices,
                trail_orders.times) AS n (portfolio_id, order_id, stop_price, at)
   WHERE o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id AND o.type = 'trailing_stop'
     AND o.closed_at IS NULL AND o.triggered_at IS NULL
     AND CASE o.side WHEN 'sell' THEN n.stop_price > o.stop_price ELSE n.stop_price < o.stop_price END;
END
$$;
COMMENT ON FUNCTION trading.trail_orders(int[], bigint[], numeric[], timestamptz[]) IS
  'Trailing stops have followed the price to here; the last place of each is enough. Never away from the market: up '
  'for a sell, down for a buy; other orders, and those that are closed or triggered, are left alone. Error TR604.';
REVOKE ALL ON FUNCTION trading.trail_orders(int[], bigint[], numeric[], timestamptz[]) FROM PUBLIC;
