-- locks ledger.books; writes what internal.write_orders writes; errors of internal.refuse_terms, TR204, TR205, TR211, TR212
CREATE OR REPLACE FUNCTION internal.submit_orders(p_orders internal.order_terms[])
RETURNS trading.orders[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolios int[] := ARRAY(SELECT DISTINCT o.portfolio_id FROM unnest(p_orders) AS o);
  v_rows      trading.orders[];
  v_orders    internal.order_terms[] := p_orders;  -- those that are not written yet, or the first of them
  v_decisions internal.order_decision[];
  v_decision  internal.order_decision;
  v_done      int := 0;
  v_size      int := 500;  -- how many are decided about at a time
  v_count     int;         -- of the decisions that count
BEGIN
  PERFORM internal.lock_books(v_portfolios);
  LOOP
    IF cardinality(p_orders) > 1 THEN
      EXIT WHEN v_done >= cardinality(p_orders);
      v_orders := p_orders[v_done + 1 : v_done + v_size];
    END IF;
    v_decisions := internal.decide_orders(v_orders);
    -- Each decision takes it that all before it were accepted: the first that is not is the last that counts.
    v_count := 0;
    FOREACH v_decision IN ARRAY v_decisions LOOP
      EXIT WHEN v_count > 0 AND v_decision.is_alone;
      v_count := v_count + 1;
      EXIT WHEN v_decision.is_known OR v_decision.fault IS NOT NULL OR v_decision.status NOT IN ('accepted', 'pending_submit');
    END LOOP;
    IF v_count < cardinality(v_decisions) THEN
      v_orders := v_orders[: v_count];
      v_decisions := v_decisions[: v_count];
      v_decision := v_decisions[v_count];
      v_size := 8;  -- where orders are refused, the next ones may be, too
    ELSE
      v_size := least(4 * v_size, 500);
    END IF;
    IF v_decision.is_known THEN
      v_rows := v_rows || internal.write_orders(v_orders[: v_count - 1], v_decisions[: v_count - 1])
                || internal.known_order(v_orders[v_count]);
    ELSIF v_decision.fault IS NOT NULL THEN
      PERFORM internal.refuse_terms(v_orders[v_count], v_decision.fault);
    ELSE
      v_rows := v_rows || internal.write_orders(v_orders, v_decisions);
    END IF;
    v_done := v_done + v_count;
    EXIT WHEN cardinality(p_orders) = 1;
  END LOOP;
  PERFORM ops.ring_doorbell(n) FROM unnest(v_portfolios) AS n;
  RETURN v_rows;
END
$$;
COMMENT ON FUNCTION internal.submit_orders(internal.order_terms[]) IS
  'Locks the portfolios of new orders, decides one order after the other, with the cash and the positions that the ones before leave, and writes them; returns their rows in this order. An order that is known by its client_order_id is returned as it is. Errors TR101, TR201 to TR205, TR211, TR212.';
