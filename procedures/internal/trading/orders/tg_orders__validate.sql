-- BEFORE INSERT on trading.orders of a row that nothing was decided about: whoever inserts meets the same checks
-- locks ledger.portfolio_clocks; writes what internal.write_orders writes but the row; errors of internal.refuse_terms,
-- TR204, TR205, TR211, TR212
CREATE OR REPLACE FUNCTION internal.tg_orders__validate()
RETURNS trigger
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
  v_terms    internal.order_terms;
  v_decision internal.order_decision;
BEGIN
  -- Only the owner can say these; a careless one is told.
  IF (NEW.status, NEW.version, NEW.filled_quantity, NEW.split_filled_quantity, NEW.busted_quantity,
      NEW.opening_quantity, NEW.oco_taken, NEW.filled_value, NEW.maker_value, NEW.fees, NEW.fee_lines, NEW.reserved,
      NEW.submitted_by)
     IS DISTINCT FROM ('new', 1, 0, 0, 0, 0, 0, 0, 0, 0, '{}', 0, ops.actor())
     OR num_nonnulls(NEW.order_id, NEW.closed_at, NEW.reservation_id, NEW.reserve_price, NEW.average_fill_price,
                     NEW.last_fill_id, NEW.triggered_at, NEW.reason_code, NEW.reason, NEW.planned_quantity,
                     NEW.active_at, NEW.broker_order_id, NEW.approved_by, NEW.replaces_order_id) > 0 THEN
    RAISE EXCEPTION 'a new order has no history'
      USING ERRCODE = 'TR212',
            DETAIL = format('order_id %s, status %s, filled_quantity %s.', coalesce(NEW.order_id::text, 'NULL'),
                            NEW.status, NEW.filled_quantity),
            HINT = 'Leave order_id, status, filled_quantity and the like to the engine; trading.submit_order(...) '
                   'does.';
  END IF;
  PERFORM internal.require_portfolios(ARRAY[NEW.portfolio_id], 'trade');
  PERFORM internal.lock_clocks(ARRAY[NEW.portfolio_id]);
  NEW.submitted_at := coalesce(NEW.submitted_at, now());
  v_terms := internal.terms_of(NEW, NEW.quantity, NEW.submitted_at);
  v_decision := (internal.decide_orders(ARRAY[v_terms]))[1];
  IF v_decision.is_known THEN
    PERFORM internal.known_order(v_terms);
    RETURN NULL;  -- submitted before on the same terms: the first order stands, unchanged
  ELSIF v_decision.fault IS NOT NULL THEN
    PERFORM internal.refuse_terms(v_terms, v_decision.fault);
  END IF;
  PERFORM internal.write_orders(ARRAY[v_terms], ARRAY[v_decision], false);
  IF v_decision.status <> 'rejected' THEN
    PERFORM internal.ring_doorbell(NEW.portfolio_id);
  END IF;
  NEW.order_id := v_decision.number;
  NEW.status := v_decision.status;
  NEW.quantity := v_decision.size;
  NEW.planned_quantity := v_decision.planned_size;
  NEW.stop_price := v_decision.stop;
  NEW.oco_group_id := v_decision.group_id;
  NEW.expires_at := v_decision.ends_at;
  NEW.active_at := v_decision.active_at;
  NEW.opening_quantity := v_decision.opening;
  NEW.reserve_price := v_decision.reserve_price;
  NEW.reserved := coalesce((v_decision.reservation).amount, 0);
  NEW.reservation_id := v_decision.reservation_id;
  NEW.reason_code := v_decision.code;
  NEW.reason := v_decision.reason;
  NEW.updated_at := NEW.submitted_at;
  NEW.closed_at := CASE v_decision.status WHEN 'rejected' THEN NEW.submitted_at END;
  NEW.created_at := clock_timestamp();
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_orders__validate() IS
  'Decides about an order that was inserted by hand as trading.submit_order does about one that was submitted.';
CREATE OR REPLACE TRIGGER trigger_validate_order BEFORE INSERT ON trading.orders
  FOR EACH ROW WHEN (NEW.status = 'new' OR NEW.order_id IS NULL) EXECUTE FUNCTION internal.tg_orders__validate();
COMMENT ON TRIGGER trigger_validate_order ON trading.orders IS
  'An order that psql inserts passes here; one that was submitted comes decided, with a number and a status that only '
  'the owner may insert.';
REVOKE ALL ON FUNCTION internal.tg_orders__validate() FROM PUBLIC;
