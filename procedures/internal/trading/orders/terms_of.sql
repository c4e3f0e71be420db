-- reads trading.orders
CREATE OR REPLACE FUNCTION internal.terms_of(
  p_order trading.orders, p_quantity numeric, p_at timestamptz, p_stop_loss numeric DEFAULT NULL)
RETURNS internal.order_terms
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_is_closed boolean := p_order.closed_at IS NOT NULL;
  v_is_asleep boolean := p_order.status IN ('new', 'held', 'pending_approval');
BEGIN
  RETURN ROW (
    CASE WHEN p_order.status <> 'new' THEN p_order.order_id END, p_order.portfolio_id, p_order.client_order_id,
    p_order.instrument_id, p_order.agent_id, p_order.side, p_order.type, p_order.time_in_force, p_order.product,
    p_quantity, p_order.limit_price, p_order.stop_price, p_order.trail_amount,
    p_order.trail_percent, p_order.reduce_only, p_order.post_only, p_order.parent_order_id, p_order.oco_group_id,
    p_order.oco_leg, p_order.expires_at, p_order.replaces_order_id, p_order.submitted_by, p_order.submitted_at, p_at,
    p_order.approved_by, p_stop_loss, v_is_asleep,
    CASE WHEN v_is_closed THEN 0 ELSE p_order.filled_quantity END,
    CASE WHEN v_is_closed THEN 0 ELSE p_order.filled_value END,
    CASE WHEN v_is_closed THEN 0 ELSE p_order.maker_value END,
    CASE WHEN v_is_closed THEN 0 ELSE p_order.busted_quantity END,
    CASE WHEN v_is_closed THEN 0 ELSE p_order.fees END, p_order.reserved,
    CASE WHEN v_is_closed OR v_is_asleep THEN 0
         WHEN p_order.oco_group_id IS NULL THEN p_order.quantity - p_order.filled_quantity
         ELSE internal.open_quantity(p_order) - internal.group_open_quantity(p_order.portfolio_id, p_order.oco_group_id,
                                                                             p_order.order_id, p_order.oco_leg, 0)
         END)::internal.order_terms;
END
$$;
COMMENT ON FUNCTION internal.terms_of(trading.orders, numeric, timestamptz, numeric) IS
  'The terms of an order that is to be decided with this quantity at this time; one that is closed as if it came '
  'again.';
