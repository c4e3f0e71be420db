-- reads trading.fee_schedules; writes trading.orders and what its triggers write, and what internal.release_reservation
-- writes; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.amend_order(
  p_fill trading.fills, p_new trading.fills, p_returned numeric[], p_components text[], p_portfolio trading.portfolios,
  p_instrument market.instruments, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order    trading.orders;
  v_lines    numeric[];  -- what the order's fees change, by component
  v_reserved numeric;
  v_taken    numeric := p_fill.quantity - p_new.quantity;
BEGIN
  v_lines := array_fill(0::numeric, ARRAY[cardinality(enum_range(NULL::trading.fee_component))]);
  IF p_returned IS NOT NULL THEN
    FOR n IN 1 .. cardinality(p_returned) LOOP
      v_lines[array_position(enum_range(NULL::trading.fee_component)::text[], p_components[n])] := -p_returned[n];
    END LOOP;
    v_lines[1] := v_lines[1] + p_new.fee;
  END IF;
  -- What is open of the order may need less than before.
  SELECT * INTO v_order FROM trading.orders AS o
   WHERE o.portfolio_id = p_fill.portfolio_id AND o.order_id = p_fill.order_id;
  v_order.busted_quantity := v_order.busted_quantity + v_taken;
  v_order.filled_value := v_order.filled_value - p_fill.value + p_new.value;
  v_order.maker_value := v_order.maker_value - CASE p_fill.liquidity WHEN 'maker' THEN p_fill.value - p_new.value
                                                                     ELSE 0 END;
  v_order.fees := v_order.fees - p_fill.fee + p_new.fee;
  v_reserved := v_order.reserved;
  IF v_reserved > 0 THEN
    v_reserved := least(v_reserved, trading.required_reservation(v_order, p_portfolio.fee_schedule, p_instrument));
    IF v_reserved < v_order.reserved THEN
      PERFORM internal.release_reservation(v_order, v_order.reserved - v_reserved, p_at);
    END IF;
  END IF;
  UPDATE trading.orders AS o
     SET reserved = v_reserved, busted_quantity = v_order.busted_quantity,
         fee_lines = internal.add_fee_lines(o.fee_lines, v_lines), filled_value = v_order.filled_value,
         maker_value = v_order.maker_value, fees = v_order.fees,
         average_fill_price = round(v_order.filled_value
                                    / nullif((o.filled_quantity - v_order.busted_quantity)
                                             * p_instrument.multiplier, 0), 8),
         last_fill_id = p_new.fill_id,
         updated_at = greatest(p_at, o.updated_at)
   WHERE o.portfolio_id = p_fill.portfolio_id AND o.order_id = p_fill.order_id
  RETURNING * INTO v_order;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.amend_order(
  trading.fills, trading.fills, numeric[], text[], trading.portfolios, market.instruments, timestamptz) IS
  'Writes to an order that a fill of it was taken back and p_new, of which the quantity may be 0, stands in its place, '
  'and frees what it need not reserve any more. p_returned are the fees by component that the fill gives back; NULL '
  'when they stay as they were.';
