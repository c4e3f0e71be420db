-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.order_need(p_order trading.orders, p_fee_schedule text, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN p_order.status IN ('held', 'pending_approval') THEN 0 ELSE
    internal.reserved_need(p_fee_schedule, p_order.submitted_at, p_order.side, p_order.product, p_order.quantity, p_order.filled_quantity,
      p_order.busted_quantity, p_order.filled_value, p_order.maker_value, p_order.fees, p_order.opening_quantity, p_order.reserve_price,
      p_instrument) END;
END
$$;
COMMENT ON FUNCTION trading.order_need(trading.orders, text, market.instruments) IS
  'What an order must reserve as it stands, by the fee schedule of the day of its submission.';
