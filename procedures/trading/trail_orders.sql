-- the array form for programs; locks ledger.books; writes trading.orders and what its triggers write; errors TR604
CREATE OR REPLACE FUNCTION trading.trail_orders(portfolio_ids int[], order_ids bigint[], stop_prices numeric[], times timestamptz[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'orders'
AS $$
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(stop_prices), cardinality(times)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of stops differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s orders.', cardinality(portfolio_ids), cardinality(order_ids)),
            HINT = 'Give one element per order in each array, at most 100,000.';
  END IF;
  PERFORM ledger.lock_books(portfolio_ids);
  UPDATE trading.orders AS o
     SET stop_price = n.stop_price, updated_at = greatest(n.at, o.updated_at)
    FROM unnest(portfolio_ids, order_ids, stop_prices, times) AS n (portfolio_id, order_id, stop_price, at)
   WHERE o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id AND o.type = 'trailing_stop' AND o.closed_at IS NULL AND o.triggered_at IS NULL
     -- A trailing stop only ever follows.
     AND CASE o.side WHEN 'sell' THEN n.stop_price > o.stop_price ELSE n.stop_price < o.stop_price AND n.stop_price > 0 END;
END
$$;
COMMENT ON FUNCTION trading.trail_orders(int[], bigint[], numeric[], timestamptz[]) IS
  'Moves trailing stops to where they stand now, up for sells and down for buys; others are left alone. Error TR604.';
REVOKE ALL ON FUNCTION trading.trail_orders(int[], bigint[], numeric[], timestamptz[]) FROM PUBLIC;
