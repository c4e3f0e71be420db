-- AFTER UPDATE on trading.orders without a fill; writes trading.order_events, ops.events, and the orders that depend on
-- one that ended; rings the doorbell
CREATE OR REPLACE FUNCTION internal.tg_orders__record()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_fill_id bigint := nullif(NEW.last_fill_id, OLD.last_fill_id);  -- one that took back another
BEGIN
  -- As internal.emit_event does; the portfolio is locked, so its clock is not behind this transaction.
  WITH event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price,
            fill_id, reason_code, reason, at)
    VALUES (NEW.portfolio_id, NEW.order_id, NEW.version, OLD.status, NEW.status, NEW.quantity, NEW.filled_quantity,
            NEW.limit_price, NEW.stop_price, v_fill_id, NEW.reason_code, NEW.reason, NEW.updated_at))
  INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
  SELECT b.stream_xid,
         'order.' || CASE WHEN NEW.status = OLD.status AND v_fill_id IS NULL THEN 'adjusted' ELSE NEW.status::text END,
         NEW.portfolio_id, NEW.instrument_id, NEW.order_id,
         jsonb_strip_nulls(jsonb_build_object('client_order_id', NEW.client_order_id, 'version', NEW.version,
                                              'fill_id', v_fill_id, 'reason_code', NEW.reason_code)), NEW.updated_at
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = NEW.portfolio_id;
  PERFORM internal.ring_doorbell(NEW.portfolio_id);
  -- No resting child of a dead parent. Children of a replaced one go over to the order that replaces it.
  IF NEW.status IN ('cancelled', 'expired', 'rejected') AND NEW.filled_quantity = NEW.busted_quantity THEN
    PERFORM internal.end_children(NEW);
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_orders__record() IS
  'Appends every change of an order to its events and to the journal, wakes the runner for what others did, and ends '
  'the children of an order that ended without a fill.';
CREATE OR REPLACE TRIGGER trigger_record_order AFTER UPDATE ON trading.orders
  FOR EACH ROW WHEN (NEW.version <> OLD.version
                     AND (NEW.last_fill_id IS NOT DISTINCT FROM OLD.last_fill_id
                          OR NEW.filled_quantity <= OLD.filled_quantity))
  EXECUTE FUNCTION internal.tg_orders__record();
COMMENT ON TRIGGER trigger_record_order ON trading.orders IS
  'No state of an order without its event; who writes an order or its fill writes their events with them.';
REVOKE ALL ON FUNCTION internal.tg_orders__record() FROM PUBLIC;
