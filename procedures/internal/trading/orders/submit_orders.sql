-- locks ledger.portfolio_clocks; writes what internal.write_orders writes; errors of internal.refuse_terms, TR204,
-- TR205, TR211, TR212
CREATE OR REPLACE FUNCTION internal.submit_orders(p_orders internal.order_terms[])
RETURNS trading.orders[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_ids       int[];
  v_rows      trading.orders[];
  v_batch     internal.order_terms[] := p_orders;
  v_decisions internal.order_decision[];
  v_last      internal.order_decision;
  v_count     int := 1;    -- of the decisions that count
  v_done      int := 0;
  v_size      int := 500;  -- how many are decided about at a time
BEGIN
  IF cardinality(p_orders) = 1 THEN
    v_ids := ARRAY[p_orders[1].portfolio_id];
  ELSE
    v_ids := ARRAY(SELECT DISTINCT o.portfolio_id FROM unnest(p_orders) AS o);
  END IF;
  IF internal.lock_clocks(v_ids) IS NULL THEN  -- there are no orders
    RETURN v_rows;
  END IF;
  LOOP
    IF cardinality(p_orders) = 1 THEN
      v_decisions := internal.decide_orders(p_orders);
    ELSE
      v_batch := p_orders[v_done + 1 : v_done + v_size];
      v_decisions := internal.decide_orders(v_batch, internal.orders_ahead(v_batch));
      v_decisions := internal.standing_orders(v_decisions);
      v_count := cardinality(v_decisions);
      -- Where an order is refused, the next ones may be, too.
      v_size := CASE WHEN v_count < cardinality(v_batch) THEN 8 ELSE least(4 * v_size, 500) END;
      v_batch := v_batch[: v_count];
    END IF;
    v_last := v_decisions[v_count];
    IF v_last.is_known THEN
      IF v_count > 1 THEN
        v_rows := v_rows || internal.write_orders(v_batch[: v_count - 1], v_decisions[: v_count - 1]);
      END IF;
      v_rows := v_rows || internal.known_order(v_batch[v_count]);
    ELSIF v_last.fault IS NOT NULL THEN
      PERFORM internal.refuse_terms(v_batch[v_count], v_last.fault);
    ELSE
      v_rows := v_rows || internal.write_orders(v_batch, v_decisions);
    END IF;
    v_done := v_done + v_count;
    EXIT WHEN v_done >= cardinality(p_orders);
  END LOOP;
  -- An order that is refused is no work for the runner.
  IF cardinality(p_orders) > 1 THEN
    v_ids := ARRAY(SELECT DISTINCT o.portfolio_id FROM unnest(v_rows) AS o WHERE o.status <> 'rejected');
  ELSIF v_rows[1].status = 'rejected' THEN
    v_ids := '{}';
  END IF;
  FOR n IN 1 .. cardinality(v_ids) LOOP
    PERFORM internal.ring_doorbell(v_ids[n]);
  END LOOP;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.submit_orders(internal.order_terms[]) IS
  'Locks the portfolios of new orders, decides one order after the other, with the cash and the positions that the '
  'ones before leave, and writes them; returns their rows in this order. An order that is known by its '
  'client_order_id is returned as it is. Errors TR101, TR201 to TR205, TR211, TR212.';
