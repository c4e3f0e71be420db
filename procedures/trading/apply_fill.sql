-- the caller holds the book's lock; writes trading.fills, trading.orders, trading.positions, trading.lots, ledger.*; errors TR205, TR209, TR219; refusals TR208, TR210, TR401
CREATE OR REPLACE FUNCTION trading.apply_fill(
  p_portfolio_id int, p_order_id bigint, p_quantity numeric, p_price numeric, p_broker text, p_execution_id text, p_fee numeric, p_liquidity trading.liquidity,
  p_at timestamptz,
  OUT fill_id bigint, OUT fee numeric, OUT code text, OUT reason text, OUT links_changed boolean)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'orders'
AS $$
DECLARE
  v_known      trading.fills;
  v_order      trading.orders;
  v_portfolio  trading.portfolios;
  v_instrument market.instruments;
  v_position   trading.positions;
  v_move       trading.position_move;
  v_quantity   numeric := round(p_quantity, 8);
  v_value      numeric;
  v_lines      numeric[];  -- what this fill pays, by component of the fee
  v_keep       numeric; v_free numeric;
BEGIN
  links_changed := false;
  v_order := trading.find_order(p_portfolio_id, p_order_id, NULL);
  IF (v_quantity > 0 AND v_quantity < 1e10 AND round(p_price, 8) > 0 AND p_price < 1e10 AND coalesce(p_fee, 0) >= 0 AND coalesce(p_fee, 0) < 1e20
      AND isfinite(p_at) AND p_broker <> '' AND p_execution_id <> '') IS NOT TRUE THEN
    RAISE EXCEPTION 'a fill needs a positive quantity and price, a time, a broker and an execution_id'
      USING ERRCODE = 'TR219', DETAIL = format('quantity %s, price %s, fee %s, at %s, broker %L.', p_quantity, p_price, p_fee, p_at, p_broker), HINT = 'Send what the broker reported.';
  END IF;
  SELECT * INTO v_known FROM trading.fills AS f WHERE f.portfolio_id = p_portfolio_id AND f.broker = p_broker AND f.execution_id = p_execution_id;
  IF FOUND THEN
    IF (v_known.portfolio_id, v_known.order_id, v_known.quantity, v_known.price) IS DISTINCT FROM (p_portfolio_id, p_order_id, v_quantity, round(p_price, 8))
       OR p_fee IS NOT NULL AND v_known.fee <> round(p_fee, 8) THEN
      RAISE EXCEPTION 'execution_id "%" was used for another fill', p_execution_id
        USING ERRCODE = 'TR209', DETAIL = format('Fill %s of order %s: %s at %s.', v_known.fill_id, v_known.order_id, trim_scale(v_known.quantity), trim_scale(v_known.price)),
              HINT = 'An execution counts once.';
    END IF;
    fill_id := v_known.fill_id;
    fee := v_known.fee;
    RETURN;
  END IF;
  IF v_order.closed_at IS NOT NULL OR v_order.status IN ('held', 'pending_approval') THEN
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
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = v_order.instrument_id;
  v_value := round(v_quantity * round(p_price, 8) * v_instrument.multiplier, 8);
  IF v_order.reduce_only AND v_quantity > greatest(CASE v_order.side WHEN 'sell' THEN v_position.quantity ELSE -v_position.quantity END, 0) THEN
    code := 'TR220';
    reason := format('%s are held, the fill of an order that may only reduce is of %s', trim_scale(v_position.quantity), trim_scale(v_quantity));
    RETURN;
  END IF;
  v_order.filled_quantity := v_order.filled_quantity + v_quantity;
  v_order.filled_value := v_order.filled_value + v_value;
  v_order.maker_value := v_order.maker_value + CASE p_liquidity WHEN 'maker' THEN v_value ELSE 0 END;
  v_lines := trading.fill_fees(v_order, v_portfolio.fee_schedule, p_fee);
  fee := (SELECT coalesce(sum(l), 0) FROM unnest(v_lines) AS l);
  v_order.fees := v_order.fees + fee;
  v_move := trading.move_position(v_position, v_order.side, v_quantity, v_value, v_instrument);

  -- A market order can cost more than was reserved; what is missing must be there.
  v_keep := CASE WHEN v_order.reservation_id IS NULL THEN 0 ELSE trading.order_need(v_order, v_portfolio.fee_schedule, v_instrument) END;
  v_free := ledger.available(p_portfolio_id, v_instrument.currency)
            + CASE WHEN v_order.reservation_id IS NULL THEN 0
                   ELSE coalesce((SELECT greatest(r.remaining - v_keep, 0) FROM ledger.reservations AS r
                                   WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = v_order.reservation_id), 0) END;
  IF v_free + v_move.cash < fee THEN
    code := 'TR401';
    reason := format('%s %s are available, the fill costs %s', trim_scale(v_free), v_instrument.currency, trim_scale(fee - v_move.cash));
    RETURN;
  END IF;

  UPDATE ledger.books SET next_fill_id = next_fill_id + 1 WHERE portfolio_id = p_portfolio_id RETURNING next_fill_id - 1 INTO fill_id;
  PERFORM ledger.settle_fill(p_portfolio_id, v_instrument.currency, v_move.debits || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_lines)]),
                             v_move.credits || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_lines)]), v_move.amounts || v_lines,
                             v_move.kinds || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_lines)]),
                             array_fill(NULL::text, ARRAY[cardinality(v_move.amounts)]) || (enum_range(NULL::trading.fee_component)::text[])[:cardinality(v_lines)],
                             v_order.reservation_id, CASE WHEN v_order.side = 'sell' OR v_instrument.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind,
                             v_keep, p_order_id, fill_id, p_at);
  -- The promise of an order that stands alone shrinks by the fill, in the one UPDATE of the position below.
  PERFORM set_config('bourse.procedure', CASE WHEN v_order.oco_group_id IS NULL THEN 'fill' ELSE 'orders' END, true);
  UPDATE trading.orders
     SET status = CASE WHEN v_order.filled_quantity = quantity THEN 'filled' ELSE 'partially_filled' END::trading.order_status,
         filled_quantity = v_order.filled_quantity, filled_value = v_order.filled_value, maker_value = v_order.maker_value, fees = v_order.fees,
         fee_lines = trading.add_lines(v_order.fee_lines, v_lines), last_fill_id = apply_fill.fill_id,
         average_fill_price = round(v_order.filled_value / (v_order.filled_quantity * v_instrument.multiplier), 8), updated_at = greatest(p_at, updated_at)
   WHERE portfolio_id = p_portfolio_id AND order_id = p_order_id
  RETURNING * INTO v_order;
  PERFORM set_config('bourse.procedure', 'orders', true);
  IF v_move.closed > 0 THEN
    v_move.fifo_pnl := trading.close_lots(p_portfolio_id, v_order.instrument_id, v_move.closed, v_move.closed_value, fill_id, p_at);
  END IF;
  INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, liquidity, realised_pnl, fifo_pnl, closed_quantity,
                             broker, execution_id, at)
  VALUES (p_portfolio_id, apply_fill.fill_id, p_order_id, v_order.instrument_id, v_order.side, v_quantity, round(p_price, 8), v_value, apply_fill.fee,
          coalesce(p_liquidity, 'taker'), v_move.realised, v_move.fifo_pnl, v_move.closed, p_broker, p_execution_id, p_at);
  IF v_quantity > v_move.closed THEN
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    VALUES (p_portfolio_id, apply_fill.fill_id, v_order.instrument_id, p_at, CASE v_order.side WHEN 'buy' THEN 1 ELSE -1 END * (v_quantity - v_move.closed), CASE v_order.side WHEN 'buy' THEN 1 ELSE -1 END * (v_value - v_move.closed_value));
  END IF;
  PERFORM trading.save_position(v_position, v_order.side, v_quantity, v_move, v_order.product, fee, p_at, CASE WHEN v_order.oco_group_id IS NULL THEN v_quantity ELSE 0 END);
  -- Last: others are judged by the position as it is now.
  IF num_nonnulls(v_order.oco_group_id, v_order.parent_order_id) > 0
     OR EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id AND o.parent_order_id = p_order_id)
     OR v_move.closed > 0 AND EXISTS (SELECT FROM trading.orders AS o
                                       WHERE o.portfolio_id = p_portfolio_id AND o.instrument_id = v_order.instrument_id AND o.closed_at IS NULL AND o.reduce_only) THEN
    links_changed := trading.settle_links(v_order, v_quantity, v_portfolio, v_instrument, p_at);
  END IF;
END
$$;
COMMENT ON FUNCTION trading.apply_fill(int, bigint, numeric, numeric, text, text, numeric, trading.liquidity, timestamptz) IS
  'Books one execution: fill, order, position, lots and ledger together, and what it means for linked orders. A known execution_id answers the first fill; a fill that the order or the cash cannot take is not booked and code says why. p_fee NULL: by the portfolio''s schedule. Errors TR205, TR209, TR219.';
REVOKE ALL ON FUNCTION trading.apply_fill(int, bigint, numeric, numeric, text, text, numeric, trading.liquidity, timestamptz) FROM PUBLIC;
