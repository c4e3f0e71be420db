-- locks ledger.portfolio_clocks; writes what internal.write_orders writes; errors TR101, TR103, TR201-TR205, TR211,
-- TR212, TR503
CREATE OR REPLACE FUNCTION trading.submit_order(
  portfolio text, symbol text, side trading.order_side, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, time_in_force trading.time_in_force DEFAULT 'day',
  expires_at timestamptz DEFAULT NULL, product trading.product DEFAULT 'delivery', client_order_id text DEFAULT NULL,
  agent text DEFAULT NULL, at timestamptz DEFAULT now(), trail_amount numeric DEFAULT NULL,
  trail_percent numeric DEFAULT NULL,
  reduce_only boolean DEFAULT false, post_only boolean DEFAULT false, parent_order_id bigint DEFAULT NULL,
  oco_group_id bigint DEFAULT NULL,
  oco_leg int DEFAULT NULL)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Plans that are made while tables are small must serve when they are large: each row is found by its key.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
BEGIN
  RETURN (internal.submit_orders(ARRAY[internal.order_terms(
    portfolio, symbol, side, quantity, type, limit_price, stop_price, time_in_force, expires_at, product,
    client_order_id, agent, at, trail_amount, trail_percent, reduce_only, post_only, parent_order_id, oco_group_id,
    oco_leg)]))[1];
END
$$;
COMMENT ON FUNCTION trading.submit_order(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz,
  trading.product, text, text, timestamptz, numeric, numeric, boolean, boolean, bigint, bigint, int) IS
  'Submits an order and returns its row: accepted, or rejected with reason_code and reason; held while it waits for '
  'its parent''s fills; pending_approval while it waits for a second person. oco_group_id 0 begins a group of orders '
  'that exclude each other. The same client_order_id again answers the first order, unchanged. Errors TR101, TR103, '
  'TR201 to TR205, TR211, TR212, TR503.';
REVOKE ALL ON FUNCTION trading.submit_order(
  text, text, trading.order_side, numeric, trading.order_type, numeric, numeric, trading.time_in_force, timestamptz,
  trading.product, text, text, timestamptz, numeric, numeric, boolean, boolean, bigint, bigint, int) FROM PUBLIC;
