-- reads trading.fee_plans, trading.fee_schedules, market.exchanges
CREATE OR REPLACE FUNCTION trading.required_reservation(
  p_order trading.orders, p_fee_schedule text, p_instrument market.instruments)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN p_order.status IN ('held', 'pending_approval') THEN 0 ELSE
    trading.required_reservation(p_order, p_fee_schedule, p_instrument, p_order.filled_quantity, p_order.filled_value,
                                 p_order.maker_value, p_order.fees) END;
END
$$;
COMMENT ON FUNCTION trading.required_reservation(trading.orders, text, market.instruments) IS
  'What an order must reserve as it stands.';

CREATE OR REPLACE FUNCTION trading.required_reservation(
  p_order trading.orders, p_fee_schedule text, p_instrument market.instruments, p_filled numeric,
  p_filled_value numeric, p_maker_value numeric, p_paid numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_open    numeric := p_order.quantity - p_filled;
  v_opening numeric := least(p_order.opening_quantity, v_open);
BEGIN
  IF v_opening = 0 THEN
    RETURN 0;
  END IF;
  -- What is open pays the taker's fee: nobody knows yet whether it will rest.
  RETURN trading.opening_money(p_order.side, v_opening,
                               round(v_opening * p_order.reserve_price * p_instrument.multiplier, 8), p_instrument)
    + trading.fees_to_come(
        p_fee_schedule, p_instrument, p_order.submitted_at, p_order.time_in_force, p_order.expires_at, p_order.side,
        p_order.product, p_order.quantity - p_order.busted_quantity,
        p_filled_value + round(v_open * p_order.reserve_price * p_instrument.multiplier, 8), p_maker_value,
        p_filled - p_order.busted_quantity, p_filled_value, p_paid);
END
$$;
COMMENT ON FUNCTION trading.required_reservation(
  trading.orders, text, market.instruments, numeric, numeric, numeric, numeric) IS
  'What an order must reserve when so much of it has filled and was paid: what opening the rest takes, and the fees '
  'that are to come (trading.fees_to_come).';
