-- writes trading.orders and what its triggers write; errors TR101, TR103, TR201-TR205, TR211, TR212, TR503
CREATE OR REPLACE FUNCTION trading.submit_order(
  portfolio text, symbol text, side trading.order_side, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, time_in_force trading.time_in_force DEFAULT 'day',
  expires_at timestamptz DEFAULT NULL, product trading.product DEFAULT 'delivery', client_order_id text DEFAULT NULL,
  agent text DEFAULT NULL, at timestamptz DEFAULT now(), trail_amount numeric DEFAULT NULL, trail_percent numeric DEFAULT NULL,
  reduce_only boolean DEFAULT false, post_only boolean DEFAULT false, parent_order_id bigint DEFAULT NULL, oco_group_id bigint DEFAULT NULL, oco_leg int DEFAULT NULL)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id    int  := trading.portfolio_id(submit_order.portfolio);
  v_client_order_id text := coalesce(submit_order.client_order_id, gen_random_uuid()::text);
  v_agent_id        int;
  v_instrument_id   int;
  v_order           trading.orders;
BEGIN
  IF submit_order.symbol IS NULL THEN
    RAISE EXCEPTION 'an order needs a symbol' USING ERRCODE = 'TR101', DETAIL = 'symbol is NULL.', HINT = 'Name the instrument, as in symbol => ''IBM''.';
  END IF;
  IF submit_order.agent IS NOT NULL THEN
    SELECT a.agent_id INTO v_agent_id FROM strategy.agents AS a WHERE a.portfolio_id = v_portfolio_id AND a.name = submit_order.agent;
    IF v_agent_id IS NULL THEN
      RAISE EXCEPTION 'unknown agent "%"', submit_order.agent
        USING ERRCODE = 'TR503', DETAIL = format('Portfolio "%s" has no such agent.', submit_order.portfolio), HINT = 'Create it with strategy.create_agent(...).';
    END IF;
  END IF;
  v_instrument_id := market.instrument_id(submit_order.symbol);
  IF v_agent_id IS NULL AND num_nonnulls(submit_order.trail_amount, submit_order.trail_percent, submit_order.parent_order_id, submit_order.oco_group_id, submit_order.oco_leg) = 0
     AND NOT coalesce(submit_order.reduce_only, false) AND NOT coalesce(submit_order.post_only, false) THEN
    v_order := trading.submit_plain_order(v_portfolio_id, v_client_order_id, v_instrument_id, submit_order.side, submit_order.type, submit_order.time_in_force, submit_order.product,
                                          submit_order.quantity, submit_order.limit_price, submit_order.stop_price, submit_order.expires_at, submit_order.at);
    IF v_order.order_id IS NOT NULL THEN
      RETURN v_order;
    END IF;
  END IF;
  INSERT INTO trading.orders AS o
         (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, product, quantity, limit_price, stop_price, trail_amount, trail_percent,
          reduce_only, post_only, parent_order_id, oco_group_id, oco_leg, expires_at, submitted_at)
  VALUES (v_portfolio_id, v_client_order_id, v_instrument_id,
          v_agent_id, submit_order.side, submit_order.type, submit_order.time_in_force, submit_order.product, submit_order.quantity,
          submit_order.limit_price, submit_order.stop_price, submit_order.trail_amount, submit_order.trail_percent, coalesce(submit_order.reduce_only, false),
          coalesce(submit_order.post_only, false), submit_order.parent_order_id, submit_order.oco_group_id, submit_order.oco_leg, submit_order.expires_at, submit_order.at)
  RETURNING * INTO v_order;
  IF NOT FOUND THEN
    SELECT * INTO v_order FROM trading.orders AS o WHERE o.portfolio_id = v_portfolio_id AND o.client_order_id = v_client_order_id;
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.submit_order(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz, trading.product, text, text, timestamptz,
                                         numeric, numeric, boolean, boolean, bigint, bigint, int) IS
  'Submits an order and returns its row: accepted, or rejected with reason_code and reason; held while it waits for its parent''s fills; pending_approval while it waits for a second person. oco_group_id 0 begins a group of orders that exclude each other. The same client_order_id again answers the first order, unchanged. Errors TR101, TR103, TR201 to TR205, TR211, TR212, TR503.';
REVOKE ALL ON FUNCTION trading.submit_order(text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz, trading.product, text, text, timestamptz,
                                            numeric, numeric, boolean, boolean, bigint, bigint, int) FROM PUBLIC;
