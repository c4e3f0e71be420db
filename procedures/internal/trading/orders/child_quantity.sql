-- reads trading.orders; errors TR205, TR212
CREATE OR REPLACE FUNCTION internal.child_quantity(
  p_portfolio_id int, p_parent_order_id bigint, p_planned numeric, p_taken numeric, p_lot_size numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_parent trading.orders;
  v_filled numeric;
BEGIN
  SELECT * INTO v_parent FROM trading.orders AS o
   WHERE o.portfolio_id = p_portfolio_id AND o.order_id = p_parent_order_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown parent order %', p_parent_order_id
      USING ERRCODE = 'TR205', DETAIL = format('Portfolio %s has no order with this number.', p_portfolio_id),
            HINT = 'Submit the parent first.';
  END IF;
  v_filled := v_parent.filled_quantity - v_parent.busted_quantity;
  IF v_parent.closed_at IS NOT NULL AND v_filled = 0 THEN
    RAISE EXCEPTION 'parent order % is dead', v_parent.order_id
      USING ERRCODE = 'TR212', DETAIL = format('It was %s at %s without a fill.', v_parent.status, v_parent.closed_at),
            HINT = 'A child lives by its parent''s fills.';
  END IF;
  -- In proportion to what the parent has filled, in whole lots: a ladder of children never adds up to more than that.
  RETURN greatest(CASE WHEN v_filled >= v_parent.quantity THEN p_planned
                       ELSE p_lot_size * div(p_planned * v_filled, v_parent.quantity * p_lot_size) END - p_taken, 0);
END
$$;
COMMENT ON FUNCTION internal.child_quantity(int, bigint, numeric, numeric, numeric) IS
  'The quantity that a child may have by now: its planned quantity times the part of its parent that has filled, in '
  'whole lots, less what other legs of its group took. Errors TR205, TR212.';
