-- BEFORE UPDATE OR DELETE on trading.orders; writes ledger.*, trading.positions; errors TR206, TR207, TR213
CREATE OR REPLACE FUNCTION trading.tg_orders__guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_open_before numeric;
  v_open_after  numeric;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'orders are never deleted'
      USING ERRCODE = 'TR213', DETAIL = format('Order %s of portfolio %s.', OLD.order_id, OLD.portfolio_id), HINT = 'Cancel it with trading.cancel_order(...).';
  END IF;
  PERFORM ledger.lock_book(OLD.portfolio_id);
  IF OLD.closed_at IS NOT NULL
     OR OLD.status <> NEW.status
        AND NOT EXISTS (SELECT FROM trading.order_transitions AS t WHERE t.from_status = OLD.status AND t.to_status = NEW.status) THEN
    RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_id, OLD.status, NEW.status
      USING ERRCODE = 'TR206', DETAIL = format('It has been %s since %s.', OLD.status, OLD.updated_at),
            HINT = 'trading.order_transitions lists the moves; a closed order never changes.';
  END IF;
  IF (OLD.portfolio_id, OLD.order_id, OLD.client_order_id, OLD.instrument_id, OLD.agent_id, OLD.side, OLD.type, OLD.time_in_force, OLD.product,
      OLD.submitted_at, OLD.created_at, OLD.reservation_id, OLD.replaces_order_id)
     IS DISTINCT FROM
     (NEW.portfolio_id, NEW.order_id, NEW.client_order_id, NEW.instrument_id, NEW.agent_id, NEW.side, NEW.type, NEW.time_in_force, NEW.product,
      NEW.submitted_at, NEW.created_at, NEW.reservation_id, NEW.replaces_order_id)
     OR (OLD.quantity, OLD.limit_price, OLD.stop_price, OLD.filled_quantity, OLD.split_filled_quantity, OLD.filled_value, OLD.fees,
         OLD.average_fill_price, OLD.reserve_price, OLD.last_fill_id, OLD.expires_at, OLD.triggered_at)
        IS DISTINCT FROM
        (NEW.quantity, NEW.limit_price, NEW.stop_price, NEW.filled_quantity, NEW.split_filled_quantity, NEW.filled_value, NEW.fees,
         NEW.average_fill_price, NEW.reserve_price, NEW.last_fill_id, NEW.expires_at, NEW.triggered_at)
        AND current_setting('bourse.procedure', true) IS DISTINCT FROM 'orders' THEN
    RAISE EXCEPTION 'the terms and fills of order % are not changed by hand', OLD.order_id
      USING ERRCODE = 'TR207', DETAIL = 'Only its status may be updated directly.', HINT = 'Use trading.replace_order(...) or trading.record_fill(...).';
  END IF;

  NEW.version := OLD.version + 1;
  NEW.updated_at := CASE WHEN NEW.updated_at = OLD.updated_at AND NEW.status <> OLD.status AND current_setting('bourse.procedure', true) IS DISTINCT FROM 'orders'
                         THEN greatest(now(), OLD.updated_at) ELSE NEW.updated_at END;
  v_open_before := OLD.quantity - OLD.filled_quantity;
  IF NEW.status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced') THEN
    NEW.closed_at := NEW.updated_at;
    v_open_after := 0;
    IF NEW.reservation_id IS NOT NULL THEN
      PERFORM ledger.release(NEW.portfolio_id, NEW.reservation_id, 0, NEW.updated_at);
    END IF;
  ELSE
    v_open_after := NEW.quantity - NEW.filled_quantity;
  END IF;
  IF v_open_after <> v_open_before THEN
    UPDATE trading.positions
       SET open_buy_quantity  = open_buy_quantity  + CASE NEW.side WHEN 'buy'  THEN v_open_after - v_open_before ELSE 0 END,
           open_sell_quantity = open_sell_quantity + CASE NEW.side WHEN 'sell' THEN v_open_after - v_open_before ELSE 0 END
     WHERE portfolio_id = NEW.portfolio_id AND instrument_id = NEW.instrument_id;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__guard() IS
  'Refuses every move that trading.order_transitions does not list and every change of terms by hand; frees the cash and the quantity of an order that closes.';
CREATE OR REPLACE TRIGGER trigger_guard_order BEFORE UPDATE OR DELETE ON trading.orders
  FOR EACH ROW EXECUTE FUNCTION trading.tg_orders__guard();
COMMENT ON TRIGGER trigger_guard_order ON trading.orders IS 'The state machine of an order, also against a careless superuser.';
