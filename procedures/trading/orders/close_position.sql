-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR101, TR103, TR204, TR211,
-- TR215, TR249
CREATE OR REPLACE FUNCTION trading.close_position(
  portfolio text, symbol text, client_order_id text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id  int := trading.portfolio_id(close_position.portfolio, 'trade');
  v_instrument_id int := market.instrument_id(close_position.symbol);
  v_known         trading.orders;
  v_quantity      numeric;
BEGIN
  PERFORM internal.require_event_time(close_position.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT * INTO v_known FROM trading.orders AS o
   WHERE o.portfolio_id = v_portfolio_id AND o.client_order_id = close_position.client_order_id;
  IF FOUND THEN
    IF (v_known.instrument_id, v_known.type) IS DISTINCT FROM (v_instrument_id, 'market') THEN
      RAISE EXCEPTION 'client_order_id "%" was used for another order', close_position.client_order_id
        USING ERRCODE = 'TR204', DETAIL = format('Order %s is a %s order.', v_known.order_id, v_known.type),
              HINT = 'Use a new client_order_id.';
    END IF;
    RETURN v_known;
  END IF;
  SELECT p.quantity INTO v_quantity FROM trading.positions AS p
   WHERE p.portfolio_id = v_portfolio_id AND p.instrument_id = v_instrument_id;
  IF coalesce(v_quantity, 0) = 0 THEN
    RAISE EXCEPTION 'there is no position in % to close', close_position.symbol
      USING ERRCODE = 'TR215', DETAIL = format('Portfolio "%s" holds 0.', close_position.portfolio),
            HINT = 'trading.position_pnl lists what is held.';
  END IF;
  -- Resting orders on the same side would compete for the quantity, those on the other side would open it again.
  PERFORM internal.end_order(o, 'cancelled', 'TR216', 'position closed', close_position.at)
    FROM trading.orders AS o
   WHERE o.portfolio_id = v_portfolio_id AND o.instrument_id = v_instrument_id AND o.closed_at IS NULL
   ORDER BY o.order_id;
  RETURN trading.submit_order(close_position.portfolio, close_position.symbol,
                              CASE WHEN v_quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side,
                              abs(v_quantity), time_in_force => 'gtc',
                              client_order_id => close_position.client_order_id, at => close_position.at);
END
$$;
COMMENT ON FUNCTION trading.close_position(text, text, text, timestamptz) IS
  'Cancels the open orders of an instrument and submits a market order that closes the position. The same '
  'client_order_id again answers the first closing order. Errors TR101, TR103, TR204, TR211, TR215.';
REVOKE ALL ON FUNCTION trading.close_position(text, text, text, timestamptz) FROM PUBLIC;
