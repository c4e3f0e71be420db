-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.apply_links(
  p_order trading.orders, p_filled numeric, p_portfolio trading.portfolios, p_instrument market.instruments,
  p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_linked     trading.orders;
  v_instrument market.instruments;
  v_quantity   numeric;
  v_left       numeric;  -- what the leg that has filled can still fill
  v_is_done    boolean;  -- it has filled in whole, which ends the others; a fill that came late takes only its part
  v_take       numeric;  -- what the leg that is being looked at has still to give
  v_leg        smallint;
  v_changed    boolean := false;
BEGIN
  -- One cancels other: a fill takes as much from each other leg, from its last order first, and a leg that is done ends
  -- the others.
  IF p_order.oco_group_id IS NOT NULL AND p_filled > 0 THEN
    SELECT coalesce(sum(coalesce(o.planned_quantity - o.oco_taken, o.quantity) - o.filled_quantity), 0)
      INTO v_left
      FROM trading.orders AS o
     WHERE o.portfolio_id = p_order.portfolio_id AND o.oco_group_id = p_order.oco_group_id
       AND o.oco_leg = p_order.oco_leg AND o.closed_at IS NULL;
    v_is_done := v_left = 0 AND p_order.status = 'filled';
    FOR v_linked IN
      SELECT o.* FROM trading.orders AS o
       WHERE o.portfolio_id = p_order.portfolio_id AND o.oco_group_id = p_order.oco_group_id
         AND o.oco_leg <> p_order.oco_leg AND o.closed_at IS NULL
       ORDER BY o.oco_leg, o.order_id DESC
    LOOP
      IF v_linked.oco_leg IS DISTINCT FROM v_leg THEN
        v_leg := v_linked.oco_leg;
        v_take := p_filled;
      END IF;
      v_quantity := v_linked.quantity - v_linked.filled_quantity;
      IF v_is_done OR v_take > 0 THEN
        PERFORM internal.resize_order(v_linked, CASE WHEN v_is_done THEN 0 ELSE v_quantity - v_take END,
                                      least(v_take, v_quantity), p_portfolio.fee_schedule, p_instrument, 'TR222',
                                      format('order %s of its group has filled %s', p_order.order_id,
                                             trim_scale(p_order.filled_quantity)), p_at);
        v_take := greatest(v_take - v_quantity, 0);
        v_changed := true;
      END IF;
    END LOOP;
  END IF;
  -- An exit that is done ends what is left of its entry: filled afterwards, that would stand without protection.
  IF p_filled > 0 AND p_order.parent_order_id IS NOT NULL AND p_order.status = 'filled'
     AND coalesce(v_left, 0) = 0 THEN
    FOR v_linked IN
      SELECT o.* FROM trading.orders AS o
       WHERE o.portfolio_id = p_order.portfolio_id AND o.order_id = p_order.parent_order_id AND o.closed_at IS NULL
         AND o.instrument_id = p_order.instrument_id AND o.side <> p_order.side
    LOOP
      PERFORM internal.end_order(v_linked, 'cancelled', 'TR222',
                                 format('its exit, order %s, has filled', p_order.order_id), p_at);
      v_changed := true;
    END LOOP;
  END IF;

  -- Orders that may only reduce never outgrow the position.
  SELECT p.quantity INTO v_quantity FROM trading.positions AS p
   WHERE p.portfolio_id = p_order.portfolio_id AND p.instrument_id = p_order.instrument_id;
  FOR v_linked IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_order.portfolio_id AND o.instrument_id = p_order.instrument_id AND o.closed_at IS NULL
       AND o.reduce_only
       AND o.status NOT IN ('held', 'pending_approval')
       AND o.quantity - o.filled_quantity > greatest(CASE o.side WHEN 'sell' THEN v_quantity ELSE -v_quantity END, 0)
     ORDER BY o.order_id
  LOOP
    PERFORM internal.resize_order(v_linked,
                                  greatest(CASE v_linked.side WHEN 'sell' THEN v_quantity ELSE -v_quantity END, 0), 0,
                                  p_portfolio.fee_schedule, p_instrument, 'TR220',
                                  format('%s %s are held', trim_scale(v_quantity), p_instrument.symbol), p_at);
    v_changed := true;
  END LOOP;

  -- Children wake and grow with what their parent has filled.
  FOR v_linked IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_order.portfolio_id AND o.parent_order_id = p_order.order_id AND o.closed_at IS NULL
       AND o.status <> 'pending_approval'
     ORDER BY o.order_id
  LOOP
    SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_linked.instrument_id;
    v_quantity := internal.child_quantity(v_linked.portfolio_id, v_linked.parent_order_id, v_linked.planned_quantity,
                                          v_linked.oco_taken, v_instrument.lot_size);
    IF v_linked.status = 'held' AND v_quantity > 0 THEN
      PERFORM internal.activate_order(v_linked, v_quantity, p_at);
      v_changed := true;
    ELSIF v_linked.status <> 'held' AND v_quantity > v_linked.quantity THEN
      PERFORM internal.grow_order(v_linked, v_quantity, p_at);
      v_changed := true;
    END IF;
  END LOOP;
  RETURN v_changed;
END
$$;
COMMENT ON FUNCTION internal.apply_links(
  trading.orders, numeric, trading.portfolios, market.instruments, timestamptz) IS
  'What a fill of this quantity means for other orders: the other legs of its group shrink, orders that may only '
  'reduce keep within the position, children wake and grow. True when an order changed.';
