-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.orders, trading.position_adjustments,
-- market.quotes, ledger.*, ops.events
CREATE OR REPLACE FUNCTION trading.apply_split(portfolio_ids int[], action_id int, at timestamptz)
RETURNS SETOF trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_action     market.corporate_actions;
  v_instrument market.instruments;
  v_portfolio  trading.portfolios;
  v_position   trading.positions;
  v_order      trading.orders;
  v_factor     numeric;
  v_due        timestamptz;  -- from here on everything is in the new terms
  v_held       numeric;      -- what the split concerns
  v_quantity   numeric;
  v_orders     int;
BEGIN
  SELECT * INTO v_action FROM market.corporate_actions AS a
   WHERE a.action_id = apply_split.action_id AND a.kind = 'split';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no split %', apply_split.action_id
      USING ERRCODE = 'TR106', DETAIL = 'market.corporate_actions has no split with this action_id.',
            HINT = 'Announce it with market.add_split(...).';
  END IF;
  v_factor := v_action.numerator / v_action.denominator;
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = v_action.instrument_id;
  v_due := market.day_start(v_instrument.exchange_id, v_action.ex_date);

  PERFORM internal.lock_portfolios(portfolio_ids);
  PERFORM internal.mark_periods(p.portfolio_id, apply_split.at) 
     FROM (SELECT DISTINCT n.portfolio_id FROM unnest(portfolio_ids) AS n (portfolio_id)) AS p;
  -- The last price first, and only once, whoever comes first: what is held is worth the same before and after. A price
  -- of the ex-date itself is in the new terms already.
  UPDATE market.quotes AS q
     SET ts = least(apply_split.at, v_due), last = q.last * (v_action.denominator::float8 / v_action.numerator::float8),
         last_size = NULL, bid = NULL, ask = NULL
   WHERE q.instrument_id = v_action.instrument_id
     AND q.ts < least(apply_split.at, v_due);
  FOR v_portfolio IN
    SELECT p.*
    FROM trading.portfolios AS p
    WHERE p.portfolio_id = ANY (apply_split.portfolio_ids)
    ORDER BY p.portfolio_id
    LOOP
    SELECT * INTO v_position FROM trading.positions AS p
     WHERE p.portfolio_id = v_portfolio.portfolio_id AND p.instrument_id = v_action.instrument_id;
    IF NOT FOUND
       OR EXISTS (SELECT FROM trading.position_adjustments AS a WHERE a.portfolio_id = v_portfolio.portfolio_id
                     AND a.action_id = v_action.action_id) THEN
      CONTINUE;
    END IF;
    v_held := v_position.quantity;
    -- Announced late: what was dealt since is in the new terms. A profit that was taken since, at half the shares'
    -- cost, cannot be put right.
    IF EXISTS (SELECT FROM trading.fills AS f WHERE f.portfolio_id = v_portfolio.portfolio_id
                  AND f.instrument_id = v_action.instrument_id AND f.at >= v_due) THEN
      v_held := trading.held_before(v_portfolio.portfolio_id, v_action.instrument_id, v_due);
      IF v_held <> 0
         AND EXISTS (SELECT FROM trading.fills AS f
                      WHERE f.portfolio_id = v_portfolio.portfolio_id AND f.instrument_id = v_action.instrument_id
                                                                  AND f.at >= v_due AND f.closed_quantity > 0) THEN
        PERFORM internal.emit_event('position.split_refused', apply_split.at, v_portfolio.portfolio_id,
                                    v_action.instrument_id, NULL,
                                    jsonb_build_object('action_id', v_action.action_id, 'factor', v_factor, 'held',
                                                       v_held));
        CONTINUE;
      END IF;
    END IF;
    -- The cost stays: twice the shares at half the price.
    v_quantity := v_position.quantity - v_held + internal.split_quantity(v_held, v_action);
    UPDATE trading.positions AS p
       SET quantity = v_quantity,
           market_value = internal.market_value(p.instrument_id, v_quantity, p.cost, p.multiplier, p.is_future),
           intraday_quantity = CASE WHEN v_held = v_position.quantity
                                      THEN round(p.intraday_quantity * v_action.numerator / v_action.denominator,
                                                 8) ELSE p.intraday_quantity END,
                                                 updated_at = greatest(apply_split.at, p.updated_at)
     WHERE p.portfolio_id = v_portfolio.portfolio_id AND p.instrument_id = v_action.instrument_id;
    PERFORM internal.split_lots(v_portfolio.portfolio_id, v_action, v_quantity, v_due);

    v_orders := 0;
    FOR v_order IN
      SELECT o.* FROM trading.orders AS o
       WHERE o.portfolio_id = v_portfolio.portfolio_id AND o.instrument_id = v_action.instrument_id
         AND o.closed_at IS NULL AND o.submitted_at < v_due
       ORDER BY o.order_id
    LOOP
      RETURN NEXT internal.split_order(v_order, v_action, v_instrument, v_portfolio.fee_schedule, apply_split.at);
      v_orders := v_orders + 1;
    END LOOP;
    INSERT INTO trading.position_adjustments (portfolio_id, instrument_id, action_id, quantity_delta, orders_adjusted,
                                              numerator, denominator, ex_date, after_fill_id, at)
    SELECT v_portfolio.portfolio_id, v_action.instrument_id, v_action.action_id, v_quantity - v_position.quantity,
           v_orders, v_action.numerator, v_action.denominator, v_action.ex_date,
           coalesce((SELECT min(f.fill_id) FROM trading.fills AS f
                      WHERE f.portfolio_id = v_portfolio.portfolio_id AND f.instrument_id = v_action.instrument_id
                        AND f.at >= v_due), b.next_fill_id) - 1, apply_split.at
      FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = v_portfolio.portfolio_id;
    PERFORM internal.emit_event('position.split', apply_split.at, v_portfolio.portfolio_id, v_action.instrument_id,
                                NULL,
                                jsonb_build_object('action_id', v_action.action_id, 'factor', v_factor, 'quantity',
                                                   v_quantity));
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.apply_split(int[], int, timestamptz) IS
  'Applies a split to portfolios, once each: what they held and ordered before the ex-date began, lots and '
  'reservations included. One that comes too late, when a profit of what it concerns was taken already, is refused and '
  'journaled as position.split_refused. Returns the orders that changed. Error TR106.';
REVOKE ALL ON FUNCTION trading.apply_split(int[], int, timestamptz) FROM PUBLIC;
