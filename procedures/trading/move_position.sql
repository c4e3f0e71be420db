CREATE OR REPLACE FUNCTION trading.move_position(
  p_position trading.positions, p_side trading.order_side, p_quantity numeric, p_value numeric, p_instrument market.instruments)
RETURNS trading.position_move
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_move      trading.position_move;
  v_sign      numeric := CASE p_side WHEN 'buy' THEN 1 ELSE -1 END;
  v_held      numeric := abs(p_position.quantity);
  v_cost      numeric := 0;  -- of what closes
  v_opened    numeric;       -- value of what opens
  v_released  numeric := 0;  -- margin of what closes
  v_collateral numeric := 0; -- margin of what opens, out of cash
BEGIN
  v_move.closed := 0;
  v_move.closed_value := 0;
  v_move.realised := 0;
  v_move.fifo_pnl := 0;
  IF sign(p_position.quantity) = -v_sign THEN
    v_move.closed := least(v_held, p_quantity);
    v_move.closed_value := CASE WHEN v_move.closed = p_quantity THEN p_value ELSE ledger.prorate(p_value, v_move.closed, p_quantity) END;
    v_cost := CASE WHEN v_move.closed = v_held THEN abs(p_position.cost) ELSE ledger.prorate(abs(p_position.cost), v_move.closed, v_held) END;
    v_released := CASE WHEN v_move.closed = v_held THEN p_position.margin
                       WHEN p_position.margin = 0 THEN 0 ELSE ledger.prorate(p_position.margin, v_move.closed, v_held) END;
    v_move.realised := -v_sign * (v_move.closed_value - v_cost);
  END IF;
  v_opened := p_value - v_move.closed_value;
  v_move.cost := v_sign * (v_cost + v_opened);

  IF p_instrument.kind = 'future' THEN
    -- Nothing is paid: collateral comes and goes, and what closes is settled.
    v_collateral := trading.opening_money(p_side, p_quantity - v_move.closed, v_opened, p_instrument);
    v_move.debits  := ARRAY['margin', 'securities', 'cash', 'cash'];
    v_move.credits := ARRAY['cash', 'cash', 'securities', 'margin'];
    v_move.amounts := ARRAY[v_released, greatest(v_move.realised, 0), greatest(-v_move.realised, 0), v_collateral];
    v_move.kinds   := ARRAY['margin', 'settlement', 'settlement', 'margin'];
    v_move.margin  := v_collateral - v_released;
    v_move.cash    := v_released + v_move.realised - v_collateral;
  ELSIF p_side = 'buy' THEN
    -- What is bought back is paid out of the margin of the short, and out of cash where it costs more; the rest is paid in full.
    v_move.debits  := ARRAY['margin', 'margin', 'cash', 'cash'];
    v_move.credits := ARRAY['securities', 'cash', 'securities', 'securities'];
    v_move.amounts := ARRAY[least(v_move.closed_value, v_released), greatest(v_released - v_move.closed_value, 0), greatest(v_move.closed_value - v_released, 0), v_opened];
    v_move.kinds   := ARRAY['trade', 'margin', 'trade', 'trade'];
    v_move.margin  := -v_released;
    v_move.cash    := v_released - p_value;
  ELSE
    -- The proceeds of a short sale stay in the margin account, with the collateral.
    IF v_opened > 0 THEN
      v_collateral := trading.opening_money(p_side, p_quantity - v_move.closed, v_opened, p_instrument);
    END IF;
    v_move.debits  := ARRAY['securities', 'securities', 'cash'];
    v_move.credits := ARRAY['cash', 'margin', 'margin'];
    v_move.amounts := ARRAY[v_move.closed_value, v_opened, v_collateral];
    v_move.kinds   := ARRAY['trade', 'trade', 'margin'];
    v_move.margin  := v_opened + v_collateral;
    v_move.cash    := v_move.closed_value - v_collateral;
  END IF;
  RETURN v_move;
END
$$;
COMMENT ON FUNCTION trading.move_position(trading.positions, trading.order_side, numeric, numeric, market.instruments) IS
  'What a fill of this quantity for this value does to a position at average cost: it closes first and opens the rest. fifo_pnl is left to the lots.';
