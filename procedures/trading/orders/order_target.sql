-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors those of
-- trading.submit_order
CREATE OR REPLACE FUNCTION trading.order_target(
  portfolio text, symbol text, quantity numeric, type trading.order_type DEFAULT 'market',
  limit_price numeric DEFAULT NULL,
  time_in_force trading.time_in_force DEFAULT 'day', product trading.product DEFAULT 'delivery',
  client_order_id text DEFAULT NULL, agent text DEFAULT NULL,
  at timestamptz DEFAULT now())
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id  int := trading.portfolio_id(order_target.portfolio, 'trade');
  v_instrument_id int := market.instrument_id(order_target.symbol);
  v_known         trading.orders;
  v_expected      numeric;  -- the position when what is meant to trade has filled
  v_difference    numeric;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT * INTO v_known FROM trading.orders AS o
   WHERE o.portfolio_id = v_portfolio_id AND o.client_order_id = order_target.client_order_id;
  IF FOUND THEN
    IF (v_known.instrument_id, v_known.type) IS DISTINCT FROM (v_instrument_id, order_target.type) THEN
      RAISE EXCEPTION 'client_order_id "%" was used for another order', order_target.client_order_id
        USING ERRCODE = 'TR204', DETAIL = format('Order %s is a %s order.', v_known.order_id, v_known.type),
              HINT = 'Use a new client_order_id.';
    END IF;
    RETURN NEXT v_known;
    RETURN;
  END IF;
  SELECT coalesce(sum(n.quantity), 0) INTO v_expected
    FROM (SELECT p.quantity
            FROM trading.positions AS p
           WHERE p.portfolio_id = v_portfolio_id AND p.instrument_id = v_instrument_id
          UNION ALL
          -- Stops and exits that may only reduce are insurance, not intention.
          SELECT CASE o.side WHEN 'buy' THEN 1 ELSE -1 END * (o.quantity - o.filled_quantity) FROM trading.orders AS o
           WHERE o.portfolio_id = v_portfolio_id AND o.instrument_id = v_instrument_id AND o.closed_at IS NULL
             AND NOT o.reduce_only
             AND o.parent_order_id IS NULL AND (o.stop_price IS NULL OR o.triggered_at IS NOT NULL)) AS n (quantity);
  v_difference := order_target.quantity - v_expected;
  IF v_difference = 0 THEN
    RETURN;
  END IF;
  RETURN NEXT trading.submit_order(order_target.portfolio, order_target.symbol,
                                   CASE WHEN v_difference > 0 THEN 'buy' ELSE 'sell' END::trading.order_side,
                                   abs(v_difference), order_target.type, order_target.limit_price,
                                   time_in_force => order_target.time_in_force, product => order_target.product,
                                   client_order_id => order_target.client_order_id, agent => order_target.agent,
                                   at => order_target.at);
END
$$;
COMMENT ON FUNCTION trading.order_target(
  text, text, numeric, trading.order_type, numeric, trading.time_in_force, trading.product, text, text, timestamptz) IS
  'Submits the order that brings a position to this quantity (negative: short), counting what open orders are meant to '
  'buy and sell still (stops and orders that may only reduce are not); no row when it is there already. The same '
  'client_order_id again answers the first order. Errors of trading.submit_order.';
REVOKE ALL ON FUNCTION trading.order_target(
  text, text, numeric, trading.order_type, numeric, trading.time_in_force, trading.product, text, text, timestamptz)
    FROM PUBLIC;
