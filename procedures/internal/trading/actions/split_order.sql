-- writes trading.orders and what its triggers write, ledger.*; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.split_order(
  p_order trading.orders, p_action market.corporate_actions, p_instrument market.instruments, p_fee_schedule text,
  p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders := p_order;
  v_open  numeric := trunc((p_order.quantity - p_order.filled_quantity) * p_action.numerator / p_action.denominator, 8);
BEGIN
  v_order.filled_quantity := internal.split_quantity(p_order.filled_quantity, p_action);
  v_order.busted_quantity := least(round(p_order.busted_quantity * p_action.numerator / p_action.denominator, 8),
                                   v_order.filled_quantity);
  -- What is open is rounded down, so that open sells never add up to more than the position: to whole lots, but for an
  -- order that closes all that is held.
  IF NOT EXISTS (SELECT FROM trading.positions AS p
                  WHERE p.portfolio_id = p_order.portfolio_id AND p.instrument_id = p_order.instrument_id
                    AND v_open = CASE p_order.side WHEN 'sell' THEN p.quantity ELSE -p.quantity END) THEN
    v_open := v_open - v_open % p_instrument.lot_size;
  END IF;
  v_order.quantity := v_order.filled_quantity + v_open;
  IF v_open = 0 THEN
    RETURN internal.end_order(p_order, 'cancelled', 'TR201',
                              format('less than a lot of it is left after the %s', p_action.kind), p_at);
  END IF;
  -- Prices move to the tick grid away from what would cost the owner more: buys down, sells up.
  v_order.limit_price := internal.split_price(p_order.limit_price, p_order.side, p_action, p_instrument.tick_size);
  v_order.stop_price := internal.split_price(p_order.stop_price, p_order.side, p_action, p_instrument.tick_size);
  v_order.trail_amount := internal.split_price(p_order.trail_amount, 'sell', p_action, p_instrument.tick_size);
  IF p_order.planned_quantity IS NOT NULL THEN
    v_order.planned_quantity := trunc(p_order.planned_quantity * p_action.numerator / p_action.denominator, 8);
    v_order.planned_quantity := greatest(v_order.planned_quantity - v_order.planned_quantity % p_instrument.lot_size,
                                         v_order.quantity);
  END IF;
  v_order.reserve_price := round(p_order.reserve_price * p_action.denominator / p_action.numerator, 8);
  IF v_order.limit_price IS NOT NULL AND v_order.reserve_price IS NOT NULL THEN
    v_order.reserve_price := v_order.limit_price;
  END IF;
  v_order.opening_quantity := least(trunc(p_order.opening_quantity * p_action.numerator / p_action.denominator, 8),
                                    v_open);
  IF v_order.reserved > 0 THEN
    -- Rounding and a fee per share may change what is needed: release what is over. What is missing is checked when the
    -- order fills.
    v_order.reserved := least(v_order.reserved, trading.required_reservation(v_order, p_fee_schedule, p_instrument));
  END IF;
  UPDATE trading.orders AS o
     SET quantity = v_order.quantity, reserved = v_order.reserved, planned_quantity = v_order.planned_quantity,
         trail_amount = v_order.trail_amount, opening_quantity = v_order.opening_quantity,
         oco_taken = trunc(o.oco_taken * p_action.numerator / p_action.denominator, 8),
         busted_quantity = v_order.busted_quantity, filled_quantity = v_order.filled_quantity,
         split_filled_quantity = o.split_filled_quantity + v_order.filled_quantity - p_order.filled_quantity
                                 - (v_order.busted_quantity - p_order.busted_quantity),
         limit_price = v_order.limit_price, stop_price = v_order.stop_price, reserve_price = v_order.reserve_price,
         average_fill_price = round(o.filled_value
                                    / nullif((v_order.filled_quantity - v_order.busted_quantity)
                                             * p_instrument.multiplier, 0), 8),
         updated_at = greatest(p_at, o.updated_at)
   WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.split_order(
  trading.orders, market.corporate_actions, market.instruments, text, timestamptz) IS
  'Restates an open order in the shares after a split: quantity times, prices divided by the ratio. What is open '
  'is rounded down to whole lots, unless it closes all that is held; of which nothing is left ends, and its money is '
  'free.';
