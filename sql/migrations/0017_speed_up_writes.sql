-- PostgreSQL reads, plans and compiles every CHECK of a table anew in each statement that writes it, from the text of its parse tree:
-- 2.7 µs per kB. The 25 of trading.orders were 34 kB: 83 µs of each INSERT and each UPDATE, a third of a whole TPC-B transaction.
-- One CHECK that calls a PL/pgSQL function on the row says the same in 10 µs, because the session keeps the function's expression.
-- A CHECK passes unless it is false, and so does the conjunction: no rule is weaker than it was.
CREATE FUNCTION trading.order_is_sound(p_order trading.orders)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN
    p_order.quantity > 0 AND p_order.filled_quantity BETWEEN 0 AND p_order.quantity AND p_order.busted_quantity BETWEEN 0 AND p_order.filled_quantity
    AND p_order.opening_quantity >= 0 AND p_order.oco_taken >= 0 AND p_order.limit_price > 0 AND p_order.stop_price > 0
    AND p_order.trail_amount > 0 AND p_order.trail_percent < 100
    -- One to 256 printable characters of ASCII, no space at either end. In one regular expression this took longer than all the rest.
    AND length(p_order.client_order_id) BETWEEN 1 AND 256 AND p_order.client_order_id !~ '[^ -~]' AND p_order.client_order_id = btrim(p_order.client_order_id)
    -- The matrix of prices that each type needs: limit_price, stop_price, a trail. The stop price of a trailing stop is where it stands
    -- now; one that does not rest may have none.
    AND CASE p_order.type
          WHEN 'market'           THEN p_order.limit_price IS NULL     AND p_order.stop_price IS NULL     AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 0
          WHEN 'limit'            THEN p_order.limit_price IS NOT NULL AND p_order.stop_price IS NULL     AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 0
          WHEN 'stop'             THEN p_order.limit_price IS NULL     AND p_order.stop_price IS NOT NULL AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 0
          WHEN 'stop_limit'       THEN p_order.limit_price IS NOT NULL AND p_order.stop_price IS NOT NULL AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 0
          WHEN 'limit_if_touched' THEN p_order.limit_price IS NOT NULL AND p_order.stop_price IS NOT NULL AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 0
          WHEN 'trailing_stop'    THEN p_order.limit_price IS NULL     AND num_nonnulls(p_order.trail_amount, p_order.trail_percent) = 1
                                       AND (p_order.stop_price IS NOT NULL OR p_order.status IN ('held', 'pending_approval', 'rejected', 'cancelled', 'expired', 'replaced'))
        END
    AND CASE p_order.status
          WHEN 'filled'           THEN p_order.filled_quantity = p_order.quantity
          WHEN 'partially_filled' THEN p_order.filled_quantity > 0 AND p_order.filled_quantity < p_order.quantity
          WHEN 'rejected'         THEN p_order.filled_quantity = 0
          WHEN 'held'             THEN p_order.filled_quantity < p_order.quantity AND p_order.parent_order_id IS NOT NULL
          ELSE p_order.filled_quantity < p_order.quantity END
    AND (p_order.closed_at IS NOT NULL) = (p_order.status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced'))
    AND CASE p_order.time_in_force WHEN 'gtc' THEN p_order.expires_at IS NULL WHEN 'ioc' THEN p_order.expires_at IS NULL WHEN 'fok' THEN p_order.expires_at IS NULL
                                   ELSE p_order.expires_at IS NOT NULL END
    AND (p_order.active_at IS NOT NULL) = (p_order.time_in_force IN ('at_open', 'at_close'))
    AND (p_order.active_at IS NULL OR p_order.type IN ('market', 'limit'))
    AND (NOT p_order.post_only OR p_order.type = 'limit' AND p_order.time_in_force NOT IN ('ioc', 'fok', 'at_open', 'at_close'))
    AND (p_order.triggered_at IS NULL OR p_order.stop_price IS NOT NULL)
    AND (p_order.planned_quantity IS NOT NULL) = (p_order.parent_order_id IS NOT NULL) AND p_order.planned_quantity > 0 AND p_order.planned_quantity >= p_order.quantity
    AND (p_order.oco_leg IS NOT NULL) = (p_order.oco_group_id IS NOT NULL) AND p_order.oco_leg > 0
    AND (p_order.reason_code IS NULL OR p_order.reason IS NOT NULL)
    AND p_order.approved_by <> p_order.submitted_by;
END
$$;
COMMENT ON FUNCTION trading.order_is_sound(trading.orders) IS
  'What must hold for every row of trading.orders, whoever writes it: the matrix of prices by type, quantities, times and states that fit each other. False refuses the row; NULL is as good as true.';

ALTER TABLE trading.orders
  DROP CONSTRAINT orders_active_at_check, DROP CONSTRAINT orders_approved_by_check, DROP CONSTRAINT orders_busted_quantity_check,
  DROP CONSTRAINT orders_client_order_id_check, DROP CONSTRAINT orders_closed_at_check, DROP CONSTRAINT orders_expires_at_check,
  DROP CONSTRAINT orders_filled_quantity_check, DROP CONSTRAINT orders_held_check, DROP CONSTRAINT orders_limit_price_check,
  DROP CONSTRAINT orders_oco_leg_check, DROP CONSTRAINT orders_oco_taken_check, DROP CONSTRAINT orders_opening_quantity_check,
  DROP CONSTRAINT orders_planned_quantity_check, DROP CONSTRAINT orders_planned_quantity_only_check, DROP CONSTRAINT orders_post_only_check,
  DROP CONSTRAINT orders_prices_check, DROP CONSTRAINT orders_quantity_check, DROP CONSTRAINT orders_reason_check,
  DROP CONSTRAINT orders_session_price_check, DROP CONSTRAINT orders_status_check, DROP CONSTRAINT orders_stop_price_check,
  DROP CONSTRAINT orders_trail_amount_check, DROP CONSTRAINT orders_trail_check, DROP CONSTRAINT orders_trail_percent_check,
  DROP CONSTRAINT orders_triggered_at_check,
  ADD CONSTRAINT orders_sound_check CHECK (trading.order_is_sound(orders));

CREATE FUNCTION trading.fill_is_sound(p_fill trading.fills)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN p_fill.quantity > 0 AND p_fill.price > 0 AND p_fill.closed_quantity BETWEEN 0 AND p_fill.quantity
    AND length(p_fill.execution_id) BETWEEN 1 AND 256 AND p_fill.execution_id !~ '[^ -~]' AND p_fill.execution_id = btrim(p_fill.execution_id)
    AND CASE WHEN p_fill.busts_fill_id IS NULL THEN p_fill.fee >= 0 ELSE p_fill.fee <= 0 END
    AND (p_fill.busts_fill_id IS NULL OR p_fill.corrects_fill_id IS NULL);
END
$$;
COMMENT ON FUNCTION trading.fill_is_sound(trading.fills) IS
  'What must hold for every row of trading.fills: quantity and price are positive, the closed part fits, a fee is paid by a fill and returned by a bust.';
ALTER TABLE trading.fills
  DROP CONSTRAINT fills_cause_check, DROP CONSTRAINT fills_closed_quantity_check, DROP CONSTRAINT fills_execution_id_check,
  DROP CONSTRAINT fills_fee_check, DROP CONSTRAINT fills_price_check, DROP CONSTRAINT fills_quantity_check,
  ADD CONSTRAINT fills_sound_check CHECK (trading.fill_is_sound(fills));

CREATE FUNCTION trading.position_is_sound(p_position trading.positions)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN p_position.open_buy_quantity >= 0 AND p_position.open_sell_quantity >= 0 AND p_position.margin >= 0
    AND CASE WHEN p_position.quantity = 0 THEN p_position.cost = 0 ELSE sign(p_position.cost) IN (0, sign(p_position.quantity)) END;
END
$$;
COMMENT ON FUNCTION trading.position_is_sound(trading.positions) IS
  'What must hold for every row of trading.positions: nothing promised or set aside is negative, cost has the sign of what is held.';
ALTER TABLE trading.positions
  DROP CONSTRAINT positions_cost_check, DROP CONSTRAINT positions_margin_check, DROP CONSTRAINT positions_open_buy_quantity_check,
  DROP CONSTRAINT positions_open_sell_quantity_check,
  ADD CONSTRAINT positions_sound_check CHECK (trading.position_is_sound(positions));

-- The last word of the fund check stays what it is, word for word.
ALTER TABLE ledger.balances
  DROP CONSTRAINT balances_credits_pending_check, DROP CONSTRAINT balances_credits_posted_check, DROP CONSTRAINT balances_debits_pending_check,
  DROP CONSTRAINT balances_debits_posted_check,
  ADD CONSTRAINT balances_signs_check CHECK (least(debits_posted, credits_posted, debits_pending, credits_pending) >= 0);
ALTER TABLE ledger.transfers
  DROP CONSTRAINT transfers_pending_id_check, DROP CONSTRAINT transfers_sides_check, DROP CONSTRAINT transfers_amount_check,
  ADD CONSTRAINT transfers_sound_check CHECK (amount > 0 AND debit_account_id <> credit_account_id AND (state = 'posted' OR (state = 'voided') = (pending_id IS NOT NULL)));

-- A life of an order looked up 28 references, 4 µs each and a row lock with its log record, among them portfolios eight times: a row that
-- a transaction updates twice is looked up again each time. The rows referred to are never deleted (orders, events, fills, transfers and
-- signals refuse it, and so do portfolios and instruments from now on), the tables are written by the procedures alone, which read the row
-- referred to under the portfolio's lock, and ops.check_invariants() compares both sides.
ALTER TABLE ledger.books             DROP CONSTRAINT books_portfolio_id_fkey;
ALTER TABLE ledger.balances          DROP CONSTRAINT balances_account_fkey;
ALTER TABLE ledger.reservations      DROP CONSTRAINT reservations_transfer_fkey;
ALTER TABLE ledger.transfers         DROP CONSTRAINT transfers_debit_account_fkey, DROP CONSTRAINT transfers_credit_account_fkey, DROP CONSTRAINT transfers_pending_id_fkey;
ALTER TABLE trading.orders           DROP CONSTRAINT orders_portfolio_id_fkey, DROP CONSTRAINT orders_instrument_id_fkey, DROP CONSTRAINT orders_reservation_fkey;
ALTER TABLE trading.order_events     DROP CONSTRAINT order_events_order_fkey;
ALTER TABLE trading.fills            DROP CONSTRAINT fills_order_fkey;
ALTER TABLE trading.lots             DROP CONSTRAINT lots_fill_fkey;
ALTER TABLE trading.positions        DROP CONSTRAINT positions_portfolio_id_fkey, DROP CONSTRAINT positions_instrument_id_fkey;
ALTER TABLE trading.portfolio_values DROP CONSTRAINT portfolio_values_portfolio_id_fkey;
