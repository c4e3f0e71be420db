-- locks ledger.books; writes trading.orders, trading.order_events, trading.positions, ledger.*, ops.events
CREATE OR REPLACE FUNCTION trading.submit_plain_order(
  p_portfolio_id int, p_client_order_id text, p_instrument_id int, p_side trading.order_side, p_type trading.order_type, p_time_in_force trading.time_in_force,
  p_product trading.product, p_quantity numeric, p_limit_price numeric, p_stop_price numeric, p_expires_at timestamptz, p_at timestamptz)
RETURNS trading.orders
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'bulk'
SET plan_cache_mode = force_generic_plan
SET join_collapse_limit = 1  -- the joins are written in their order: whatever the statistics say, each row is found by its key
AS $$
DECLARE
  v_is_buy  boolean := p_side = 'buy';
  v_book    record;
  v_found   record;
  v_price   numeric;  -- at which money is reserved
  v_value   numeric;
  v_cost    numeric := 0;
  v_fee     numeric;
  v_fees    numeric[];
  v_ends_at timestamptz := p_expires_at;
  v_order   trading.orders;
BEGIN
  IF (num_nulls(p_side, p_type, p_time_in_force, p_product) = 0 AND p_quantity > 0 AND p_quantity < 1e10 AND isfinite(p_at) AND p_client_order_id <> ''
      AND (p_limit_price IS NULL OR p_limit_price > 0) AND (p_stop_price IS NULL OR p_stop_price > 0)
      AND CASE p_type WHEN 'market' THEN p_limit_price IS NULL AND p_stop_price IS NULL
                      WHEN 'limit'  THEN p_limit_price IS NOT NULL AND p_stop_price IS NULL
                      WHEN 'stop'   THEN p_limit_price IS NULL AND p_stop_price IS NOT NULL
                      WHEN 'trailing_stop' THEN false ELSE p_limit_price IS NOT NULL AND p_stop_price IS NOT NULL END
      AND CASE p_time_in_force WHEN 'gtd' THEN p_expires_at > p_at WHEN 'at_open' THEN false WHEN 'at_close' THEN false ELSE p_expires_at IS NULL END) IS NOT TRUE THEN
    RETURN NULL;
  END IF;
  SELECT k.next_order_id, k.next_transfer_id, greatest(k.stream_xid, pg_current_xact_id()) AS stream_xid INTO v_book
    FROM ledger.books AS k WHERE k.portfolio_id = p_portfolio_id FOR NO KEY UPDATE;
  -- What is not here makes the order one that is not plain. Each condition is one under which trading.judge_order has no choice.
  SELECT p.currency, p.fee_schedule, p.market_order_buffer, i.multiplier, i.exchange_id, c.account_id AS cash_id, v.account_id AS securities_id,
         b.credits_posted - b.debits_posted - b.debits_pending AS available, x.reference, l.runner_id
    INTO v_found
    FROM trading.portfolios AS p
    JOIN market.instruments AS i ON i.instrument_id = p_instrument_id
    JOIN ledger.accounts AS c ON c.portfolio_id = p_portfolio_id AND c.currency = p.currency AND c.kind = 'cash'
    JOIN ledger.accounts AS v ON v.portfolio_id = p_portfolio_id AND v.currency = p.currency AND v.kind = 'securities'
    JOIN ledger.balances AS b ON b.portfolio_id = p_portfolio_id AND b.account_id = c.account_id
    LEFT JOIN trading.positions AS s ON s.portfolio_id = p_portfolio_id AND s.instrument_id = p_instrument_id
    LEFT JOIN market.quotes AS q ON q.instrument_id = p_instrument_id
    LEFT JOIN ops.leases AS l ON l.portfolio_id = p_portfolio_id
    CROSS JOIN LATERAL (SELECT coalesce(p_limit_price, p_stop_price, q.last::numeric) AS reference, coalesce(s.quantity, 0) AS held,
                               coalesce(s.quantity + s.open_buy_quantity, 0) + p_quantity AS after) AS x
   WHERE p.portfolio_id = p_portfolio_id AND p.is_paper AND NOT p.requires_approval
     AND i.is_active AND i.expires_on IS NULL AND i.kind NOT IN ('future', 'option') AND i.currency = p.currency
     AND p_quantity % i.lot_size = 0 AND x.reference > 0 AND x.reference < 1e9
     AND (p_limit_price IS NULL OR p_limit_price % i.tick_size = 0) AND (p_stop_price IS NULL OR p_stop_price % i.tick_size = 0)
     -- A sale closes what is held, a purchase opens what is paid in full.
     AND CASE WHEN v_is_buy THEN x.held >= 0 ELSE p_quantity <= x.held - s.open_sell_quantity END
     AND NOT EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = p_portfolio_id AND o.client_order_id = p_client_order_id OFFSET 0)
     AND NOT EXISTS (SELECT FROM risk.halts AS h WHERE h.resumed_at IS NULL OFFSET 0)
     AND NOT EXISTS (SELECT FROM risk.locks AS h WHERE h.portfolio_id = p_portfolio_id AND h.released_at IS NULL OFFSET 0)
     AND NOT EXISTS (
       SELECT FROM risk.limits AS m
        WHERE m.subject IN ('system', 'user:' || session_user, 'portfolio:' || p_portfolio_id, 'instrument:' || p_instrument_id, 'sector:' || i.sector)
          AND (m.instrument_id IS NULL OR m.instrument_id = p_instrument_id)
          AND CASE WHEN NOT v_is_buy                    THEN p_limit_price IS NOT NULL AND m.metric = 'price_collar'
                   WHEN m.metric = 'order_value'       THEN p_quantity * x.reference * i.multiplier > m.bound
                   WHEN m.metric = 'position_quantity' THEN x.after > m.bound
                   WHEN m.metric = 'position_value'    THEN x.after * x.reference * i.multiplier > m.bound
                   ELSE true END OFFSET 0);
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF v_is_buy THEN
    v_price := round(CASE WHEN p_limit_price IS NOT NULL THEN v_found.reference ELSE v_found.reference * (1 + v_found.market_order_buffer) END, 8);
    v_value := round(p_quantity * v_price * v_found.multiplier, 8);
  END IF;
  v_fees := trading.order_fees(v_found.fee_schedule, p_at, p_side, p_product, p_quantity, v_value, 0);
  IF v_fees IS NULL THEN
    RETURN NULL;
  ELSIF v_is_buy THEN
    v_cost := v_value;
    FOREACH v_fee IN ARRAY v_fees LOOP
      v_cost := v_cost + v_fee;
    END LOOP;
    IF (v_cost > 0 AND v_cost < 1e20 AND v_cost <= v_found.available) IS NOT TRUE THEN
      RETURN NULL;
    END IF;
  END IF;
  IF p_time_in_force = 'day' THEN
    v_ends_at := coalesce(market.session_close(v_found.exchange_id, p_at), p_at + interval '1 day');
  END IF;

  WITH numbers AS (
    UPDATE ledger.books SET stream_xid = v_book.stream_xid, next_order_id = next_order_id + 1, next_transfer_id = next_transfer_id + v_is_buy::int
     WHERE portfolio_id = p_portfolio_id
  ), reservation_transfer AS (
    INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id, at)
    SELECT p_portfolio_id, v_book.next_transfer_id, v_found.cash_id, v_found.securities_id, v_cost, v_found.currency, 'reservation', 'pending', v_book.next_order_id, p_at
     WHERE v_is_buy
  ), reserved AS (
    INSERT INTO ledger.reservations (portfolio_id, transfer_id, remaining) SELECT p_portfolio_id, v_book.next_transfer_id, v_cost WHERE v_is_buy
  ), balanced AS (
    UPDATE ledger.balances AS b
       SET debits_pending = b.debits_pending + CASE b.account_id WHEN v_found.cash_id THEN v_cost ELSE 0 END,
           credits_pending = b.credits_pending + CASE b.account_id WHEN v_found.cash_id THEN 0 ELSE v_cost END
     WHERE v_is_buy AND b.portfolio_id = p_portfolio_id AND b.account_id IN (v_found.cash_id, v_found.securities_id)
  ), promised AS (
    INSERT INTO trading.positions AS s (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity, open_sell_quantity, updated_at)
    VALUES (p_portfolio_id, p_instrument_id, v_found.multiplier, false, false, CASE WHEN v_is_buy THEN p_quantity ELSE 0 END, CASE WHEN v_is_buy THEN 0 ELSE p_quantity END, p_at)
    ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
      SET open_buy_quantity = s.open_buy_quantity + EXCLUDED.open_buy_quantity, open_sell_quantity = s.open_sell_quantity + EXCLUDED.open_sell_quantity
  ), event AS (
    INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, at)
    VALUES (p_portfolio_id, v_book.next_order_id, 1, 'new', 'accepted', p_quantity, 0, p_limit_price, p_stop_price, p_at)
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    VALUES (v_book.stream_xid, 'order.accepted', p_portfolio_id, p_instrument_id, v_book.next_order_id, jsonb_build_object('client_order_id', p_client_order_id), p_at)
  )
  INSERT INTO trading.orders AS o
         (portfolio_id, order_id, client_order_id, instrument_id, side, type, time_in_force, product, quantity, limit_price, stop_price, expires_at,
          status, opening_quantity, reserve_price, reservation_id, submitted_at, updated_at)
  VALUES (p_portfolio_id, v_book.next_order_id, p_client_order_id, p_instrument_id, p_side, p_type, p_time_in_force, p_product, p_quantity, p_limit_price, p_stop_price, v_ends_at,
          'accepted', CASE WHEN v_is_buy THEN p_quantity ELSE 0 END, v_price, CASE WHEN v_is_buy THEN v_book.next_transfer_id END, p_at, p_at)
  RETURNING o.* INTO v_order;
  IF v_found.runner_id IS NOT NULL THEN
    PERFORM ops.ring_doorbell(p_portfolio_id);
  END IF;
  RETURN v_order;
END
$$;
COMMENT ON FUNCTION trading.submit_plain_order(int, text, int, trading.order_side, trading.order_type, trading.time_in_force, trading.product, numeric, numeric, numeric, timestamptz, timestamptz) IS
  'Submits one order in a few statements when it is plain, as trading.submit_plain_orders does a batch: what the triggers on trading.orders would write, row for row. NULL, and nothing is written, when it is not plain.';
REVOKE ALL ON FUNCTION trading.submit_plain_order(int, text, int, trading.order_side, trading.order_type, trading.time_in_force, trading.product, numeric, numeric, numeric, timestamptz, timestamptz) FROM PUBLIC;
