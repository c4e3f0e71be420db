-- the array form of trading.submit_order, for programs; locks ledger.portfolio_clocks; writes what
-- internal.write_orders writes; errors TR212, TR604 and those of internal.submit_orders
CREATE OR REPLACE FUNCTION trading.submit_orders(
  portfolio_ids int[], client_order_ids text[], instrument_ids int[], agent_ids int[], sides text[], types text[],
  times_in_force text[], quantities numeric[], limit_prices numeric[], stop_prices numeric[], expiries timestamptz[],
  times timestamptz[],
  acknowledge boolean DEFAULT false, reduce_only boolean[] DEFAULT NULL, oco_legs int[] DEFAULT NULL)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Plans that are made while tables are small must serve when they are large: each row is found by its key.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
  v_order  trading.orders;
  v_orders trading.orders[] := ARRAY[]::trading.orders[];
  v_at     int := 0;
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(client_order_ids), cardinality(instrument_ids),
                                                  cardinality(agent_ids), cardinality(sides), cardinality(types),
                                                  cardinality(times_in_force), cardinality(quantities),
                                                  cardinality(limit_prices), cardinality(stop_prices),
                                                  cardinality(expiries), cardinality(times),
                                                  coalesce(cardinality(reduce_only), cardinality(times)),
                                                  coalesce(cardinality(oco_legs),
                                                           cardinality(times))])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of orders differ in length, or are too long'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s portfolios, %s client_order_ids.', cardinality(portfolio_ids),
                            cardinality(client_order_ids)),
            HINT = 'Give one element per order in each array, at most 100,000.';
  ELSIF NOT (array_remove(sides, NULL) <@ enum_range(NULL::trading.order_side)::text[]
             AND array_remove(types, NULL) <@ enum_range(NULL::trading.order_type)::text[]
             AND array_remove(times_in_force, NULL) <@ enum_range(NULL::trading.time_in_force)::text[]) THEN
    RAISE EXCEPTION 'an order has a side, type or time in force that there is not'
      USING ERRCODE = 'TR212',
            DETAIL = format('sides %s, types %s, times_in_force %s.', left(sides::text, 60), left(types::text, 60),
                            left(times_in_force::text, 60)),
            HINT = 'Their words are those of trading.order_side, trading.order_type and trading.time_in_force.';
  END IF;
  PERFORM internal.require_portfolios(submit_orders.portfolio_ids, 'trade');
  v_orders := internal.submit_orders(ARRAY(
    SELECT ROW (NULL, n.portfolio_id, n.client_order_id, n.instrument_id, n.agent_id, n.side, n.type, n.time_in_force,
                'delivery', n.quantity, n.limit_price, n.stop_price, NULL, NULL, coalesce(n.reduce_only, false), false,
                NULL,
                CASE WHEN n.oco_leg IS NOT NULL
                     THEN internal.exit_group(n.portfolio_id, n.agent_id, n.instrument_id,
                                              n.side::trading.order_side) END,
                n.oco_leg, n.expires_at, NULL, ops.actor(), n.at, n.at, NULL, NULL, false, 0, 0, 0, 0, 0, 0,
                0)::internal.order_terms
      FROM unnest(portfolio_ids, client_order_ids, instrument_ids, agent_ids, sides, types, times_in_force, quantities,
                  limit_prices, stop_prices, expiries, times, submit_orders.reduce_only, oco_legs)
           WITH ORDINALITY AS n (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force,
                                 quantity, limit_price, stop_price, expires_at, at, reduce_only, oco_leg, position)
     ORDER BY n.position));
  -- The paper broker works an order from the moment that it is accepted.
  IF submit_orders.acknowledge THEN
    FOREACH v_order IN ARRAY v_orders LOOP
      v_at := v_at + 1;
      IF v_order.status = 'accepted' THEN
        SELECT * INTO v_order
          FROM trading.acknowledge_orders(ARRAY[v_order.portfolio_id], ARRAY[v_order.order_id], times[v_at]);
        v_orders[v_at] := CASE WHEN FOUND THEN v_order
                               ELSE internal.find_order(portfolio_ids[v_at], NULL, client_order_ids[v_at]) END;
      END IF;
    END LOOP;
  END IF;
  RETURN QUERY SELECT o.* FROM unnest(v_orders) AS o;
END
$$;
COMMENT ON FUNCTION trading.submit_orders(
  int[], text[], int[], int[], text[], text[], text[], numeric[], numeric[], numeric[], timestamptz[], timestamptz[],
  boolean, boolean[], int[]) IS
  'Submits a batch in this order and returns the rows in this order; the same checks and the same idempotence as '
  'trading.submit_order. acknowledge moves accepted ones on to working. An order with an element of oco_legs joins '
  'the group that orders of its agent from before the batch, on its side of its instrument, are in, or begins one. '
  'Error TR604.';
REVOKE ALL ON FUNCTION trading.submit_orders(
  int[], text[], int[], int[], text[], text[], text[], numeric[], numeric[], numeric[], timestamptz[], timestamptz[],
  boolean, boolean[], int[])
    FROM PUBLIC;
