-- locks ledger.portfolio_clocks; writes trading.orders and what its triggers write; reports what it could not do
-- instead of stopping half-way
CREATE OR REPLACE FUNCTION internal.close_out(
  p_portfolio_id int, p_instrument_ids int[], p_reason text, p_at timestamptz)
RETURNS TABLE (symbol text, held numeric, orders_cancelled int, closing_order_id bigint, status trading.order_status,
               problem text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio text := (SELECT p.name FROM trading.portfolios AS p WHERE p.portfolio_id = p_portfolio_id);
  v_position  record;
  v_order     trading.orders;
  v_closing   trading.orders;
  v_side      trading.order_side;
BEGIN
  PERFORM internal.lock_portfolio(p_portfolio_id);
  FOR v_position IN
    SELECT n.instrument_id, coalesce(p.quantity, 0) AS quantity, e.code || ':' || i.symbol AS symbol
      FROM (SELECT h.instrument_id FROM trading.positions AS h WHERE h.portfolio_id = p_portfolio_id AND h.quantity <> 0
            UNION
            SELECT o.instrument_id FROM trading.orders AS o
             WHERE o.portfolio_id = p_portfolio_id AND o.closed_at IS NULL) AS n
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
      LEFT JOIN trading.positions AS p ON p.portfolio_id = p_portfolio_id AND p.instrument_id = n.instrument_id
     WHERE p_instrument_ids IS NULL OR n.instrument_id = ANY (p_instrument_ids)
     ORDER BY n.instrument_id
  LOOP
    symbol := v_position.symbol;
    held := v_position.quantity;
    orders_cancelled := 0;
    problem := NULL;
    v_side := CASE WHEN v_position.quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side;
    -- A market order that closes just this position is what is wanted: an exit before this one, or a person, sent it.
    SELECT * INTO v_closing FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio_id AND o.instrument_id = v_position.instrument_id AND o.closed_at IS NULL
       AND o.type = 'market' AND o.side = v_side
       AND o.time_in_force NOT IN ('at_open', 'at_close')
       AND o.status NOT IN ('held', 'pending_approval', 'pending_cancel', 'unknown')
       AND o.quantity - o.filled_quantity = abs(v_position.quantity)
     ORDER BY o.order_id LIMIT 1;
    FOR v_order IN
      SELECT o.* FROM trading.orders AS o
       WHERE o.portfolio_id = p_portfolio_id AND o.instrument_id = v_position.instrument_id AND o.closed_at IS NULL
         AND o.order_id IS DISTINCT FROM v_closing.order_id
       ORDER BY o.order_id
    LOOP
      -- The end of one order may have ended others: children with their parent.
      CONTINUE WHEN EXISTS (SELECT FROM trading.orders AS o
                             WHERE o.portfolio_id = p_portfolio_id AND o.order_id = v_order.order_id
                               AND o.closed_at IS NOT NULL);
      PERFORM internal.end_order(v_order, 'cancelled', 'TR216', p_reason, p_at);
      orders_cancelled := orders_cancelled + 1;
    END LOOP;
    IF v_closing.order_id IS NULL AND v_position.quantity <> 0 THEN
      BEGIN
        v_closing := trading.submit_order(v_portfolio, v_position.symbol, v_side, abs(v_position.quantity),
                                          time_in_force => 'gtc',
                                          client_order_id => 'emergency-exit-' || gen_random_uuid(), at => p_at);
        problem := v_closing.reason;
      -- the whole class: one position that cannot be closed keeps no other one open
      EXCEPTION WHEN SQLSTATE 'TR000' THEN
        problem := SQLERRM;
      END;
    END IF;
    closing_order_id := v_closing.order_id;
    status := v_closing.status;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.close_out(int, int[], text, timestamptz) IS
  'Cancels all open orders of a portfolio, in these instruments or (NULL) all, and closes the positions by market '
  'orders; one row per instrument, with problem where that was refused. A market order under way that closes a '
  'position stays.';
