-- reads what internal.judge_order reads; errors TR101, TR201-TR203, TR212
CREATE OR REPLACE FUNCTION internal.decide_order(
  p_order trading.orders, p_facts internal.order_facts, p_stop_loss numeric DEFAULT NULL, p_explain boolean DEFAULT false)
RETURNS internal.order_decision
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order      trading.orders := p_order;
  v_facts      internal.order_facts := p_facts;
  v_instrument market.instruments := p_facts.instrument;
  v_position   trading.positions := p_facts.position;
  v_decision   internal.order_decision;
BEGIN
  IF v_instrument.instrument_id IS NULL THEN
    RAISE EXCEPTION 'unknown instrument %', coalesce(v_order.instrument_id::text, 'NULL')
      USING ERRCODE = 'TR101', DETAIL = 'No instrument has this identifier.', HINT = 'market.instrument_id(symbol) finds it.';
  END IF;
  IF v_position.portfolio_id IS NULL THEN
    v_position.quantity := 0;
    v_position.open_buy_quantity := 0;
    v_position.open_sell_quantity := 0;
    v_facts.position := v_position;
  END IF;
  PERFORM trading.check_order_terms(v_order, v_instrument, v_position.quantity);
  v_order.order_id := p_facts.next_order_id;
  v_order.updated_at := v_order.submitted_at;
  IF v_order.time_in_force = 'day' THEN
    v_order.expires_at := coalesce(market.session_close(v_instrument.exchange_id, v_order.submitted_at), v_order.submitted_at + interval '1 day');
  ELSIF v_order.time_in_force IN ('at_open', 'at_close') THEN
    v_order.active_at := CASE v_order.time_in_force WHEN 'at_open' THEN market.session_open(v_instrument.exchange_id, v_order.submitted_at)
                                                    ELSE market.session_close(v_instrument.exchange_id, v_order.submitted_at) END;
    v_order.expires_at := v_order.active_at + interval '1 hour';
  END IF;
  IF v_order.oco_group_id = 0 THEN
    v_order.oco_group_id := v_order.order_id;
  END IF;

  IF v_order.parent_order_id IS NOT NULL THEN
    -- A child lives by its parent's fills.
    v_order.planned_quantity := v_order.quantity;
    v_order.quantity := trading.child_quantity(v_order, v_instrument.lot_size);
    IF v_order.quantity = 0 THEN
      v_order.quantity := v_order.planned_quantity;
      v_order.status := 'held';
    END IF;
  END IF;
  IF v_order.status = 'new' AND p_facts.needs_approval AND NOT v_order.reduce_only
     AND NOT risk.reduces_position(v_order.side, v_order.quantity, v_position.quantity, v_position.open_buy_quantity,
                                   v_position.open_sell_quantity) THEN
    v_order.status := 'pending_approval';
  END IF;
  IF v_order.status = 'new' OR p_explain THEN
    v_decision := internal.judge_order(v_order, v_facts, p_stop_loss, p_explain);
    v_order := v_decision.order_row;
    IF v_order.status = 'rejected' THEN
      v_order.closed_at := v_order.submitted_at;
    END IF;
  END IF;
  v_decision.order_row := v_order;
  RETURN v_decision;
END
$$;
COMMENT ON FUNCTION internal.decide_order(trading.orders, internal.order_facts, numeric, boolean) IS
  'What the row of a new order will be, what it reserves and keeps, and which rules it breaks: held while its parent has not filled, pending_approval while it waits for a second person, otherwise as internal.judge_order says. Nothing is written. Errors TR101, TR201 to TR203, TR212.';
