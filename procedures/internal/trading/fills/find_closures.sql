-- reads trading.lots; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.find_closures(
  p_portfolio_id int, p_instrument_id int, p_quantity numeric, p_value numeric, p_fill_id bigint, p_at timestamptz)
RETURNS trading.lot_closures[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_closures trading.lot_closures[] := ARRAY[]::trading.lot_closures[];
  v_closure  trading.lot_closures;
  v_quantity numeric := p_quantity;  -- still to be closed
  v_value    numeric := p_value;     -- what that brings or takes
BEGIN
  FOR v_closure IN
    SELECT l.portfolio_id, p_fill_id, l.fill_id, l.instrument_id, l.quantity, l.cost, 0, l.opened_at, p_at,
           l.settled_pnl
      FROM trading.lots AS l
     WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id ORDER BY l.fill_id
  LOOP
    IF abs(v_closure.quantity) > v_quantity THEN
      v_closure.cost := sign(v_closure.quantity) * internal.prorate(abs(v_closure.cost), v_quantity,
                                                                    abs(v_closure.quantity));
      v_closure.settled_pnl := sign(v_closure.settled_pnl) * internal.prorate(abs(v_closure.settled_pnl), v_quantity,
                                                                              abs(v_closure.quantity));
      v_closure.quantity := sign(v_closure.quantity) * v_quantity;
    END IF;
    v_closure.value := sign(v_closure.quantity) * CASE WHEN abs(v_closure.quantity) = v_quantity THEN v_value
                                                       ELSE internal.prorate(v_value, abs(v_closure.quantity),
                                                                             v_quantity) END;
    v_closures := v_closures || v_closure;
    v_quantity := v_quantity - abs(v_closure.quantity);
    EXIT WHEN v_quantity = 0;
    v_value := v_value - abs(v_closure.value);
  END LOOP;
  RETURN v_closures;
END
$$;
COMMENT ON FUNCTION internal.find_closures(int, int, numeric, numeric, bigint, timestamptz) IS
  'How much of which lots, the oldest first, a fill of this quantity, worth this value, closes. Nothing is written.';
