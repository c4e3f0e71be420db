-- reads trading.fee_schedules and what belongs to them
CREATE OR REPLACE FUNCTION trading.order_cost(p_order trading.orders, p_fee_schedule text, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_open    numeric := p_order.quantity - p_order.filled_quantity;
  v_opening numeric := least(p_order.opening_quantity, v_open);
  v_fees    numeric := 0;
  v_line    numeric;
BEGIN
  IF v_opening = 0 OR p_order.status IN ('held', 'pending_approval') THEN
    RETURN 0;
  END IF;
  FOREACH v_line IN ARRAY trading.order_fees(p_fee_schedule, p_order.submitted_at, p_order.side, p_order.product, p_order.quantity,
                                             p_order.filled_value + round(v_open * p_order.reserve_price * p_instrument.multiplier, 8), p_order.maker_value) LOOP
    v_fees := v_fees + v_line;
  END LOOP;
  RETURN trading.opening_money(p_order.side, v_opening, round(v_opening * p_order.reserve_price * p_instrument.multiplier, 8), p_instrument)
         + greatest(v_fees - p_order.fees, 0);
END
$$;
COMMENT ON FUNCTION trading.order_cost(trading.orders, text, market.instruments) IS
  'Most that the unfilled part of an order may take out of the cash at its reserve price: what opens a position is paid or backed by collateral, with the fee that filling the order would add. What only closes needs nothing: 0.';
