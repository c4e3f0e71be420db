-- reads trading.fee_schedules and what belongs to them
CREATE OR REPLACE FUNCTION trading.fill_fees(p_order trading.orders, p_fee_schedule text, p_fee numeric)
RETURNS numeric[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_lines numeric[];
BEGIN
  IF p_fee IS NOT NULL THEN
    RETURN ARRAY[round(p_fee, 8)];
  END IF;
  v_lines := trading.order_fees(p_fee_schedule, p_order.submitted_at, p_order.side, p_order.product, p_order.filled_quantity - p_order.busted_quantity, p_order.filled_value, p_order.maker_value);
  -- An order pays for all of it that has filled; a fill pays the difference that it makes.
  FOR n IN 1 .. cardinality(v_lines) LOOP
    v_lines[n] := greatest(v_lines[n] - coalesce(p_order.fee_lines[n], 0), 0);
  END LOOP;
  RETURN v_lines;
END
$$;
COMMENT ON FUNCTION trading.fill_fees(trading.orders, text, numeric) IS
  'What the latest fill of an order costs by component of the fee, with the order''s sums as they are after it and its fee_lines as they were before; p_fee is what the broker said, NULL: by the schedule.';
