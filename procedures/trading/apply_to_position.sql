-- writes trading.positions; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.apply_to_position(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_quantity numeric, p_value numeric, p_fee numeric, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_position  trading.positions;
  v_signed    numeric := CASE p_side WHEN 'buy' THEN p_quantity ELSE -p_quantity END;
  v_closed    numeric := 0;  -- quantity of the old position that this fill closes
  v_value     numeric := 0;  -- what it was sold (bought back) for
  v_cost      numeric := 0;  -- what it had cost
  v_realised  numeric := 0;
BEGIN
  SELECT * INTO v_position FROM trading.positions AS p WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument_id;
  IF sign(v_position.quantity) = -sign(v_signed) THEN
    v_closed := least(abs(v_position.quantity), p_quantity);
    v_value := CASE WHEN v_closed = p_quantity THEN p_value ELSE ledger.prorate(p_value, v_closed, p_quantity) END;
    v_cost := CASE WHEN v_closed = abs(v_position.quantity) THEN abs(v_position.cost) ELSE ledger.prorate(abs(v_position.cost), v_closed, abs(v_position.quantity)) END;
    v_realised := sign(v_position.quantity) * (v_value - v_cost);
  END IF;
  UPDATE trading.positions
     SET quantity = quantity + v_signed,
         cost = cost - sign(quantity) * v_cost + sign(v_signed) * (p_value - v_value),
         realised_pnl = realised_pnl + v_realised,
         fees = fees + p_fee,
         updated_at = greatest(p_at, updated_at)
   WHERE portfolio_id = p_portfolio_id AND instrument_id = p_instrument_id;
  RETURN v_realised;
END
$$;
COMMENT ON FUNCTION trading.apply_to_position(int, int, trading.order_side, numeric, numeric, numeric, timestamptz) IS
  'Moves a position by a fill at average cost and returns the profit of what it closed, before fees. A fill through zero closes first and opens the rest.';
REVOKE ALL ON FUNCTION trading.apply_to_position(int, int, trading.order_side, numeric, numeric, numeric, timestamptz) FROM PUBLIC;
