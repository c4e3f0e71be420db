-- BEFORE UPDATE OR DELETE on trading.orders; writes ledger.*, trading.positions; errors TR206, TR207, TR213
CREATE OR REPLACE FUNCTION trading.tg_orders__guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- fill: trading.apply_fill holds the lock, has settled the reservation, and writes the position itself.
  v_is_fill      boolean := current_setting('bourse.procedure', true) IS NOT DISTINCT FROM 'fill';
  v_is_procedure boolean := v_is_fill OR current_setting('bourse.procedure', true) IS NOT DISTINCT FROM 'orders';
  v_delta        numeric;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'orders are never deleted'
      USING ERRCODE = 'TR213', DETAIL = format('Order %s of portfolio %s.', OLD.order_id, OLD.portfolio_id), HINT = 'Cancel it with trading.cancel_order(...).';
  END IF;
  IF NOT v_is_fill THEN
    PERFORM ledger.lock_book(OLD.portfolio_id);
  END IF;
  -- A closed order changes no more, but for fills that the exchange takes back.
  IF OLD.closed_at IS NOT NULL AND NOT (v_is_procedure AND NEW.status = OLD.status AND NEW.last_fill_id IS DISTINCT FROM OLD.last_fill_id)
     OR OLD.status <> NEW.status
        AND NOT EXISTS (SELECT FROM trading.order_transitions AS t WHERE t.from_status = OLD.status AND t.to_status = NEW.status) THEN
    RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_id, OLD.status, NEW.status
      USING ERRCODE = 'TR206', DETAIL = format('It has been %s since %s.', OLD.status, OLD.updated_at),
            HINT = 'trading.order_transitions lists the moves; a closed order never changes.';
  END IF;
  IF NOT v_is_fill AND ((OLD.portfolio_id, OLD.order_id, OLD.client_order_id, OLD.instrument_id, OLD.agent_id, OLD.side, OLD.type, OLD.time_in_force, OLD.product,
      OLD.submitted_at, OLD.created_at, OLD.submitted_by, OLD.replaces_order_id, OLD.reduce_only, OLD.post_only, OLD.oco_group_id, OLD.oco_leg)
     IS DISTINCT FROM
     (NEW.portfolio_id, NEW.order_id, NEW.client_order_id, NEW.instrument_id, NEW.agent_id, NEW.side, NEW.type, NEW.time_in_force, NEW.product,
      NEW.submitted_at, NEW.created_at, NEW.submitted_by, NEW.replaces_order_id, NEW.reduce_only, NEW.post_only, NEW.oco_group_id, NEW.oco_leg)
     OR NOT v_is_procedure
        AND ((OLD.quantity, OLD.limit_price, OLD.stop_price, OLD.trail_amount, OLD.trail_percent, OLD.filled_quantity, OLD.split_filled_quantity,
              OLD.busted_quantity, OLD.filled_value, OLD.maker_value, OLD.fees, OLD.fee_lines, OLD.average_fill_price, OLD.reserve_price, OLD.reservation_id,
              OLD.opening_quantity, OLD.planned_quantity, OLD.parent_order_id, OLD.last_fill_id, OLD.expires_at, OLD.active_at, OLD.triggered_at,
              OLD.broker_order_id, OLD.approved_by)
             IS DISTINCT FROM
             (NEW.quantity, NEW.limit_price, NEW.stop_price, NEW.trail_amount, NEW.trail_percent, NEW.filled_quantity, NEW.split_filled_quantity,
              NEW.busted_quantity, NEW.filled_value, NEW.maker_value, NEW.fees, NEW.fee_lines, NEW.average_fill_price, NEW.reserve_price, NEW.reservation_id,
              NEW.opening_quantity, NEW.planned_quantity, NEW.parent_order_id, NEW.last_fill_id, NEW.expires_at, NEW.active_at, NEW.triggered_at,
              NEW.broker_order_id, NEW.approved_by)
             -- An order comes to life by a fill of its parent or by an approval, which judge it; not by hand.
             OR OLD.status IN ('held', 'pending_approval') AND NEW.status NOT IN (OLD.status, 'cancelled', 'expired', 'rejected'))) THEN
    RAISE EXCEPTION 'the terms and fills of order % are not changed by hand', OLD.order_id
      USING ERRCODE = 'TR207', DETAIL = 'Only its status may be updated directly.', HINT = 'Use trading.replace_order(...) or trading.record_fill(...).';
  END IF;

  -- Where a trailing stop stands is not news: it keeps its version, and tg_orders__record is silent.
  IF NEW.type = 'trailing_stop' AND NEW.stop_price <> OLD.stop_price
     AND (NEW.status, NEW.quantity, NEW.filled_quantity, NEW.triggered_at) IS NOT DISTINCT FROM (OLD.status, OLD.quantity, OLD.filled_quantity, OLD.triggered_at) THEN
    RETURN NEW;
  END IF;
  NEW.version := OLD.version + 1;
  IF NEW.updated_at = OLD.updated_at AND NEW.status <> OLD.status AND NOT v_is_procedure THEN
    NEW.updated_at := greatest(now(), OLD.updated_at);
  END IF;
  IF OLD.closed_at IS NOT NULL THEN
    RETURN NEW;
  END IF;
  IF NEW.status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced') THEN
    NEW.closed_at := NEW.updated_at;
    IF NEW.reservation_id IS NOT NULL AND NOT v_is_fill THEN
      PERFORM ledger.release(NEW.portfolio_id, NEW.reservation_id, 0, NEW.updated_at);
    END IF;
  END IF;
  IF v_is_fill THEN
    RETURN NEW;
  END IF;
  v_delta := trading.promised(NEW) - trading.promised(OLD);
  IF v_delta <> 0 THEN
    PERFORM trading.promise_quantity(NEW.portfolio_id, NEW.instrument_id, NEW.side, v_delta, NEW.updated_at);
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__guard() IS
  'Refuses every move that trading.order_transitions does not list and every change of terms by hand; frees the cash and the quantity of an order that closes.';
CREATE OR REPLACE TRIGGER trigger_guard_order BEFORE UPDATE OR DELETE ON trading.orders
  FOR EACH ROW WHEN (NOT trading.in_bulk()) EXECUTE FUNCTION trading.tg_orders__guard();
COMMENT ON TRIGGER trigger_guard_order ON trading.orders IS 'The state machine of an order, also against a careless superuser.';
REVOKE ALL ON FUNCTION trading.tg_orders__guard() FROM PUBLIC;
