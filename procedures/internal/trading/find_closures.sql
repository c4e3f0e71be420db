-- reads trading.lots; the caller holds the book's lock
CREATE OR REPLACE FUNCTION internal.find_closures(
  p_portfolio_id int, p_instrument_id int, p_quantity numeric, p_value numeric, p_fill_id bigint, p_at timestamptz)
RETURNS trading.lot_closures[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_closures trading.lot_closures[] := '{}';
  v_closure  trading.lot_closures;
  v_lot      trading.lots;
  v_quantity numeric := p_quantity;  -- still to be closed
  v_value    numeric := p_value;     -- what that brings or takes
  v_part     numeric;
  v_worth    numeric;
BEGIN
  FOR v_lot IN
    SELECT l.* FROM trading.lots AS l WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id ORDER BY l.fill_id
  LOOP
    v_part := least(abs(v_lot.quantity), v_quantity);
    v_worth := CASE WHEN v_part = v_quantity THEN v_value ELSE ledger.prorate(v_value, v_part, v_quantity) END;
    v_closure.portfolio_id := p_portfolio_id;
    v_closure.fill_id := p_fill_id;
    v_closure.lot_fill_id := v_lot.fill_id;
    v_closure.instrument_id := p_instrument_id;
    v_closure.quantity := sign(v_lot.quantity) * v_part;
    v_closure.cost := CASE WHEN v_part = abs(v_lot.quantity) THEN v_lot.cost
                           ELSE sign(v_lot.quantity) * ledger.prorate(abs(v_lot.cost), v_part, abs(v_lot.quantity)) END;
    v_closure.value := sign(v_lot.quantity) * v_worth;
    v_closure.opened_at := v_lot.opened_at;
    v_closure.closed_at := p_at;
    v_closures := v_closures || v_closure;
    v_quantity := v_quantity - v_part;
    v_value := v_value - v_worth;
    EXIT WHEN v_quantity = 0;
  END LOOP;
  RETURN v_closures;
END
$$;
COMMENT ON FUNCTION internal.find_closures(int, int, numeric, numeric, bigint, timestamptz) IS
  'How much of which lots, the oldest first, a fill of this quantity, worth this value, closes. Nothing is written.';
