-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.order_need(p_order trading.orders, p_fee_schedule text, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What is open pays the taker's fee: nobody knows yet whether it will rest.
  RETURN trading.order_cost(p_order,
    trading.order_fees(p_fee_schedule, p_order.submitted_at, p_order.side, p_order.product, p_order.quantity - p_order.busted_quantity,
                       p_order.filled_value + round((p_order.quantity - p_order.filled_quantity) * p_order.reserve_price * p_instrument.multiplier, 8), p_order.maker_value),
    p_instrument);
END
$$;
COMMENT ON FUNCTION trading.order_need(trading.orders, text, market.instruments) IS
  'What the reservation of an order must hold as it stands, by the fee schedule of the day of its submission.';
