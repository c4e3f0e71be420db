-- BEFORE INSERT on trading.orders: whoever inserts meets the same checks
-- locks ledger.books; writes ledger.*, trading.positions, risk.breaches; errors TR101, TR201-TR205, TR211, TR212; refusals of trading.judge_order
CREATE OR REPLACE FUNCTION trading.tg_orders__validate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_position   trading.positions;
  v_before     numeric := 0;
BEGIN
  PERFORM ledger.lock_book(NEW.portfolio_id);
  NEW.submitted_at := coalesce(NEW.submitted_at, now());
  NEW.updated_at := NEW.submitted_at;
  NEW.created_at := clock_timestamp();
  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.portfolio_id = NEW.portfolio_id;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = NEW.instrument_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown instrument %', coalesce(NEW.instrument_id::text, 'NULL')
      USING ERRCODE = 'TR101', DETAIL = 'No instrument has this identifier.', HINT = 'market.instrument_id(symbol) finds it.';
  END IF;
  -- Known or not comes first: what was sound when it was first submitted may be past its expiry or off a new grid when it comes again.
  IF EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = NEW.portfolio_id AND o.client_order_id = NEW.client_order_id) AND trading.is_known_order(NEW) THEN
    RETURN NULL;  -- submitted before on the same terms: the first order stands, unchanged
  END IF;
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = NEW.portfolio_id AND p.instrument_id = NEW.instrument_id;
  IF NOT FOUND THEN
    v_position.quantity := 0;
    v_position.open_buy_quantity := 0;
    v_position.open_sell_quantity := 0;
  END IF;
  PERFORM trading.check_order_terms(NEW, v_instrument, v_position.quantity);
  UPDATE ledger.books SET next_order_id = next_order_id + 1 WHERE portfolio_id = NEW.portfolio_id RETURNING next_order_id - 1 INTO NEW.order_id;
  IF NEW.time_in_force = 'day' THEN
    NEW.expires_at := coalesce(market.session_close(v_instrument.exchange_id, NEW.submitted_at), NEW.submitted_at + interval '1 day');
  ELSIF NEW.time_in_force IN ('at_open', 'at_close') THEN
    NEW.active_at := CASE NEW.time_in_force WHEN 'at_open' THEN market.session_open(v_instrument.exchange_id, NEW.submitted_at)
                                            ELSE market.session_close(v_instrument.exchange_id, NEW.submitted_at) END;
    NEW.expires_at := NEW.active_at + interval '1 hour';
  END IF;
  IF NEW.oco_group_id = 0 THEN
    NEW.oco_group_id := NEW.order_id;
  END IF;

  IF NEW.parent_order_id IS NOT NULL THEN
    -- A child lives by its parent's fills.
    NEW.planned_quantity := NEW.quantity;
    NEW.quantity := trading.child_quantity(NEW, v_instrument.lot_size);
    IF NEW.quantity = 0 THEN
      NEW.quantity := NEW.planned_quantity;
      NEW.status := 'held';
      RETURN NEW;
    END IF;
  END IF;
  IF NOT NEW.reduce_only AND trading.needs_approval(NEW, v_portfolio)
     AND NOT risk.reduces_position(NEW.side, NEW.quantity, v_position.quantity, v_position.open_buy_quantity, v_position.open_sell_quantity) THEN
    NEW.status := 'pending_approval';
    RETURN NEW;
  END IF;

  IF NEW.oco_group_id IS NOT NULL THEN
    v_before := trading.group_open(NEW.portfolio_id, NEW.oco_group_id, NEW.order_id, NEW.oco_leg, 0);
  END IF;
  NEW := trading.judge_order(NEW, v_portfolio, v_instrument, v_position);
  IF NEW.status = 'rejected' THEN
    NEW.closed_at := NEW.submitted_at;
    RETURN NEW;
  END IF;
  PERFORM trading.promise_quantity(NEW.portfolio_id, NEW.instrument_id, NEW.side, trading.promised(NEW) - v_before, NEW.submitted_at);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__validate() IS
  'Validates a new order and decides: accepted, or rejected with code and figures (trading.judge_order); held until its parent fills; waiting for approval.';
CREATE OR REPLACE TRIGGER trigger_validate_order BEFORE INSERT ON trading.orders
  FOR EACH ROW WHEN (NOT trading.in_bulk()) EXECUTE FUNCTION trading.tg_orders__validate();
COMMENT ON TRIGGER trigger_validate_order ON trading.orders IS 'Every order passes here, also one that psql inserts.';
REVOKE ALL ON FUNCTION trading.tg_orders__validate() FROM PUBLIC;
