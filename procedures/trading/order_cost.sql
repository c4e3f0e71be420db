-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.order_cost(p_order trading.orders, p_fee_schedule text, p_multiplier numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_value numeric := round((p_order.quantity - p_order.filled_quantity) * p_order.reserve_price * p_multiplier, 8);
BEGIN
  RETURN v_value + greatest(
    trading.order_fee(p_fee_schedule, p_order.submitted_at, p_order.quantity, p_order.filled_value + v_value) - p_order.fees, 0);
END
$$;
COMMENT ON FUNCTION trading.order_cost(trading.orders, text, numeric) IS
  'Most that the unfilled part of a buy may cost at its reserve price, with the fee that filling it would add: what its reservation holds. NULL for a sell.';
