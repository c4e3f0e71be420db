-- locks ledger.books; writes trading.fills, trading.orders, trading.positions, ledger.*; errors TR205, TR209, TR219; refusals TR208, TR210, TR401
CREATE OR REPLACE FUNCTION trading.apply_fill(
  p_portfolio_id int, p_order_id bigint, p_quantity numeric, p_price numeric, p_broker text, p_execution_id text, p_fee numeric, p_at timestamptz,
  OUT fill_id bigint, OUT fee numeric, OUT code text, OUT reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'orders'
AS $$
DECLARE
  v_known      trading.fills;
  v_order      trading.orders;
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_value      numeric;
  v_fee        numeric;
  v_quantity   numeric := round(p_quantity, 8);
  v_price      numeric := round(p_price, 8);
  v_free       numeric;
BEGIN
  PERFORM ledger.lock_book(p_portfolio_id);
  v_order := trading.find_order(p_portfolio_id, p_order_id, NULL);
  IF (v_quantity > 0 AND v_quantity < 1e10 AND v_price > 0 AND v_price < 1e10 AND coalesce(p_fee, 0) >= 0 AND coalesce(p_fee, 0) < 1e20
      AND isfinite(p_at) AND p_broker <> '' AND p_execution_id <> '') IS NOT TRUE THEN
    RAISE EXCEPTION 'a fill needs a positive quantity and price, a time, a broker and an execution_id'
      USING ERRCODE = 'TR219', DETAIL = format('quantity %s, price %s, fee %s, at %s, broker %L.', p_quantity, p_price, p_fee, p_at, p_broker), HINT = 'Send what the broker reported.';
  END IF;
  SELECT * INTO v_known FROM trading.fills AS f WHERE f.broker = p_broker AND f.execution_id = p_execution_id;
  IF FOUND THEN
    IF (v_known.portfolio_id, v_known.order_id, v_known.quantity, v_known.price) IS DISTINCT FROM (p_portfolio_id, p_order_id, v_quantity, v_price)
       OR p_fee IS NOT NULL AND v_known.fee <> round(p_fee, 8) THEN
      RAISE EXCEPTION 'execution_id "%" was used for another fill', p_execution_id
        USING ERRCODE = 'TR209', DETAIL = format('Fill %s of order %s: %s at %s.', v_known.fill_id, v_known.order_id, trim_scale(v_known.quantity), trim_scale(v_known.price)),
              HINT = 'An execution counts once.';
    END IF;
    fill_id := v_known.fill_id;
    fee := v_known.fee;
    RETURN;
  END IF;
  IF v_order.closed_at IS NOT NULL THEN
    code := 'TR210';
    reason := format('the order is %s', v_order.status);
    RETURN;
  ELSIF v_quantity > v_order.quantity - v_order.filled_quantity THEN
    code := 'TR208';
    reason := format('%s are open, the fill is of %s', trim_scale(v_order.quantity - v_order.filled_quantity), trim_scale(v_quantity));
    RETURN;
  END IF;

  SELECT * INTO v_portfolio FROM trading.portfolios AS p WHERE p.portfolio_id = p_portfolio_id;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_order.instrument_id;
  v_value := round(v_quantity * v_price * v_instrument.multiplier, 8);
  v_fee := coalesce(round(p_fee, 8),
    greatest(trading.order_fee(v_portfolio.fee_schedule, v_order.submitted_at, v_order.filled_quantity + v_quantity, v_order.filled_value + v_value) - v_order.fees, 0));
  v_order.filled_quantity := v_order.filled_quantity + v_quantity;
  v_order.filled_value := v_order.filled_value + v_value;
  v_order.fees := v_order.fees + v_fee;

  -- A market order can cost more than was reserved; what is missing must be there.
  v_free := ledger.available(p_portfolio_id, v_instrument.currency)
            + CASE v_order.side WHEN 'sell' THEN v_value
                   ELSE coalesce((SELECT r.remaining - trading.order_cost(v_order, v_portfolio.fee_schedule, v_instrument.multiplier) FROM ledger.reservations AS r
                                   WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = v_order.reservation_id), 0) END;
  IF v_free < (v_fee + CASE v_order.side WHEN 'buy' THEN v_value ELSE 0 END) THEN
    code := 'TR401';
    reason := format('%s %s are available, the fill costs %s', trim_scale(v_free), v_instrument.currency, trim_scale(v_fee + v_value));
    RETURN;
  END IF;

  UPDATE ledger.books SET next_fill_id = next_fill_id + 1 WHERE portfolio_id = p_portfolio_id RETURNING next_fill_id - 1 INTO v_order.last_fill_id;
  PERFORM ledger.settle_fill(p_portfolio_id, v_instrument.currency, v_order.side = 'buy', v_value, v_fee, v_order.reservation_id,
                             trading.order_cost(v_order, v_portfolio.fee_schedule, v_instrument.multiplier), p_order_id, v_order.last_fill_id, p_at);
  UPDATE trading.orders
     SET status = CASE WHEN v_order.filled_quantity = quantity THEN 'filled' ELSE 'partially_filled' END::trading.order_status,
         filled_quantity = v_order.filled_quantity, filled_value = v_order.filled_value, fees = v_order.fees, last_fill_id = v_order.last_fill_id,
         average_fill_price = round(v_order.filled_value / (v_order.filled_quantity * v_instrument.multiplier), 8), updated_at = greatest(p_at, updated_at)
   WHERE portfolio_id = p_portfolio_id AND order_id = p_order_id;
  -- The position last: its trigger values the portfolio when order and cash already agree.
  INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, realised_pnl, broker, execution_id, at)
  VALUES (p_portfolio_id, v_order.last_fill_id, p_order_id, v_order.instrument_id, v_order.side, v_quantity, v_price, v_value, v_fee,
          trading.apply_to_position(p_portfolio_id, v_order.instrument_id, v_order.side, v_quantity, v_value, v_fee, p_at), p_broker, p_execution_id, p_at);
  fill_id := v_order.last_fill_id;
  fee := v_fee;
END
$$;
COMMENT ON FUNCTION trading.apply_fill(int, bigint, numeric, numeric, text, text, numeric, timestamptz) IS
  'Books one execution: fill, order, position and ledger together. A known execution_id answers the first fill; a fill that the order or the cash cannot take is not booked and code says why. p_fee NULL: by the portfolio''s schedule. Errors TR205, TR209, TR219.';
REVOKE ALL ON FUNCTION trading.apply_fill(int, bigint, numeric, numeric, text, text, numeric, timestamptz) FROM PUBLIC;
