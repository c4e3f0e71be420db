CREATE OR REPLACE FUNCTION internal.terms_of(p_order trading.orders, p_at timestamptz, p_stop_loss numeric DEFAULT NULL)
RETURNS internal.order_terms
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ROW (
    p_order.order_id, p_order.portfolio_id, p_order.client_order_id, p_order.instrument_id, p_order.agent_id, p_order.side, p_order.type,
    p_order.time_in_force, p_order.product, p_order.quantity, p_order.limit_price, p_order.stop_price, p_order.trail_amount, p_order.trail_percent,
    p_order.reduce_only, p_order.post_only, p_order.parent_order_id, p_order.oco_group_id, p_order.oco_leg, p_order.expires_at,
    p_order.replaces_order_id, p_order.submitted_by, p_order.submitted_at, p_at, p_order.approved_by, p_stop_loss)::internal.order_terms;
END
$$;
COMMENT ON FUNCTION internal.terms_of(trading.orders, timestamptz, numeric) IS 'The terms of an order that is to be judged at this time.';
