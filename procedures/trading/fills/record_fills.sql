-- the array form for programs; locks ledger.portfolio_clocks; writes what internal.record_fills writes; errors TR118,
-- TR205, TR209, TR219, TR604
CREATE OR REPLACE FUNCTION trading.record_fills(
  portfolio_ids int[], order_ids bigint[], quantities numeric[], prices numeric[], broker text, execution_ids text[],
  times timestamptz[], liquidities text[] DEFAULT NULL)
RETURNS TABLE (portfolio_id int, order_id bigint, fill_id bigint, code text, fee numeric, status trading.order_status,
               quantity numeric, filled_quantity numeric, position_quantity numeric, position_cost numeric,
               links_changed boolean, client_order_id text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Plans that are made while tables are small must serve when they are large: each row is found by its key.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  IF (cardinality(portfolio_ids) <= 100000
      AND cardinality(portfolio_ids) = ALL (ARRAY[cardinality(order_ids), cardinality(quantities), cardinality(prices),
                                                  cardinality(execution_ids), cardinality(times),
                                                  coalesce(cardinality(liquidities),
                                                           cardinality(order_ids))])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of fills differ in length, or are too long'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s portfolios, %s executions.', cardinality(portfolio_ids), cardinality(execution_ids)),
            HINT = 'Give one element per fill in each array, at most 100,000.';
  ELSIF NOT array_remove(liquidities, NULL) <@ enum_range(NULL::trading.liquidity)::text[] THEN
    RAISE EXCEPTION 'a fill makes or takes liquidity, or says nothing of it'
      USING ERRCODE = 'TR219', DETAIL = format('liquidities are %s.', left(liquidities::text, 100)),
            HINT = 'Give maker, taker or NULL for each.';
  END IF;
  RETURN QUERY
    SELECT (r.order_row).portfolio_id, (r.order_row).order_id, CASE WHEN r.code IS NULL THEN (r.fill).fill_id END,
           r.code,
           CASE WHEN r.code IS NULL THEN (r.fill).fee::numeric END, (r.order_row).status,
           (r.order_row).quantity::numeric, (r.order_row).filled_quantity::numeric, r.position_quantity,
           r.position_cost, r.links_changed, (r.order_row).client_order_id
      FROM unnest(internal.record_fills(ARRAY(
             SELECT ROW (n.portfolio_id, n.order_id, NULL, n.quantity, n.price, record_fills.broker, n.execution_id,
                         NULL, coalesce(n.liquidity, 'taker'), n.at, NULL)::internal.fill_report
               FROM unnest(portfolio_ids, order_ids, quantities, prices, execution_ids, times, liquidities)
                    WITH ORDINALITY AS n (portfolio_id, order_id, quantity, price, execution_id, at, liquidity,
                                          position)
              ORDER BY n.position), true)) AS r;
END
$$;
COMMENT ON FUNCTION trading.record_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], text[]) IS
  'Records a batch of executions in this order. On paper a fill that its order cannot take is dropped and journaled '
  'as fill.refused with its code; at a broker it is a fact, which is booked, and what contradicts is kept in '
  'trading.contradictions. liquidities are maker or taker, NULL: taker. Returns one row each, with the order as it '
  'stands then; links_changed says that the fill changed other orders of its portfolio. Errors TR118, TR205, TR209, '
  'TR219, TR604.';
REVOKE ALL ON FUNCTION trading.record_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], text[])
  FROM PUBLIC;
