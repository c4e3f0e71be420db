-- BEFORE INSERT on trading.orders of a row that nothing was decided about: whoever inserts meets the same checks
-- locks ledger.books; writes what internal.write_orders writes but the row; errors of internal.decide_order, TR204
CREATE OR REPLACE FUNCTION trading.tg_orders__validate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_blank    trading.orders := internal.blank_order();
  v_facts    internal.order_facts[];
  v_decision internal.order_decision;
BEGIN
  -- Only the owner can say these; a careless one is told.
  IF (NEW.status, NEW.version, NEW.filled_quantity, NEW.split_filled_quantity, NEW.busted_quantity, NEW.opening_quantity, NEW.oco_taken, NEW.filled_value,
      NEW.maker_value, NEW.fees, NEW.fee_lines, NEW.reserved, NEW.submitted_by)
     IS DISTINCT FROM
     (v_blank.status, v_blank.version, v_blank.filled_quantity, v_blank.split_filled_quantity, v_blank.busted_quantity, v_blank.opening_quantity, v_blank.oco_taken,
      v_blank.filled_value, v_blank.maker_value, v_blank.fees, v_blank.fee_lines, v_blank.reserved, session_user::text)
     OR num_nonnulls(NEW.order_id, NEW.closed_at, NEW.reservation_id, NEW.reserve_price, NEW.average_fill_price, NEW.last_fill_id, NEW.triggered_at,
                     NEW.reason_code, NEW.reason, NEW.planned_quantity, NEW.active_at, NEW.broker_order_id, NEW.approved_by, NEW.replaces_order_id) > 0 THEN
    RAISE EXCEPTION 'a new order has no history'
      USING ERRCODE = 'TR212', DETAIL = format('order_id %s, status %s, filled_quantity %s.', coalesce(NEW.order_id::text, 'NULL'), NEW.status, NEW.filled_quantity),
            HINT = 'Leave order_id, status, filled_quantity and the like to the engine; trading.submit_order(...) does.';
  END IF;
  PERFORM internal.lock_books(ARRAY[NEW.portfolio_id]);
  NEW.submitted_at := coalesce(NEW.submitted_at, now());
  NEW.created_at := clock_timestamp();
  v_facts := internal.order_facts(ARRAY[NEW]);
  -- Known or not comes first: what was sound when it was first submitted may be past its expiry or off a new grid when it comes again.
  IF (v_facts[1]).is_known AND trading.is_known_order(NEW) THEN
    RETURN NULL;  -- submitted before on the same terms: the first order stands, unchanged
  END IF;
  v_decision := internal.decide_order(NEW, v_facts[1]);
  PERFORM internal.write_orders(ARRAY[v_decision], false);
  RETURN v_decision.order_row;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__validate() IS
  'Decides about an order that was inserted by hand as trading.submit_order does about one that was submitted.';
CREATE OR REPLACE TRIGGER trigger_validate_order BEFORE INSERT ON trading.orders
  FOR EACH ROW WHEN (NEW.status = 'new' OR NEW.order_id IS NULL) EXECUTE FUNCTION trading.tg_orders__validate();
COMMENT ON TRIGGER trigger_validate_order ON trading.orders IS
  'An order that psql inserts passes here; one that was submitted comes decided, with a number and a status that only the owner may insert.';
REVOKE ALL ON FUNCTION trading.tg_orders__validate() FROM PUBLIC;
