-- AFTER INSERT on trading.orders; writes trading.order_events, ops.events; rings the doorbell
CREATE OR REPLACE FUNCTION trading.tg_orders__record_insert()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
  -- As ops.emit_event does; the books are locked, so their clocks are not behind this transaction.
  WITH event AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, reason_code, reason, at)
    SELECT n.portfolio_id, n.order_id, n.version, 'new', n.status, n.quantity, n.filled_quantity, n.limit_price, n.stop_price, n.reason_code,
           n.reason, n.updated_at
      FROM new_rows AS n
  )
  INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
  SELECT (SELECT b.stream_xid FROM ledger.books AS b WHERE b.portfolio_id = n.portfolio_id), 'order.' || n.status, n.portfolio_id,
         n.instrument_id, n.order_id,
         jsonb_strip_nulls(jsonb_build_object('client_order_id', n.client_order_id, 'reason_code', n.reason_code)), n.updated_at
    FROM new_rows AS n;
  PERFORM ops.ring_doorbell(n.portfolio_id) FROM (SELECT DISTINCT r.portfolio_id FROM new_rows AS r WHERE r.closed_at IS NULL) AS n;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__record_insert() IS 'Begins the events of each new order, in its history and in the journal, and wakes the runner.';
DROP TRIGGER IF EXISTS trigger_record_order ON trading.orders;
CREATE OR REPLACE TRIGGER trigger_record_insert AFTER INSERT ON trading.orders
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION trading.tg_orders__record_insert();
COMMENT ON TRIGGER trigger_record_insert ON trading.orders IS 'No order without its first event.';
REVOKE ALL ON FUNCTION trading.tg_orders__record_insert() FROM PUBLIC;
