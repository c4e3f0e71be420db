-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; errors TR211, TR212
CREATE OR REPLACE FUNCTION trading.square_off(
  portfolio text, at timestamptz DEFAULT now(), ended_only boolean DEFAULT false)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id    int := trading.portfolio_id(square_off.portfolio, 'trade');
  v_position        record;
  v_order           trading.orders;
  v_side            trading.order_side;
  v_client_order_id text;
  v_is_end          boolean;  -- the session of the instrument ends now
BEGIN
  IF isfinite(square_off.at) IS NOT TRUE THEN
    RAISE EXCEPTION 'squaring off needs a time'
      USING ERRCODE = 'TR212', DETAIL = format('at is %s.', coalesce(square_off.at::text, 'NULL')),
            HINT = 'Give the end of the session, or now().';
  END IF;
  PERFORM internal.lock_portfolio(v_portfolio_id);
  FOR v_position IN
    SELECT p.instrument_id, p.quantity, p.intraday_quantity, i.lot_size, i.exchange_id,
           e.code || ':' || i.symbol AS symbol
      FROM trading.positions AS p
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
     WHERE p.portfolio_id = v_portfolio_id
       AND (p.intraday_quantity <> 0
            OR EXISTS (SELECT FROM trading.orders AS o
                        WHERE o.portfolio_id = v_portfolio_id AND o.instrument_id = p.instrument_id
                          AND o.closed_at IS NULL AND o.product = 'intraday'))
     ORDER BY p.instrument_id
  LOOP
    -- A session is over at its very end: a moment before, that is the next close.
    v_is_end := coalesce(market.session_close(v_position.exchange_id,
                                              square_off.at - interval '1 microsecond') = square_off.at, false);
    CONTINUE WHEN square_off.ended_only AND NOT v_is_end;
    v_client_order_id := format('square-off/%s/%s', v_position.instrument_id,
                                to_char(square_off.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
    SELECT * INTO v_order FROM trading.orders AS o
     WHERE o.portfolio_id = v_portfolio_id AND o.client_order_id = v_client_order_id;
    IF FOUND THEN
      RETURN NEXT v_order;
      CONTINUE;
    END IF;
    v_side := CASE WHEN v_position.intraday_quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side;
    -- What is intraday ends, and what else competes for the quantity that is to be closed.
    FOR v_order IN
      SELECT o.* FROM trading.orders AS o
       WHERE o.portfolio_id = v_portfolio_id AND o.instrument_id = v_position.instrument_id AND o.closed_at IS NULL
         AND (o.product = 'intraday' OR o.side = v_side AND v_position.intraday_quantity <> 0)
       ORDER BY o.product = 'intraday' DESC, o.order_id DESC
    LOOP
      CONTINUE WHEN EXISTS (SELECT FROM trading.orders AS o
                             WHERE o.portfolio_id = v_portfolio_id AND o.order_id = v_order.order_id
                               AND o.closed_at IS NOT NULL);
      CONTINUE WHEN v_order.product <> 'intraday'
                AND abs(v_position.quantity) - abs(v_position.intraday_quantity)
                    >= (SELECT CASE v_side WHEN 'sell' THEN p.open_sell_quantity ELSE p.open_buy_quantity END
                          FROM trading.positions AS p
                         WHERE p.portfolio_id = v_portfolio_id AND p.instrument_id = v_position.instrument_id);
      RETURN NEXT internal.end_order(v_order, 'cancelled', 'TR232', 'squared off', square_off.at);
    END LOOP;
    v_position.intraday_quantity := abs(v_position.intraday_quantity);
    IF v_position.intraday_quantity <> abs(v_position.quantity) THEN
      v_position.intraday_quantity := v_position.lot_size * div(v_position.intraday_quantity, v_position.lot_size);
    END IF;
    IF v_position.intraday_quantity > 0 THEN
      RETURN NEXT trading.submit_order(
        square_off.portfolio, v_position.symbol, v_side, v_position.intraday_quantity, product => 'intraday',
        time_in_force => CASE WHEN v_is_end THEN 'at_close' ELSE 'gtc' END::trading.time_in_force,
        client_order_id => v_client_order_id,
        at => CASE WHEN v_is_end THEN square_off.at - interval '1 microsecond' ELSE square_off.at END);
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.square_off(text, timestamptz, boolean) IS
  'Cancels intraday orders and closes by market orders what intraday orders have opened: at the closing price of a '
  'session that ends at this time, else at the next price. ended_only leaves alone what trades on. Returns the orders '
  'that it cancelled and submitted; again at the same time it submits nothing new. Errors TR211, TR212.';
REVOKE ALL ON FUNCTION trading.square_off(text, timestamptz, boolean) FROM PUBLIC;
