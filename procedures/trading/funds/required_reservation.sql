-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION trading.required_reservation(
  p_order trading.orders, p_fee_schedule text, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN p_order.status IN ('held', 'pending_approval') THEN 0 ELSE
    trading.required_reservation(p_fee_schedule, p_order.submitted_at, p_order.side, p_order.product, p_order.quantity,
                                 p_order.filled_quantity, p_order.busted_quantity, p_order.filled_value,
                                 p_order.maker_value, p_order.fees, p_order.opening_quantity, p_order.reserve_price,
                                 p_instrument) END;
END
$$;
COMMENT ON FUNCTION trading.required_reservation(trading.orders, text, market.instruments) IS
  'What an order must reserve as it stands, by the fee schedule of the day of its submission.';

CREATE OR REPLACE FUNCTION trading.required_reservation(
  p_fee_schedule text, p_submitted_at timestamptz, p_side trading.order_side, p_product trading.product,
  p_quantity numeric, p_filled numeric, p_busted numeric, p_filled_value numeric, p_maker_value numeric, p_paid numeric,
  p_opening numeric, p_reserve_price numeric, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- What is open pays the taker's fee: nobody knows yet whether it will rest.
  RETURN CASE WHEN least(p_opening, p_quantity - p_filled) = 0 THEN 0 ELSE
    trading.opening_cost(p_side, least(p_opening, p_quantity - p_filled), p_reserve_price, p_instrument,
      trading.order_fees(p_fee_schedule, p_submitted_at, p_side, p_product, p_quantity - p_busted,
                         p_filled_value + round((p_quantity - p_filled) * p_reserve_price * p_instrument.multiplier, 8),
                         p_maker_value), p_paid) END;
END
$$;
COMMENT ON FUNCTION trading.required_reservation(
  text, timestamptz, trading.order_side, trading.product, numeric, numeric, numeric, numeric, numeric,
                                           numeric, numeric, numeric, market.instruments) IS
  'What an order must reserve that has this quantity and has filled and paid so much, by the fee schedule of the day '
  'of its submission.';
