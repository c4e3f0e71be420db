CREATE OR REPLACE FUNCTION trading.order_cost(p_order trading.orders, p_fees numeric[], p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_opening numeric := least(p_order.opening_quantity, p_order.quantity - p_order.filled_quantity);
  v_fee     numeric := 0;
  v_line    numeric;
BEGIN
  IF v_opening = 0 OR p_order.status IN ('held', 'pending_approval') THEN
    RETURN 0;
  END IF;
  FOREACH v_line IN ARRAY p_fees LOOP
    v_fee := v_fee + v_line;
  END LOOP;
  RETURN trading.opening_money(p_order.side, v_opening, round(v_opening * p_order.reserve_price * p_instrument.multiplier, 8), p_instrument)
         + greatest(v_fee - p_order.fees, 0);
END
$$;
COMMENT ON FUNCTION trading.order_cost(trading.orders, numeric[], market.instruments) IS
  'Most that the unfilled part of an order may take out of the cash at its reserve price: what opens a position is paid or backed by collateral, with what its fees (p_fees, of the whole order) will add. What only closes needs nothing: 0.';
