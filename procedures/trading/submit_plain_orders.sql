-- the caller holds the books' locks; writes trading.orders, trading.order_events, trading.positions, ledger.*, ops.events
CREATE OR REPLACE FUNCTION trading.submit_plain_orders(
  p_portfolio_ids int[], p_client_order_ids text[], p_instrument_ids int[], p_agent_ids int[], p_sides trading.order_side[], p_types trading.order_type[],
  p_times_in_force trading.time_in_force[], p_product trading.product, p_quantities numeric[], p_limit_prices numeric[], p_stop_prices numeric[],
  p_expiries timestamptz[], p_times timestamptz[])
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'bulk'
SET plan_cache_mode = force_generic_plan
SET join_collapse_limit = 1  -- the joins are written in their order: whatever the statistics say, each row is found by its key
AS $$
DECLARE
  v_exchange_id int := (SELECT i.exchange_id FROM market.instruments AS i WHERE i.instrument_id = p_instrument_ids[1]);
  v_closes_at   timestamptz := market.session_close(v_exchange_id, p_times[1]);
  v_is_plain    boolean;
BEGIN
  WITH given AS MATERIALIZED (
    -- What is not here makes the batch one that is not plain. Each condition is one under which trading.judge_order has no choice.
    SELECT n.*, g.strategy_id, p.currency, p.fee_schedule, i.multiplier, i.sector, k.next_order_id, k.next_transfer_id, k.stream_xid,
           x.reference, coalesce(s.quantity, 0) AS held, coalesce(s.open_buy_quantity, 0) AS open_buys, coalesce(s.open_sell_quantity, 0) AS open_sells,
           c.account_id AS cash_id, v.account_id AS securities_id, b.credits_posted - b.debits_posted - b.debits_pending AS available,
           round(CASE WHEN n.side = 'sell' THEN NULL WHEN n.limit_price IS NOT NULL THEN x.reference ELSE x.reference * (1 + p.market_order_buffer) END, 8) AS reserve_price,
           CASE n.time_in_force
             WHEN 'day' THEN coalesce(CASE WHEN i.exchange_id = v_exchange_id AND n.at = p_times[1] THEN v_closes_at ELSE market.session_close(i.exchange_id, n.at) END,
                                      n.at + interval '1 day')
             ELSE n.expires_at END AS ends_at
      FROM unnest(p_portfolio_ids, p_client_order_ids, p_instrument_ids, p_agent_ids, p_sides, p_types, p_times_in_force, p_quantities, p_limit_prices,
                  p_stop_prices, p_expiries, p_times)
           WITH ORDINALITY AS n (portfolio_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, quantity, limit_price, stop_price, expires_at, at, position)
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
      JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
      JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = p.currency AND c.kind = 'cash'
      JOIN ledger.accounts AS v ON v.portfolio_id = n.portfolio_id AND v.currency = p.currency AND v.kind = 'securities'
      JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
      LEFT JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = n.instrument_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = n.instrument_id
      LEFT JOIN strategy.agents AS a ON a.portfolio_id = n.portfolio_id AND a.agent_id = n.agent_id
      LEFT JOIN strategy.strategies AS g ON g.strategy_id = a.strategy_id
      CROSS JOIN LATERAL (SELECT coalesce(n.limit_price, n.stop_price, q.last::numeric) AS reference) AS x
     WHERE p.is_paper AND NOT p.requires_approval AND (n.agent_id IS NULL OR NOT g.requires_approval)
       AND i.is_active AND i.expires_on IS NULL AND i.kind NOT IN ('future', 'option') AND i.currency = p.currency
       AND n.quantity > 0 AND n.quantity < 1e10 AND n.quantity % i.lot_size = 0 AND x.reference > 0 AND x.reference < 1e9
       AND (n.limit_price IS NULL OR n.limit_price > 0 AND n.limit_price % i.tick_size = 0) AND (n.stop_price IS NULL OR n.stop_price > 0 AND n.stop_price % i.tick_size = 0)
       AND CASE n.type WHEN 'market' THEN n.limit_price IS NULL AND n.stop_price IS NULL
                       WHEN 'limit'  THEN n.limit_price IS NOT NULL AND n.stop_price IS NULL
                       WHEN 'stop'   THEN n.limit_price IS NULL AND n.stop_price IS NOT NULL
                       WHEN 'trailing_stop' THEN false ELSE n.limit_price IS NOT NULL AND n.stop_price IS NOT NULL END
       AND isfinite(n.at) AND CASE n.time_in_force WHEN 'gtd' THEN n.expires_at > n.at WHEN 'at_open' THEN false WHEN 'at_close' THEN false ELSE n.expires_at IS NULL END
       AND p_product IS NOT NULL AND length(n.client_order_id) > 0
       AND NOT EXISTS (SELECT FROM trading.orders AS o WHERE o.portfolio_id = n.portfolio_id AND o.client_order_id = n.client_order_id)
  ), priced AS MATERIALIZED (
    SELECT g.*, v.fees IS NOT NULL AS has_fees, v.value + (SELECT sum(f) FROM unnest(v.fees) AS f) AS cost
      FROM given AS g
      CROSS JOIN LATERAL (SELECT round(g.quantity * g.reserve_price * g.multiplier, 8) AS value) AS m
      CROSS JOIN LATERAL (SELECT m.value, trading.order_fees(g.fee_schedule, g.at, g.side, p_product, g.quantity, m.value, 0) AS fees OFFSET 0) AS v
  ), judged AS MATERIALIZED (
    SELECT x.*, x.next_order_id - 1 + row_number() OVER book AS order_id,
           x.next_transfer_id - 1 + count(x.cost) OVER book AS transfer_id,
           sum(x.cost) OVER book AS reserved,
           x.held + x.open_buys + sum(CASE x.side WHEN 'buy' THEN x.quantity ELSE 0 END) OVER stock AS after,
           sum(CASE x.side WHEN 'sell' THEN x.quantity ELSE 0 END) OVER stock AS sold,
           count(*) OVER (PARTITION BY x.portfolio_id, x.client_order_id) AS times
      FROM priced AS x
    WINDOW book AS (PARTITION BY x.portfolio_id ORDER BY x.position), stock AS (PARTITION BY x.portfolio_id, x.instrument_id ORDER BY x.position)
  ), verdict AS MATERIALIZED (
    SELECT count(*) = cardinality(p_portfolio_ids)
           AND NOT EXISTS (SELECT FROM risk.halts AS h WHERE h.resumed_at IS NULL)
           AND NOT EXISTS (SELECT FROM risk.locks AS l WHERE l.portfolio_id = ANY (p_portfolio_ids) AND l.released_at IS NULL)
           AND bool_and(j.times = 1 AND j.has_fees AND CASE j.side
             -- A sale closes what is held, a purchase opens what is paid in full.
             WHEN 'sell' THEN j.sold <= j.held - j.open_sells
             ELSE j.held >= 0 AND j.cost > 0 AND j.cost < 1e20 AND j.reserved <= j.available END)
           AND bool_and(NOT EXISTS (
             SELECT FROM risk.limits AS l
              WHERE l.subject IN ('system', 'user:' || session_user, 'portfolio:' || j.portfolio_id, 'instrument:' || j.instrument_id, 'agent:' || j.agent_id,
                                  'strategy:' || j.strategy_id, 'sector:' || j.sector)
                AND (l.instrument_id IS NULL OR l.instrument_id = j.instrument_id)
                AND CASE WHEN j.side = 'sell'               THEN j.limit_price IS NOT NULL AND l.metric = 'price_collar'
                         WHEN l.metric = 'order_value'       THEN j.quantity * j.reference * j.multiplier > l.bound
                         WHEN l.metric = 'position_quantity' THEN j.after > l.bound
                         WHEN l.metric = 'position_value'    THEN j.after * j.reference * j.multiplier > l.bound
                         ELSE true END)) AS is_plain
      FROM judged AS j
  ), accepted AS MATERIALIZED (
    SELECT j.* FROM judged AS j CROSS JOIN verdict AS w WHERE w.is_plain ORDER BY j.position
  ), numbers AS (
    UPDATE ledger.books AS k SET next_order_id = k.next_order_id + n.orders, next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT a.portfolio_id, count(*) AS orders, count(a.cost) AS transfers FROM accepted AS a GROUP BY a.portfolio_id) AS n
     WHERE k.portfolio_id = n.portfolio_id
  ), reservation_transfers AS (
    INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id, at)
    SELECT a.portfolio_id, a.transfer_id, a.cash_id, a.securities_id, a.cost, a.currency, 'reservation', 'pending', a.order_id, a.at FROM accepted AS a WHERE a.side = 'buy'
  ), reserved AS (
    INSERT INTO ledger.reservations (portfolio_id, transfer_id, remaining)
    SELECT a.portfolio_id, a.transfer_id, a.cost FROM accepted AS a WHERE a.side = 'buy'
  ), balanced AS (
    UPDATE ledger.balances AS b SET debits_pending = b.debits_pending + n.debited, credits_pending = b.credits_pending + n.credited
      FROM (SELECT a.portfolio_id, s.account_id, sum(s.debited) AS debited, sum(s.credited) AS credited
              FROM accepted AS a CROSS JOIN LATERAL (VALUES (a.cash_id, a.cost, 0), (a.securities_id, 0, a.cost)) AS s (account_id, debited, credited)
             WHERE a.side = 'buy' GROUP BY a.portfolio_id, s.account_id) AS n
     WHERE b.portfolio_id = n.portfolio_id AND b.account_id = n.account_id
  ), promised AS (
    INSERT INTO trading.positions AS s (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity, open_sell_quantity, updated_at)
    SELECT a.portfolio_id, a.instrument_id, min(a.multiplier), false, false, coalesce(sum(a.quantity) FILTER (WHERE a.side = 'buy'), 0),
           coalesce(sum(a.quantity) FILTER (WHERE a.side = 'sell'), 0), (array_agg(a.at ORDER BY a.position))[1]
      FROM accepted AS a GROUP BY a.portfolio_id, a.instrument_id
    ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
      SET open_buy_quantity = s.open_buy_quantity + EXCLUDED.open_buy_quantity, open_sell_quantity = s.open_sell_quantity + EXCLUDED.open_sell_quantity
  ), orders AS (
    INSERT INTO trading.orders
           (portfolio_id, order_id, client_order_id, instrument_id, agent_id, side, type, time_in_force, product, quantity, limit_price, stop_price, expires_at,
            status, opening_quantity, reserve_price, reservation_id, submitted_at, updated_at)
    SELECT a.portfolio_id, a.order_id, a.client_order_id, a.instrument_id, a.agent_id, a.side, a.type, a.time_in_force, p_product, a.quantity, a.limit_price, a.stop_price,
           a.ends_at, 'accepted', CASE a.side WHEN 'buy' THEN a.quantity ELSE 0 END, a.reserve_price, CASE a.side WHEN 'buy' THEN a.transfer_id END, a.at, a.at
      FROM accepted AS a ORDER BY a.position
  ), events AS (
    INSERT INTO trading.order_events (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, at)
    SELECT a.portfolio_id, a.order_id, 1, 'new', 'accepted', a.quantity, 0, a.limit_price, a.stop_price, a.at FROM accepted AS a
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT a.stream_xid, 'order.accepted', a.portfolio_id, a.instrument_id, a.order_id, jsonb_build_object('client_order_id', a.client_order_id), a.at
      FROM accepted AS a ORDER BY a.position
  )
  SELECT w.is_plain INTO v_is_plain FROM verdict AS w;
  IF v_is_plain THEN
    PERFORM ops.ring_doorbell(n.portfolio_id) FROM (SELECT DISTINCT p AS portfolio_id FROM unnest(p_portfolio_ids) AS p ORDER BY 1) AS n;
  END IF;
  RETURN coalesce(v_is_plain, false);
END
$$;
COMMENT ON FUNCTION trading.submit_plain_orders(int[], text[], int[], int[], trading.order_side[], trading.order_type[], trading.time_in_force[], trading.product, numeric[], numeric[], numeric[], timestamptz[], timestamptz[]) IS
  'Submits a batch in a few statements when it is plain: new orders of the paper broker that are all accepted, purchases paid in full and sales of what is held, under halts, locks and limits that cannot refuse them. Writes row for row what the triggers write one by one. False, and nothing is written, when the batch is not plain.';
REVOKE ALL ON FUNCTION trading.submit_plain_orders(int[], text[], int[], int[], trading.order_side[], trading.order_type[], trading.time_in_force[], trading.product, numeric[], numeric[], numeric[], timestamptz[], timestamptz[]) FROM PUBLIC;
