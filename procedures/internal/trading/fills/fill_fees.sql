-- reads trading.fee_schedules
CREATE OR REPLACE FUNCTION internal.fill_fees(
  p_schedule text, p_order trading.orders, p_quantity numeric, p_value numeric, p_maker_value numeric)
RETURNS numeric[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_lines numeric[] := trading.order_fees(p_schedule, p_order.submitted_at, p_order.side, p_order.product,
                                          p_quantity - p_order.busted_quantity, p_value, p_maker_value);
BEGIN
  FOR n IN 1 .. cardinality(v_lines) LOOP
    v_lines[n] := greatest(v_lines[n] - coalesce(p_order.fee_lines[n], 0), 0);
  END LOOP;
  RETURN v_lines;
END
$$;
COMMENT ON FUNCTION internal.fill_fees(text, trading.orders, numeric, numeric, numeric) IS
  'Fee of a fill by component: the order pays for all of it that has filled with this fill (quantity, value, and value '
  'that rested in the book), the fill the difference to what the order has paid.';
