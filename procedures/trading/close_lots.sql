-- writes trading.lots, trading.lot_closures; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.close_lots(
  p_portfolio_id int, p_instrument_id int, p_quantity numeric, p_value numeric, p_fill_id bigint, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_lot        trading.lots;
  v_quantity   numeric := p_quantity;  -- still to be closed
  v_value      numeric := p_value;     -- what that brings or takes
  v_part       numeric;
  v_part_value numeric;
  v_part_cost  numeric;
  v_profit     numeric := 0;
BEGIN
  FOR v_lot IN
    SELECT l.* FROM trading.lots AS l WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id ORDER BY l.fill_id
  LOOP
    v_part := least(abs(v_lot.quantity), v_quantity);
    v_part_value := CASE WHEN v_part = v_quantity THEN v_value ELSE ledger.prorate(v_value, v_part, v_quantity) END;
    IF v_part = abs(v_lot.quantity) THEN
      v_part_cost := abs(v_lot.cost);
      DELETE FROM trading.lots AS l WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id AND l.fill_id = v_lot.fill_id;
    ELSE
      v_part_cost := ledger.prorate(abs(v_lot.cost), v_part, abs(v_lot.quantity));
      UPDATE trading.lots AS l SET quantity = l.quantity - sign(l.quantity) * v_part, cost = l.cost - sign(l.quantity) * v_part_cost
       WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_instrument_id AND l.fill_id = v_lot.fill_id;
    END IF;
    INSERT INTO trading.lot_closures (portfolio_id, fill_id, lot_fill_id, instrument_id, quantity, cost, value, opened_at, closed_at)
    VALUES (p_portfolio_id, p_fill_id, v_lot.fill_id, p_instrument_id, sign(v_lot.quantity) * v_part, sign(v_lot.quantity) * v_part_cost,
            sign(v_lot.quantity) * v_part_value, v_lot.opened_at, p_at);
    v_profit := v_profit + sign(v_lot.quantity) * (v_part_value - v_part_cost);
    v_quantity := v_quantity - v_part;
    v_value := v_value - v_part_value;
    EXIT WHEN v_quantity = 0;
  END LOOP;
  RETURN v_profit;
END
$$;
COMMENT ON FUNCTION trading.close_lots(int, int, numeric, numeric, bigint, timestamptz) IS
  'Closes this quantity, worth this value, of the oldest lots and returns their profit before fees.';
REVOKE ALL ON FUNCTION trading.close_lots(int, int, numeric, numeric, bigint, timestamptz) FROM PUBLIC;
