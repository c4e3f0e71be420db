CREATE OR REPLACE FUNCTION internal.blank_order()
RETURNS trading.orders
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders;
BEGIN
  v_order.status := 'new';
  v_order.version := 1;
  v_order.product := 'delivery';
  v_order.filled_quantity := 0;
  v_order.split_filled_quantity := 0;
  v_order.busted_quantity := 0;
  v_order.opening_quantity := 0;
  v_order.oco_taken := 0;
  v_order.filled_value := 0;
  v_order.maker_value := 0;
  v_order.fees := 0;
  v_order.fee_lines := '{}';
  v_order.reserved := 0;
  v_order.reduce_only := false;
  v_order.post_only := false;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.blank_order() IS 'An order without terms and history: what the defaults of trading.orders say that depend on nothing.';
