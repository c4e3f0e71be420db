-- BEFORE UPDATE on trading.orders by a fill; errors TR206
CREATE OR REPLACE FUNCTION internal.tg_orders__guard_fill()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What came late is a fact, and changes neither how the order ended nor when.
  IF OLD.closed_at IS NOT NULL AND (NEW.status, NEW.closed_at, NEW.reserved) = (OLD.status, OLD.closed_at, 0)
     OR OLD.closed_at IS NULL
     AND EXISTS (SELECT FROM trading.order_transitions AS t WHERE t.from_status = OLD.status
                    AND t.to_status = NEW.status) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_id, OLD.status, NEW.status
    USING ERRCODE = 'TR206', DETAIL = format('It has been %s since %s.', OLD.status, OLD.updated_at),
          HINT = 'trading.order_transitions lists the moves, and fills go through trading.record_fill(...); a closed '
                 'order stays as it ended.';
END
$$;
COMMENT ON FUNCTION internal.tg_orders__guard_fill() IS
  'Refuses a fill of an order that may not move to the status that it brings.';
CREATE OR REPLACE TRIGGER trigger_guard_fill BEFORE UPDATE ON trading.orders
  FOR EACH ROW WHEN (NEW.last_fill_id IS DISTINCT FROM OLD.last_fill_id AND NEW.filled_quantity > OLD.filled_quantity)
  EXECUTE FUNCTION internal.tg_orders__guard_fill();
COMMENT ON TRIGGER trigger_guard_fill ON trading.orders IS
  'The state machine of an order that fills; internal.write_fills writes the rest with the fill.';
REVOKE ALL ON FUNCTION internal.tg_orders__guard_fill() FROM PUBLIC;
