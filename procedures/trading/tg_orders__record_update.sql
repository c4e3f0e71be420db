-- AFTER UPDATE on trading.orders; writes trading.order_events, ops.events, and the orders that depend on one that ended; rings the doorbell
CREATE OR REPLACE FUNCTION trading.tg_orders__record_update()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  v_change record;
  v_rung   int;
BEGIN
  -- As ops.emit_event does; the books are locked, so their clocks are not behind this transaction.
  WITH changed AS MATERIALIZED (
    SELECT n.*, o.status AS from_status, CASE WHEN n.last_fill_id IS DISTINCT FROM o.last_fill_id THEN n.last_fill_id END AS fill_id
      FROM new_rows AS n JOIN old_rows AS o USING (portfolio_id, order_id)
     WHERE n.version <> o.version
  ), event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, fill_id,
            reason_code, reason, at)
    SELECT c.portfolio_id, c.order_id, c.version, c.from_status, c.status, c.quantity, c.filled_quantity, c.limit_price, c.stop_price,
           c.fill_id, c.reason_code, c.reason, c.updated_at
      FROM changed AS c
  )
  INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
  SELECT (SELECT b.stream_xid FROM ledger.books AS b WHERE b.portfolio_id = c.portfolio_id),
         'order.' || CASE WHEN c.status = c.from_status AND c.fill_id IS NULL THEN 'adjusted' ELSE c.status::text END,
         c.portfolio_id, c.instrument_id, c.order_id,
         jsonb_strip_nulls(jsonb_build_object('client_order_id', c.client_order_id, 'fill_id', c.fill_id, 'reason_code', c.reason_code)),
         c.updated_at
    FROM changed AS c;
  FOR v_change IN
    SELECT n.portfolio_id, n.order_id, n.last_fill_id IS DISTINCT FROM o.last_fill_id AS is_fill,
           n.status IN ('cancelled', 'expired', 'rejected') AND n.filled_quantity = n.busted_quantity AS is_dead
      FROM new_rows AS n JOIN old_rows AS o USING (portfolio_id, order_id)
     WHERE n.version <> o.version
       AND (n.last_fill_id IS NOT DISTINCT FROM o.last_fill_id
            OR n.status IN ('cancelled', 'expired', 'rejected') AND n.filled_quantity = n.busted_quantity)
  LOOP
    -- Who records a fill rings by himself.
    IF NOT v_change.is_fill AND v_rung IS DISTINCT FROM v_change.portfolio_id THEN
      v_rung := v_change.portfolio_id;
      PERFORM ops.ring_doorbell(v_rung);
    END IF;
    -- No resting child of a dead parent. Children of a replaced one go over to the order that replaces it.
    IF v_change.is_dead THEN
      PERFORM trading.end_children(trading.find_order(v_change.portfolio_id, v_change.order_id, NULL));
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__record_update() IS
  'Appends every change of an order to its events and to the journal, wakes the runner for what others did, and ends the children of an order that ended without a fill.';
CREATE OR REPLACE TRIGGER trigger_record_update AFTER UPDATE ON trading.orders
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trading.tg_orders__record_update();
COMMENT ON TRIGGER trigger_record_update ON trading.orders IS 'No state of an order without its event.';
REVOKE ALL ON FUNCTION trading.tg_orders__record_update() FROM PUBLIC;
