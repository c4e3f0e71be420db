-- BEFORE INSERT on trading.orders: whoever inserts meets the same checks
-- locks ledger.books; writes ledger.*, trading.positions, risk.breaches; errors TR101, TR201-TR204, TR211, TR212; refusals TR105, TR107, TR301-TR304, TR401, TR402
CREATE OR REPLACE FUNCTION trading.tg_orders__validate()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_position   trading.positions;
  v_verdict    record;
  v_reference  numeric;
  v_value      numeric;
  v_cost       numeric;
  v_free       numeric;
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
  IF trading.is_known_order(NEW) THEN
    RETURN NULL;  -- submitted before on the same terms: the first order stands, unchanged
  END IF;
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = NEW.portfolio_id AND p.instrument_id = NEW.instrument_id;
  IF NOT FOUND THEN
    v_position.quantity := 0;
    v_position.open_buy_quantity := 0;
    v_position.open_sell_quantity := 0;
  END IF;
  PERFORM trading.check_order_terms(NEW, v_instrument, v_position.quantity);

  IF NEW.time_in_force = 'day' THEN
    NEW.expires_at := coalesce(market.session_close(v_instrument.exchange_id, NEW.submitted_at), NEW.submitted_at + interval '1 day');
  END IF;
  UPDATE ledger.books SET next_order_id = next_order_id + 1 WHERE portfolio_id = NEW.portfolio_id RETURNING next_order_id - 1 INTO NEW.order_id;

  -- The price at which the order is judged: its own, or else the last one plus what a market buy may lose on the way.
  v_reference := coalesce(NEW.limit_price, NEW.stop_price, (SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = NEW.instrument_id));
  IF NEW.side = 'buy' THEN
    NEW.reserve_price := round(CASE WHEN NEW.limit_price IS NOT NULL THEN NEW.limit_price ELSE v_reference * (1 + v_portfolio.market_order_buffer) END, 8);
  END IF;
  v_value := round(NEW.quantity * v_reference * v_instrument.multiplier, 8);
  v_cost := trading.order_cost(NEW, v_portfolio.fee_schedule, v_instrument.multiplier);

  IF NOT v_instrument.is_active
     OR NEW.submitted_at >= market.day_start(v_instrument.exchange_id, v_instrument.expires_on + 1) THEN
    NEW.reason_code := 'TR107';
    NEW.reason := format('%s takes no new orders', v_instrument.symbol);
  ELSIF v_reference IS NULL
        AND NOT risk.reduces_position(NEW.side, NEW.quantity, v_position.quantity, v_position.open_buy_quantity, v_position.open_sell_quantity) THEN
    NEW.reason_code := 'TR105';
    NEW.reason := format('no price of %s is known', v_instrument.symbol);
  ELSE
    SELECT * INTO v_verdict FROM risk.check_order(NEW, v_value, v_position.quantity, v_position.open_buy_quantity, v_position.open_sell_quantity,
                                                  v_reference * v_instrument.multiplier);
    IF v_verdict.code IS NOT NULL THEN
      NEW.reason_code := v_verdict.code;
      NEW.reason := v_verdict.reason;
      INSERT INTO risk.breaches (portfolio_id, order_id, code, limit_id, figure, bound, at)
      VALUES (NEW.portfolio_id, NEW.order_id, v_verdict.code, v_verdict.limit_id, v_verdict.figure, v_verdict.bound, NEW.submitted_at);
    ELSIF NEW.side = 'sell' THEN
      IF NEW.quantity > v_position.quantity - v_position.open_sell_quantity THEN
        NEW.reason_code := 'TR402';
        NEW.reason := format('%s %s are held, %s of them promised to open sells, %s are to be sold', trim_scale(v_position.quantity),
          v_instrument.symbol, trim_scale(v_position.open_sell_quantity), trim_scale(NEW.quantity));
      END IF;
    ELSE
      v_free := coalesce(ledger.available(NEW.portfolio_id, v_instrument.currency), 0);
      IF (v_cost < 1e20 AND v_cost <= v_free) IS NOT TRUE THEN
        NEW.reason_code := 'TR401';
        NEW.reason := format('%s %s are available, %s are needed', trim_scale(v_free), v_instrument.currency, trim_scale(v_cost));
      END IF;
    END IF;
  END IF;

  IF NEW.reason_code IS NOT NULL THEN
    NEW.status := 'rejected';
    NEW.closed_at := NEW.submitted_at;
    RETURN NEW;
  END IF;
  NEW.status := 'accepted';
  IF NEW.side = 'buy' THEN
    NEW.reservation_id := ledger.reserve(NEW.portfolio_id, v_instrument.currency, v_cost, NEW.order_id, NEW.submitted_at);
  END IF;
  PERFORM trading.promise_quantity(NEW.portfolio_id, NEW.instrument_id, NEW.side, NEW.quantity, v_instrument.multiplier, NEW.submitted_at);
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION trading.tg_orders__validate() IS
  'Validates a new order, judges it by risk rules, funds and holdings, reserves its cash, and decides: accepted or rejected with code and figures.';
CREATE OR REPLACE TRIGGER trigger_validate_order BEFORE INSERT ON trading.orders
  FOR EACH ROW EXECUTE FUNCTION trading.tg_orders__validate();
COMMENT ON TRIGGER trigger_validate_order ON trading.orders IS 'Every order passes here, also one that psql inserts.';
