-- the array form of trading.submit_order, for programs; locks ledger.books; writes what its triggers write; errors TR604 and those of the triggers
CREATE OR REPLACE FUNCTION trading.submit_orders(
  portfolio_ids int[], client_order_ids text[], instrument_ids int[], agent_ids int[], sides text[], types text[], times_in_force text[],
  quantities numeric[], limit_prices numeric[], stop_prices numeric[], expiries timestamptz[], times timestamptz[],
  acknowledge boolean DEFAULT false)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(client_order_ids), cardinality(instrument_ids), cardinality(agent_ids), cardinality(sides),
          cardinality(types), cardinality(times_in_force), cardinality(quantities), cardinality(limit_prices), cardinality(stop_prices),
          cardinality(expiries), cardinality(times)])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of orders differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s portfolios, %s client_order_ids.', cardinality(portfolio_ids), cardinality(client_order_ids)),
            HINT = 'Give one element per order in each array, at most 100,000.';
  END IF;
  PERFORM ledger.lock_books(portfolio_ids);
  IF NOT trading.submit_plain_orders(portfolio_ids, client_order_ids, instrument_ids, agent_ids, sides::trading.order_side[], types::trading.order_type[],
           times_in_force::trading.time_in_force[], 'delivery', quantities, limit_prices, stop_prices, expiries, times) THEN
    INSERT INTO trading.orders AS o
           (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, stop_price, expires_at, submitted_at)
    SELECT n.portfolio_id, n.client_order_id, n.instrument_id, n.agent_id, n.side::trading.order_side, n.type::trading.order_type,
           n.time_in_force::trading.time_in_force, n.quantity, n.limit_price, n.stop_price, n.expires_at, n.at
      FROM unnest(portfolio_ids, client_order_ids, instrument_ids, agent_ids, sides, types, times_in_force, quantities, limit_prices, stop_prices, expiries, times)
           WITH ORDINALITY AS n (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, stop_price, expires_at, at, position)
     ORDER BY n.position;
  END IF;
  -- The paper broker works an order from the moment that it is accepted.
  IF submit_orders.acknowledge THEN
    PERFORM trading.acknowledge_orders(ARRAY[n.portfolio_id], ARRAY[o.order_id], n.at)
       FROM unnest(portfolio_ids, client_order_ids, times) WITH ORDINALITY AS n (portfolio_id, client_order_id, at, position)
       JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id AND o.client_order_id = n.client_order_id AND o.status = 'accepted'
      ORDER BY n.position;
  END IF;
  RETURN QUERY
    SELECT o.*
      FROM unnest(portfolio_ids, client_order_ids) WITH ORDINALITY AS n (portfolio_id, client_order_id, position)
      JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id AND o.client_order_id = n.client_order_id
     ORDER BY n.position;
END
$$;
COMMENT ON FUNCTION trading.submit_orders(int[], text[], int[], int[], text[], text[], text[], numeric[], numeric[], numeric[], timestamptz[], timestamptz[], boolean) IS
  'Submits a batch in this order and returns the rows in this order; the same checks and the same idempotence as trading.submit_order. acknowledge moves accepted ones on to working. Error TR604.';
REVOKE ALL ON FUNCTION trading.submit_orders(int[], text[], int[], int[], text[], text[], text[], numeric[], numeric[], numeric[], timestamptz[], timestamptz[], boolean) FROM PUBLIC;
