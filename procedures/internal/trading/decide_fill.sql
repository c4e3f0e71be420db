-- reads trading.lots, trading.orders, trading.fee_schedules; errors TR205, TR209, TR219; refusals TR208, TR210, TR220, TR401
CREATE OR REPLACE FUNCTION internal.decide_fill(p_report internal.fill_report, p_facts internal.fill_facts)
RETURNS internal.fill_decision
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_decision   internal.fill_decision;
  v_order      trading.orders := p_facts.order_row;
  v_instrument market.instruments := p_facts.instrument;
  v_position   trading.positions := p_facts.position;
  v_fill       trading.fills;
  v_lot        trading.lots;
  v_closure    trading.lot_closures;
  v_move       trading.position_move;
  v_lines      numeric[];     -- what this fill pays, by component of the fee
  v_line       numeric;
  v_signed     numeric;
  v_kept       numeric;       -- less of what the position keeps for the order
  v_reserved   numeric;       -- what the order still reserves then
BEGIN
  IF v_order.order_id IS NULL THEN
    v_order := trading.find_order(p_report.portfolio_id, p_report.order_id, p_report.client_order_id);  -- says so
  END IF;
  v_fill.portfolio_id := p_report.portfolio_id;
  v_fill.order_id := v_order.order_id;
  v_fill.quantity := round(p_report.quantity, 8);
  v_fill.price := round(p_report.price, 8);
  v_fill.broker := coalesce(p_report.broker, (p_facts.portfolio).broker);
  IF (v_fill.quantity > 0 AND v_fill.quantity < 1e10 AND v_fill.price > 0 AND v_fill.price < 1e10
      AND coalesce(p_report.fee, 0) >= 0 AND coalesce(p_report.fee, 0) < 1e20
      AND isfinite(p_report.at) AND v_fill.broker <> '' AND p_report.execution_id <> '') IS NOT TRUE THEN
    RAISE EXCEPTION 'a fill needs a positive quantity and price, a time, a broker and an execution_id'
      USING ERRCODE = 'TR219', DETAIL = format('quantity %s, price %s, fee %s, at %s, broker %L.', p_report.quantity, p_report.price, p_report.fee,
                                               p_report.at, v_fill.broker), HINT = 'Send what the broker reported.';
  END IF;
  IF (p_facts.known).fill_id IS NOT NULL THEN
    IF ((p_facts.known).order_id, (p_facts.known).quantity, (p_facts.known).price) IS DISTINCT FROM (v_fill.order_id, v_fill.quantity, v_fill.price)
       OR p_report.fee IS NOT NULL AND (p_facts.known).fee <> round(p_report.fee, 8) THEN
      RAISE EXCEPTION 'execution_id "%" was used for another fill', p_report.execution_id
        USING ERRCODE = 'TR209', DETAIL = format('Fill %s of order %s: %s at %s.', (p_facts.known).fill_id, (p_facts.known).order_id,
                                                 trim_scale((p_facts.known).quantity), trim_scale((p_facts.known).price)),
              HINT = 'An execution counts once.';
    END IF;
    v_decision.fill := p_facts.known;
    v_decision.order_row := v_order;
    v_decision.position := v_position;
    v_decision.is_known := true;
    RETURN v_decision;
  END IF;
  v_fill.fill_id := p_facts.next_fill_id;
  v_fill.instrument_id := v_order.instrument_id;
  v_fill.side := v_order.side;
  v_fill.value := round(v_fill.quantity * v_fill.price * v_instrument.multiplier, 8);
  v_fill.liquidity := coalesce(p_report.liquidity, 'taker');
    v_fill.execution_id := p_report.execution_id;
  v_fill.at := p_report.at;
  v_decision.order_row := v_order;
  v_decision.position := v_position;
  v_decision.is_known := false;
  IF v_order.closed_at IS NOT NULL OR v_order.status IN ('held', 'pending_approval') THEN
    v_decision.code := 'TR210';
    v_decision.reason := format('the order is %s', v_order.status);
    RETURN v_decision;
  ELSIF v_fill.quantity > v_order.quantity - v_order.filled_quantity THEN
    v_decision.code := 'TR208';
    v_decision.reason := format('%s are open, the fill is of %s', trim_scale(v_order.quantity - v_order.filled_quantity), trim_scale(v_fill.quantity));
    RETURN v_decision;
  ELSIF v_order.reduce_only
        AND v_fill.quantity > greatest(CASE v_order.side WHEN 'sell' THEN v_position.quantity ELSE -v_position.quantity END, 0) THEN
    v_decision.code := 'TR220';
    v_decision.reason := format('%s are held, the fill of an order that may only reduce is of %s', trim_scale(v_position.quantity),
                                trim_scale(v_fill.quantity));
    RETURN v_decision;
  END IF;

  v_kept := v_fill.quantity;
  IF v_order.oco_group_id IS NOT NULL THEN
    v_kept := trading.promised(v_order);
  END IF;
  v_order.filled_quantity := v_order.filled_quantity + v_fill.quantity;
  v_order.filled_value := v_order.filled_value + v_fill.value;
  v_order.maker_value := v_order.maker_value + CASE v_fill.liquidity WHEN 'maker' THEN v_fill.value ELSE 0 END;
  v_lines := trading.fill_fees(v_order, (p_facts.portfolio).fee_schedule, p_report.fee);
  v_fill.fee := 0;
  FOREACH v_line IN ARRAY v_lines LOOP
    v_fill.fee := v_fill.fee + v_line;
  END LOOP;
  v_order.fees := v_order.fees + v_fill.fee;
  v_order.fee_lines := trading.add_lines(v_order.fee_lines, v_lines);
  v_order.status := CASE WHEN v_order.filled_quantity = v_order.quantity THEN 'filled' ELSE 'partially_filled' END::trading.order_status;
  v_move := trading.move_position(v_position, v_order.side, v_fill.quantity, v_fill.value, v_instrument);

  -- A market order can cost more than was reserved; what is missing must be there.
  v_reserved := CASE WHEN v_order.reserved = 0 OR v_order.status = 'filled' THEN 0
                     ELSE least(trading.order_need(v_order, (p_facts.portfolio).fee_schedule, v_instrument), v_order.reserved) END;
  v_decision.available := p_facts.available + v_order.reserved - v_reserved + v_move.cash - v_fill.fee;
  IF v_decision.available < 0 THEN
    v_decision.code := 'TR401';
    v_decision.reason := format('%s %s are available, the fill costs %s', trim_scale(p_facts.available + v_order.reserved - v_reserved),
                                v_instrument.currency, trim_scale(v_fill.fee - v_move.cash));
    RETURN v_decision;
  END IF;
  v_decision.movements := internal.fill_movements(v_fill, v_instrument.currency, p_facts.accounts,
    v_move.debits || array_fill('cash'::ledger.account_kind, ARRAY[cardinality(v_lines)]),
    v_move.credits || array_fill('fees'::ledger.account_kind, ARRAY[cardinality(v_lines)]), v_move.amounts || v_lines,
    v_move.kinds || array_fill('fee'::ledger.transfer_kind, ARRAY[cardinality(v_lines)]),
    array_fill(NULL::text, ARRAY[cardinality(v_move.amounts)]) || (enum_range(NULL::trading.fee_component)::text[])[:cardinality(v_lines)],
    p_facts.next_transfer_id, v_order.reservation_id,
    CASE WHEN v_order.side = 'sell' OR v_instrument.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind,
    v_order.reserved - v_reserved);
  v_order.reserved := v_reserved;
  v_order.last_fill_id := v_fill.fill_id;
  v_order.average_fill_price := round(v_order.filled_value / (v_order.filled_quantity * v_instrument.multiplier), 8);
  v_order.updated_at := greatest(p_report.at, v_order.updated_at);
  v_order.version := v_order.version + 1;
  IF v_order.status = 'filled' THEN
    v_order.closed_at := v_order.updated_at;
  END IF;
  IF v_order.oco_group_id IS NOT NULL THEN
    v_kept := v_kept - trading.promised(v_order);
  END IF;

  -- Average cost and lots, first in first out, are both kept.
  v_signed := CASE v_order.side WHEN 'buy' THEN 1 ELSE -1 END;
  IF v_move.closed > 0 THEN
    v_decision.closures := internal.find_closures(v_fill.portfolio_id, v_fill.instrument_id, v_move.closed, v_move.closed_value, v_fill.fill_id, v_fill.at);
    FOREACH v_closure IN ARRAY v_decision.closures LOOP
      v_move.fifo_pnl := v_move.fifo_pnl + v_closure.value - v_closure.cost;
    END LOOP;
  END IF;
  IF v_fill.quantity > v_move.closed THEN
    v_lot.portfolio_id := v_fill.portfolio_id;
    v_lot.fill_id := v_fill.fill_id;
    v_lot.instrument_id := v_fill.instrument_id;
    v_lot.opened_at := v_fill.at;
    v_lot.quantity := v_signed * (v_fill.quantity - v_move.closed);
    v_lot.cost := v_signed * (v_fill.value - v_move.closed_value);
    v_decision.lot := v_lot;
  END IF;
  v_fill.realised_pnl := v_move.realised;
  v_fill.fifo_pnl := v_move.fifo_pnl;
  v_fill.closed_quantity := v_move.closed;
  v_position.quantity := v_position.quantity + v_signed * v_fill.quantity;
  v_position.cost := v_position.cost + v_move.cost;
  v_position.realised_pnl := v_position.realised_pnl + v_move.realised;
  v_position.fifo_pnl := v_position.fifo_pnl + v_move.fifo_pnl;
  v_position.fees := v_position.fees + v_fill.fee;
  v_position.margin := v_position.margin + v_move.margin;
  IF v_order.side = 'buy' THEN
    v_position.open_buy_quantity := v_position.open_buy_quantity - v_kept;
  ELSE
    v_position.open_sell_quantity := v_position.open_sell_quantity - v_kept;
  END IF;
  v_position.market_value := internal.position_value(v_position.quantity, v_position.cost, v_position.multiplier, v_position.is_future,
                                                     p_facts.last_price);
  v_position.intraday_quantity := trading.intraday_part(
    v_position.intraday_quantity + CASE v_order.product WHEN 'intraday' THEN v_signed * v_fill.quantity ELSE 0 END, v_position.quantity);
  v_position.updated_at := greatest(p_report.at, v_position.updated_at);
  v_decision.fill := v_fill;
  v_decision.order_row := v_order;
  v_decision.position := v_position;
  RETURN v_decision;
END
$$;
COMMENT ON FUNCTION internal.decide_fill(internal.fill_report, internal.fill_facts) IS
  'What becomes of an execution: fill, order, position, lots and ledger after it; or why its order or the cash cannot take it (code, reason). A known execution_id answers the first fill. Nothing is written. Errors TR205, TR209, TR219.';
