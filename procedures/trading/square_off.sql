-- locks ledger.books; writes trading.orders and what its triggers write; errors TR102, TR211
CREATE OR REPLACE FUNCTION trading.square_off(portfolio text, exchange text DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(square_off.portfolio);
  v_exchange_id  int := CASE WHEN square_off.exchange IS NOT NULL THEN market.exchange_id(square_off.exchange) END;
  v_position     trading.positions;
  v_side         trading.order_side;
  v_order        trading.orders;
BEGIN
  PERFORM ledger.lock_book(v_portfolio_id);
  PERFORM trading.end_order(o, 'cancelled', 'TR232', 'intraday orders end with the session', square_off.at)
     FROM trading.orders AS o JOIN market.instruments AS i USING (instrument_id)
    WHERE o.portfolio_id = v_portfolio_id AND o.product = 'intraday' AND o.closed_at IS NULL AND (v_exchange_id IS NULL OR i.exchange_id = v_exchange_id)
      AND o.client_order_id NOT LIKE 'square-off/%'
    ORDER BY o.order_id;
  FOR v_position IN
    SELECT p.* FROM trading.positions AS p JOIN market.instruments AS i USING (instrument_id)
     WHERE p.portfolio_id = v_portfolio_id AND p.intraday_quantity <> 0 AND (v_exchange_id IS NULL OR i.exchange_id = v_exchange_id)
       AND NOT EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = p.portfolio_id AND o.instrument_id = p.instrument_id AND o.closed_at IS NULL
                                                         AND o.client_order_id LIKE 'square-off/%')
     ORDER BY p.instrument_id
  LOOP
    v_side := CASE WHEN v_position.intraday_quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side;
    -- Resting orders of other products want the same quantity: that intraday ends today comes first.
    IF abs(v_position.quantity) < abs(v_position.intraday_quantity) + (CASE v_side WHEN 'sell' THEN v_position.open_sell_quantity ELSE v_position.open_buy_quantity END) THEN
      PERFORM trading.end_order(o, 'cancelled', 'TR232', 'its quantity is squared off', square_off.at)
         FROM trading.orders AS o
        WHERE o.portfolio_id = v_portfolio_id AND o.instrument_id = v_position.instrument_id AND o.closed_at IS NULL AND o.side = v_side
        ORDER BY o.order_id;
    END IF;
    INSERT INTO trading.orders AS o (portfolio_id, client_order_id, instrument_id, side, type, time_in_force, product, quantity, reduce_only, submitted_at)
    VALUES (v_portfolio_id, format('square-off/%s/%s', v_position.instrument_id, (SELECT b.next_order_id FROM ledger.books AS b WHERE b.portfolio_id = v_portfolio_id)),
            v_position.instrument_id, v_side, 'market', 'gtc', 'intraday', abs(v_position.intraday_quantity), true, square_off.at)
    RETURNING * INTO v_order;
    RETURN NEXT v_order;
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.square_off(text, text, timestamptz) IS
  'Ends the intraday business of a portfolio (on one exchange, NULL: on all): cancels intraday orders and closes what intraday orders opened at the market. Returns the closing orders; one that is open already is not sent again. Errors TR102, TR211.';
REVOKE ALL ON FUNCTION trading.square_off(text, text, timestamptz) FROM PUBLIC;
