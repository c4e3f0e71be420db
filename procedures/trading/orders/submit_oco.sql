-- writes trading.orders and what its triggers write; errors those of trading.submit_order
CREATE OR REPLACE FUNCTION trading.submit_oco(
  portfolio text, symbol text, side trading.order_side, quantity numeric, limit_price numeric, stop_price numeric,
  stop_limit_price numeric DEFAULT NULL,
  time_in_force trading.time_in_force DEFAULT 'gtc', product trading.product DEFAULT 'delivery',
  reduce_only boolean DEFAULT false,
  client_order_id text DEFAULT NULL, agent text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_key   text := coalesce(submit_oco.client_order_id, gen_random_uuid()::text);
  v_limit trading.orders;
  v_stop  trading.orders;
BEGIN
  v_limit := trading.submit_order(submit_oco.portfolio, submit_oco.symbol, submit_oco.side, submit_oco.quantity,
                                  'limit', submit_oco.limit_price, time_in_force => submit_oco.time_in_force,
                                  product => submit_oco.product, client_order_id => v_key, agent => submit_oco.agent,
                                  at => submit_oco.at, reduce_only => submit_oco.reduce_only, oco_group_id => 0,
                                  oco_leg => 1);
  RETURN NEXT v_limit;
  SELECT * INTO v_stop FROM trading.orders AS o
   WHERE o.portfolio_id = v_limit.portfolio_id AND o.client_order_id = v_key || '/stop';
  IF NOT FOUND AND v_limit.closed_at IS NULL THEN
    v_stop := trading.submit_order(submit_oco.portfolio, submit_oco.symbol, submit_oco.side, submit_oco.quantity,
      CASE WHEN submit_oco.stop_limit_price IS NULL THEN 'stop' ELSE 'stop_limit' END::trading.order_type,
                                   submit_oco.stop_limit_price, submit_oco.stop_price, submit_oco.time_in_force,
                                   product => submit_oco.product,
                                   client_order_id => v_key || '/stop', agent => submit_oco.agent, at => submit_oco.at,
                                   reduce_only => submit_oco.reduce_only, oco_group_id => v_limit.order_id,
                                   oco_leg => 2);
    -- Half a pair is not what was asked for.
    IF v_stop.status = 'rejected' THEN
      v_limit := internal.end_order(v_limit, 'cancelled', v_stop.reason_code,
                                    'the other order of the pair was rejected: ' || v_stop.reason, submit_oco.at);
    END IF;
  END IF;
  IF v_stop.order_id IS NOT NULL THEN
    RETURN NEXT v_stop;
  END IF;
END
$$;
COMMENT ON FUNCTION trading.submit_oco(
  text, text, trading.order_side, numeric, numeric, numeric, numeric, trading.time_in_force, trading.product, boolean,
  text, text, timestamptz) IS
  'Submits a limit order and a stop (stop_limit_price: stop-limit) of one side that exclude each other, and returns '
  'both: a fill of one takes as much from the other. When the second is rejected, the first is cancelled. The same '
  'client_order_id again answers the first pair. Errors of trading.submit_order.';
REVOKE ALL ON FUNCTION trading.submit_oco(
  text, text, trading.order_side, numeric, numeric, numeric, numeric, trading.time_in_force, trading.product, boolean,
  text, text, timestamptz)
    FROM PUBLIC;
