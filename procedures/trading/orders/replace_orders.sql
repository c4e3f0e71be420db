-- the array form of trading.replace_order, for programs; locks ledger.portfolio_clocks; writes what
-- internal.replace_order writes; errors TR205, TR604
CREATE OR REPLACE FUNCTION trading.replace_orders(
  portfolio_ids int[], order_ids bigint[], client_order_ids text[], leaves_quantities numeric[],
  limit_prices numeric[], stop_prices numeric[], times timestamptz[], acknowledge boolean DEFAULT false)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order trading.orders;
  v_old   trading.orders;
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(client_order_ids),
                                                  cardinality(leaves_quantities), cardinality(limit_prices),
                                                  cardinality(stop_prices), cardinality(times)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of replacements differ in length, or are too long'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s portfolios, %s orders.', cardinality(portfolio_ids), cardinality(order_ids)),
            HINT = 'Give one element per replacement in each array, at most 100,000.';
  END IF;
  PERFORM internal.require_portfolios(portfolio_ids, 'trade');
  PERFORM internal.lock_portfolios(portfolio_ids);
  FOR n IN 1 .. cardinality(portfolio_ids) LOOP
    v_old := internal.find_order(portfolio_ids[n], order_ids[n], NULL);
    BEGIN
      v_order := internal.replace_order(
        portfolio_ids[n], order_ids[n], NULL, client_order_ids[n], v_old.filled_quantity + leaves_quantities[n],
        limit_prices[n], stop_prices[n], times[n], NULL, NULL);
      -- The paper broker works an order from the moment that it is accepted.
      IF replace_orders.acknowledge AND v_order.status = 'accepted' THEN
        SELECT * INTO v_order
          FROM trading.acknowledge_orders(ARRAY[v_order.portfolio_id], ARRAY[v_order.order_id], times[n]);
      END IF;
    EXCEPTION WHEN OTHERS THEN
      -- An order that is closed, and a refusal by the books or a rule, are an answer; anything else is an error.
      IF SQLSTATE !~ '^TR(105|107|210|22[056]|240|3..|40[12])$' THEN
        RAISE;
      END IF;
      v_order := internal.find_order(portfolio_ids[n], order_ids[n], NULL);
    END;
    RETURN NEXT v_order;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.replace_orders(
  int[], bigint[], text[], numeric[], numeric[], numeric[], timestamptz[], boolean) IS
  'Replaces open orders one after the other by orders with these client_order_ids, which have leaves_quantities to '
  'fill; NULL keeps an old term. Returns a row each: the new order, or the old one as it stands when the new terms are '
  'refused or it is closed. acknowledge moves accepted ones on to working. Errors TR205, TR604.';
REVOKE ALL ON FUNCTION trading.replace_orders(
  int[], bigint[], text[], numeric[], numeric[], numeric[], timestamptz[], boolean) FROM PUBLIC;
