-- BEFORE UPDATE on trading.orders but by a fill; locks ledger.portfolio_clocks; writes ledger.*, trading.positions;
-- errors TR206, TR207
CREATE OR REPLACE FUNCTION internal.tg_orders__guard()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_is_bust boolean;
  v_delta   numeric;
BEGIN
  -- internal.amend_fill writes with a bust what it does to money and position.
  v_is_bust := NEW.last_fill_id IS DISTINCT FROM OLD.last_fill_id;
  -- A closed order changes no more, but for fills that the exchange takes back.
  IF OLD.closed_at IS NOT NULL AND NOT (v_is_bust AND NEW.status = OLD.status)
     OR OLD.status <> NEW.status
        AND NOT EXISTS (SELECT FROM trading.order_transitions AS t WHERE t.from_status = OLD.status
                           AND t.to_status = NEW.status) THEN
    RAISE EXCEPTION 'order % cannot go from % to %', OLD.order_id, OLD.status, NEW.status
      USING ERRCODE = 'TR206', DETAIL = format('It has been %s since %s.', OLD.status, OLD.updated_at),
            HINT = 'trading.order_transitions lists the moves; a closed order never changes.';
  END IF;
  IF (OLD.portfolio_id, OLD.order_id, OLD.client_order_id, OLD.instrument_id, OLD.agent_id, OLD.side, OLD.type,
      OLD.time_in_force, OLD.product, OLD.submitted_at, OLD.created_at, OLD.submitted_by, OLD.replaces_order_id,
      OLD.reduce_only, OLD.post_only, OLD.oco_group_id, OLD.oco_leg)
     IS DISTINCT FROM
     (NEW.portfolio_id, NEW.order_id, NEW.client_order_id, NEW.instrument_id, NEW.agent_id, NEW.side, NEW.type,
      NEW.time_in_force, NEW.product, NEW.submitted_at, NEW.created_at, NEW.submitted_by, NEW.replaces_order_id,
      NEW.reduce_only, NEW.post_only, NEW.oco_group_id, NEW.oco_leg)
     -- Fills are facts: they come with a row of trading.fills, or a split restates them.
     OR NOT v_is_bust
    AND (NEW.filled_value, NEW.fees, NEW.maker_value) IS DISTINCT FROM (OLD.filled_value, OLD.fees, OLD.maker_value)
     -- An order that waits for a second person comes to life by an approval, which decides about it.
     OR OLD.status = 'pending_approval' AND NEW.status IN ('accepted', 'pending_submit') AND NEW.approved_by IS NULL
  THEN
    RAISE EXCEPTION 'the terms and fills of order % are not changed by hand', OLD.order_id
      USING ERRCODE = 'TR207',
            DETAIL = 'What an order is, and what of it has filled, follows from what was submitted and reported.',
            HINT = 'Use trading.replace_order(...), trading.approve_order(...) or trading.record_fill(...).';
  END IF;

  -- Where a trailing stop stands is not news: it keeps its version, and tg_orders__record is silent.
  IF NEW.type = 'trailing_stop' AND NEW.stop_price <> OLD.stop_price
     AND (NEW.status, NEW.quantity, NEW.filled_quantity, NEW.triggered_at)
         IS NOT DISTINCT FROM (OLD.status, OLD.quantity, OLD.filled_quantity, OLD.triggered_at) THEN
    RETURN NEW;
  END IF;
  NEW.version := OLD.version + 1;
  IF NEW.status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced') THEN
    NEW.closed_at := coalesce(OLD.closed_at, NEW.updated_at);
    NEW.reserved := 0;
  END IF;
  IF v_is_bust THEN
    RETURN NEW;
  END IF;
  -- Money and quantity follow the row.
  IF NEW.reserved <> OLD.reserved OR OLD.status <> NEW.status OR OLD.quantity <> NEW.quantity
     OR OLD.filled_quantity <> NEW.filled_quantity THEN
    PERFORM internal.lock_portfolio(OLD.portfolio_id);
    IF NEW.reserved < OLD.reserved THEN
      PERFORM internal.release_reservation(OLD, OLD.reserved - NEW.reserved, NEW.updated_at);
    ELSIF NEW.reserved > OLD.reserved THEN
      IF OLD.reserved > 0 THEN
        PERFORM internal.release_reservation(OLD, OLD.reserved, NEW.updated_at);
      END IF;
      NEW.reservation_id := internal.reserve(NEW, NEW.updated_at);
    END IF;
    v_delta := internal.open_quantity(NEW) - internal.open_quantity(OLD);
    IF v_delta <> 0 THEN
      PERFORM internal.keep_open_quantity(NEW.portfolio_id, NEW.instrument_id, NEW.side, v_delta, NEW.updated_at);
    END IF;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION internal.tg_orders__guard() IS
  'Refuses every move that trading.order_transitions does not list and every change of what an order is; reserves and '
  'frees its cash and its quantity as the row says.';
CREATE OR REPLACE TRIGGER trigger_guard_order BEFORE UPDATE ON trading.orders
  FOR EACH ROW WHEN (NEW.last_fill_id IS NOT DISTINCT FROM OLD.last_fill_id
                     OR NEW.filled_quantity <= OLD.filled_quantity)
  EXECUTE FUNCTION internal.tg_orders__guard();
COMMENT ON TRIGGER trigger_guard_order ON trading.orders IS
  'The state machine of an order, also against a careless superuser.';
REVOKE ALL ON FUNCTION internal.tg_orders__guard() FROM PUBLIC;
