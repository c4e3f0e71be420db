-- reads trading.orders, trading.order_events, trading.position_adjustments under the portfolio's lock; errors TR204
CREATE OR REPLACE FUNCTION internal.known_order(p_order internal.order_terms)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_known trading.orders;
  v_first trading.order_events;
BEGIN
  SELECT * INTO v_known FROM trading.orders AS o
   WHERE o.portfolio_id = p_order.portfolio_id AND o.client_order_id = p_order.client_order_id;
  -- Quantity and prices are compared with what was first submitted: a split may have changed them since.
  SELECT * INTO v_first FROM trading.order_events AS e
   WHERE e.portfolio_id = v_known.portfolio_id AND e.order_id = v_known.order_id AND e.version = 1;
  IF v_known.parent_order_id IS NOT NULL AND v_first.to_status <> 'held' THEN
    -- A child that came to life at once begins smaller than planned; what was planned is lost when a split restates it.
    v_first.quantity := CASE WHEN EXISTS (SELECT FROM trading.position_adjustments AS a
                                           WHERE a.portfolio_id = v_known.portfolio_id
                                             AND a.instrument_id = v_known.instrument_id
                                             AND a.at >= v_known.submitted_at) THEN p_order.quantity
                             ELSE v_known.planned_quantity END;
  END IF;
  IF v_first.order_id IS NULL THEN  -- an earlier row of the same statement
    v_first.quantity := coalesce(v_known.planned_quantity, v_known.quantity);
    v_first.limit_price := v_known.limit_price;
    v_first.stop_price := v_known.stop_price;
  END IF;
  IF (v_known.instrument_id, v_known.side, v_known.type, v_known.time_in_force, v_known.product, v_known.agent_id,
      v_known.reduce_only, v_known.post_only, v_first.quantity, v_first.limit_price,
      CASE WHEN v_known.type <> 'trailing_stop' THEN v_first.stop_price END,
      CASE v_known.time_in_force WHEN 'gtd' THEN v_known.expires_at END)
     IS DISTINCT FROM
     (p_order.instrument_id, p_order.side, p_order.type, p_order.time_in_force, p_order.product, p_order.agent_id,
      p_order.reduce_only, p_order.post_only, p_order.quantity, p_order.limit_price,
      CASE WHEN p_order.type <> 'trailing_stop' THEN p_order.stop_price END,
      CASE p_order.time_in_force WHEN 'gtd' THEN p_order.expires_at END) THEN
    RAISE EXCEPTION 'client_order_id "%" was used for an order with other terms', p_order.client_order_id
      USING ERRCODE = 'TR204',
            DETAIL = format('Order %s: %s %s, %s, limit %s, stop %s.', v_known.order_id, v_known.side,
                            trim_scale(v_first.quantity), v_known.type,
                            coalesce(trim_scale(v_first.limit_price)::text, 'none'),
                            coalesce(trim_scale(v_first.stop_price)::text, 'none')),
            HINT = 'Use a new client_order_id for a new order, or trading.replace_order(...) to change one.';
  END IF;
  RETURN v_known;
END
$$;
COMMENT ON FUNCTION internal.known_order(internal.order_terms) IS
  'The order that was submitted before with this client_order_id on the same terms. Error TR204 when it was on other '
  'terms.';
