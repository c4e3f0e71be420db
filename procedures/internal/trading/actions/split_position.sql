-- writes trading.positions, trading.lots, trading.lot_closures, trading.orders, trading.position_adjustments, ledger.*,
-- ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.split_position(
  p_portfolio trading.portfolios, p_action market.corporate_actions, p_instrument market.instruments,
  p_due timestamptz, p_at timestamptz)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_position   trading.positions;
  v_order      trading.orders;
  v_factor     numeric := p_action.numerator / p_action.denominator;
  v_held       numeric;                       -- what the split concerns
  v_held_after numeric;
  v_quantity   numeric;
  v_orders     int := 0;
  v_lieu       trading.position_adjustments;  -- what becomes of a fraction
BEGIN
  SELECT * INTO v_position FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio.portfolio_id AND p.instrument_id = p_action.instrument_id;
  IF NOT FOUND
     OR EXISTS (SELECT FROM trading.position_adjustments AS a WHERE a.portfolio_id = p_portfolio.portfolio_id
                   AND a.action_id = p_action.action_id) THEN
    RETURN;
  END IF;
  v_held := v_position.quantity;
  -- Announced late: what was dealt since is in the new terms. A profit that was taken since, at half the shares'
  -- cost, cannot be put right.
  IF EXISTS (SELECT FROM trading.fills AS f WHERE f.portfolio_id = p_portfolio.portfolio_id
                AND f.instrument_id = p_action.instrument_id AND f.at >= p_due) THEN
    v_held := trading.held_before(p_portfolio.portfolio_id, p_action.instrument_id, p_due);
    IF v_held <> 0
       AND EXISTS (SELECT FROM trading.fills AS f
                    WHERE f.portfolio_id = p_portfolio.portfolio_id AND f.instrument_id = p_action.instrument_id
                                                                AND f.at >= p_due AND f.closed_quantity > 0) THEN
      PERFORM internal.emit_event(format('position.%s_refused', p_action.kind), p_at, p_portfolio.portfolio_id,
                                  p_action.instrument_id, NULL,
                                  jsonb_build_object('action_id', p_action.action_id, 'factor', v_factor, 'held',
                                                     v_held));
      RETURN;
    END IF;
  END IF;
  -- The cost stays: twice the shares at half the price.
  v_held_after := internal.split_quantity(v_held, p_action);
  v_quantity := v_position.quantity - v_held + v_held_after;
  UPDATE trading.positions AS p
     SET quantity = v_quantity,
         market_value = internal.market_value(p.instrument_id, v_quantity, p.cost, p.multiplier, p.is_future),
         intraday_quantity = CASE WHEN v_held = v_position.quantity
                                    THEN round(p.intraday_quantity * p_action.numerator / p_action.denominator,
                                               8) ELSE p.intraday_quantity END,
                                               updated_at = greatest(p_at, p.updated_at)
   WHERE p.portfolio_id = p_portfolio.portfolio_id AND p.instrument_id = p_action.instrument_id;
  PERFORM internal.split_lots(p_portfolio.portfolio_id, p_action, v_quantity, p_due);
  v_lieu := internal.pay_fraction(p_portfolio.portfolio_id, p_action, p_instrument, v_held_after, p_due, p_at);
  v_quantity := v_quantity - v_lieu.lieu_quantity;

  FOR v_order IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio.portfolio_id AND o.instrument_id = p_action.instrument_id
       AND o.closed_at IS NULL AND o.submitted_at < p_due
     ORDER BY o.order_id
  LOOP
    RETURN NEXT internal.split_order(v_order, p_action, p_instrument, p_portfolio.fee_schedule, p_at);
    v_orders := v_orders + 1;
  END LOOP;
  IF v_lieu.lieu_quantity > 0 AND p_portfolio.account_type = 'cash' THEN
    PERFORM internal.bound_sells(p_portfolio, p_instrument, p_at);
  END IF;
  INSERT INTO trading.position_adjustments (portfolio_id, instrument_id, action_id, quantity_delta, orders_adjusted,
                                            numerator, denominator, ex_date, after_fill_id, at, lieu_quantity,
                                            lieu_price, lieu_amount, realised_pnl, fifo_pnl, margin_delta, advanced,
                                            first_transfer_id, next_transfer_id)
  SELECT p_portfolio.portfolio_id, p_action.instrument_id, p_action.action_id, v_quantity - v_position.quantity,
         v_orders, p_action.numerator, p_action.denominator, p_action.ex_date,
         coalesce((SELECT min(f.fill_id) FROM trading.fills AS f
                    WHERE f.portfolio_id = p_portfolio.portfolio_id AND f.instrument_id = p_action.instrument_id
                      AND f.at >= p_due), b.next_fill_id) - 1, p_at,
         v_lieu.lieu_quantity, v_lieu.lieu_price, v_lieu.lieu_amount, v_lieu.realised_pnl, v_lieu.fifo_pnl,
         v_lieu.margin_delta, v_lieu.advanced, v_lieu.first_transfer_id, v_lieu.next_transfer_id
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio.portfolio_id;
  PERFORM internal.emit_event(format('position.%s', p_action.kind), p_at, p_portfolio.portfolio_id,
                              p_action.instrument_id, NULL,
                              jsonb_build_object('action_id', p_action.action_id, 'factor', v_factor, 'quantity',
                                                 v_quantity)
                              || CASE WHEN v_lieu.lieu_quantity <> 0
                                        THEN jsonb_build_object('lieu_quantity', v_lieu.lieu_quantity, 'lieu_price',
                                                                v_lieu.lieu_price, 'lieu_amount', v_lieu.lieu_amount)
                                      ELSE '{}' END);
END
$$;
COMMENT ON FUNCTION internal.split_position(
  trading.portfolios, market.corporate_actions, market.instruments, timestamptz, timestamptz) IS
  'The part of trading.apply_split that concerns one portfolio: what it held and had ordered before p_due, once. '
  'Returns the orders that changed.';
