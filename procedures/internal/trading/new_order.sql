-- reads strategy.agents; errors TR101, TR103, TR211, TR503
CREATE OR REPLACE FUNCTION internal.new_order(
  p_portfolio text, p_symbol text, p_side trading.order_side, p_quantity numeric, p_type trading.order_type DEFAULT 'market',
  p_limit_price numeric DEFAULT NULL, p_stop_price numeric DEFAULT NULL, p_time_in_force trading.time_in_force DEFAULT 'day',
  p_expires_at timestamptz DEFAULT NULL, p_product trading.product DEFAULT 'delivery', p_client_order_id text DEFAULT NULL,
  p_agent text DEFAULT NULL, p_at timestamptz DEFAULT NULL, p_trail_amount numeric DEFAULT NULL, p_trail_percent numeric DEFAULT NULL,
  p_reduce_only boolean DEFAULT false, p_post_only boolean DEFAULT false, p_parent_order_id bigint DEFAULT NULL, p_oco_group_id bigint DEFAULT NULL,
  p_oco_leg int DEFAULT NULL)
RETURNS trading.orders
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders := internal.blank_order();
BEGIN
  IF p_symbol IS NULL THEN
    RAISE EXCEPTION 'an order needs a symbol'
      USING ERRCODE = 'TR101', DETAIL = 'symbol is NULL.', HINT = 'Name the instrument, as in symbol => ''IBM''.';
  END IF;
  v_order.portfolio_id := trading.portfolio_id(p_portfolio);
  IF p_agent IS NOT NULL THEN
    SELECT a.agent_id INTO v_order.agent_id FROM strategy.agents AS a
     WHERE a.portfolio_id = v_order.portfolio_id AND a.name = p_agent;
    IF v_order.agent_id IS NULL THEN
      RAISE EXCEPTION 'unknown agent "%"', p_agent
        USING ERRCODE = 'TR503', DETAIL = format('Portfolio "%s" has no such agent.', p_portfolio),
              HINT = 'Create it with strategy.create_agent(...).';
    END IF;
  END IF;
  v_order.instrument_id := market.instrument_id(p_symbol);
  v_order.client_order_id := coalesce(p_client_order_id, gen_random_uuid()::text);
  v_order.side := p_side;
  v_order.type := p_type;
  v_order.time_in_force := p_time_in_force;
  v_order.product := p_product;
  v_order.quantity := p_quantity;
  v_order.limit_price := p_limit_price;
  v_order.stop_price := p_stop_price;
  v_order.trail_amount := p_trail_amount;
  v_order.trail_percent := p_trail_percent;
  v_order.reduce_only := coalesce(p_reduce_only, false);
  v_order.post_only := coalesce(p_post_only, false);
  v_order.parent_order_id := p_parent_order_id;
  v_order.oco_group_id := p_oco_group_id;
  v_order.oco_leg := p_oco_leg;
  v_order.expires_at := p_expires_at;
  v_order.submitted_at := p_at;
  v_order.submitted_by := session_user;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION internal.new_order(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz, trading.product,
  text, text, timestamptz, numeric, numeric, boolean, boolean, bigint, bigint, int) IS
  'The row of a new order as its terms are given, before anything is decided. Errors TR101, TR103, TR211, TR503.';
