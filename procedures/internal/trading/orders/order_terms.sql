-- reads strategy.agents; errors TR101, TR103, TR211, TR503
CREATE OR REPLACE FUNCTION internal.order_terms(
  p_portfolio text, p_symbol text, p_side trading.order_side, p_quantity numeric,
  p_type trading.order_type DEFAULT 'market',
  p_limit_price numeric DEFAULT NULL, p_stop_price numeric DEFAULT NULL,
  p_time_in_force trading.time_in_force DEFAULT 'day',
  p_expires_at timestamptz DEFAULT NULL, p_product trading.product DEFAULT 'delivery',
  p_client_order_id text DEFAULT NULL,
  p_agent text DEFAULT NULL, p_at timestamptz DEFAULT NULL, p_trail_amount numeric DEFAULT NULL,
  p_trail_percent numeric DEFAULT NULL,
  p_reduce_only boolean DEFAULT false, p_post_only boolean DEFAULT false, p_parent_order_id bigint DEFAULT NULL,
  p_oco_group_id bigint DEFAULT NULL, p_oco_leg int DEFAULT NULL, p_stop_loss numeric DEFAULT NULL,
  p_right identity.portfolio_right DEFAULT 'trade')
RETURNS internal.order_terms
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(p_portfolio, p_right);
  v_agent_id     int;
BEGIN
  IF p_agent IS NOT NULL THEN
    SELECT a.agent_id INTO v_agent_id FROM strategy.agents AS a
     WHERE a.portfolio_id = v_portfolio_id AND a.name = p_agent;
    IF v_agent_id IS NULL THEN
      RAISE EXCEPTION 'unknown agent "%"', p_agent
        USING ERRCODE = 'TR503', DETAIL = format('Portfolio "%s" has no such agent.', p_portfolio),
              HINT = 'Create it with strategy.create_agent(...).';
    END IF;
  END IF;
  -- One expression, since each costs a preparation in every transaction.
  RETURN ROW (
    NULL, v_portfolio_id, coalesce(p_client_order_id, gen_random_uuid()::text),
    market.instrument_id(coalesce(p_symbol, '')), v_agent_id, p_side, p_type,
    p_time_in_force, p_product, p_quantity, p_limit_price, p_stop_price, p_trail_amount, p_trail_percent,
    coalesce(p_reduce_only, false), coalesce(p_post_only, false), p_parent_order_id, p_oco_group_id, p_oco_leg,
    p_expires_at, NULL, ops.actor(), p_at, p_at, NULL, p_stop_loss, false, 0, 0, 0, 0, 0, 0, 0)::internal.order_terms;
END
$$;
COMMENT ON FUNCTION internal.order_terms(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz,
  trading.product, text, text, timestamptz, numeric, numeric, boolean, boolean, bigint, bigint, int, numeric,
  identity.portfolio_right) IS
  'The terms of a new order as a caller who has this right to the portfolio gives them. Errors TR101, TR103, TR211, '
  'TR503.';
