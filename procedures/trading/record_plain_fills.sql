-- the caller holds the books' locks; writes trading.fills, trading.orders, trading.order_events, trading.positions, trading.portfolio_values, trading.lots, ledger.*, ops.events
CREATE OR REPLACE FUNCTION trading.record_plain_fills(
  p_portfolio_ids int[], p_order_ids bigint[], p_quantities numeric[], p_prices numeric[], p_broker text, p_execution_ids text[], p_times timestamptz[],
  p_liquidities trading.liquidity[])
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET bourse.procedure = 'bulk'
SET plan_cache_mode = force_generic_plan
SET join_collapse_limit = 1  -- the joins are written in their order: whatever the statistics say, each row is found by its key
AS $$
DECLARE
  v_components CONSTANT text[] := enum_range(NULL::trading.fee_component)::text[];
  v_is_plain   boolean;
BEGIN
  WITH given AS MATERIALIZED (
    -- What is not here makes the batch one that is not plain. Each condition is one under which trading.apply_fill has no choice.
    SELECT n.portfolio_id, n.order_id, n.execution_id, n.at, n.position, n.quantity, round(n.price, 8) AS price, coalesce(n.liquidity, 'taker') AS liquidity,
           o.instrument_id, o.client_order_id, o.side, o.product, o.status, o.version, o.filled_quantity, o.filled_value, o.maker_value, o.fees, o.fee_lines, o.submitted_at,
           o.limit_price, o.stop_price, o.reservation_id, o.reason_code, o.reason, greatest(n.at, o.updated_at) AS updated_at, o.quantity AS ordered,
           p.currency, p.fee_schedule, i.multiplier, k.next_fill_id, k.next_transfer_id, k.stream_xid,
           s.quantity AS held, s.cost, s.market_value, greatest(n.at, s.updated_at) AS position_at, s.intraday_quantity, q.last::numeric AS last,
           r.remaining, c.account_id AS cash_id, v.account_id AS securities_id, f.account_id AS fees_id,
           round(n.quantity * round(n.price, 8) * i.multiplier, 8) AS value
      FROM unnest(p_portfolio_ids, p_order_ids, p_quantities, p_prices, p_execution_ids, p_times, p_liquidities)
           WITH ORDINALITY AS n (portfolio_id, order_id, quantity, price, execution_id, at, liquidity, position)
      JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id AND o.order_id = n.order_id
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
      JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
      JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = o.instrument_id
      JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = p.currency AND c.kind = 'cash'
      JOIN ledger.accounts AS v ON v.portfolio_id = n.portfolio_id AND v.currency = p.currency AND v.kind = 'securities'
      JOIN ledger.accounts AS f ON f.portfolio_id = n.portfolio_id AND f.currency = p.currency AND f.kind = 'fees'
      LEFT JOIN ledger.reservations AS r ON r.portfolio_id = n.portfolio_id AND r.transfer_id = o.reservation_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = o.instrument_id
     WHERE n.quantity = o.quantity - o.filled_quantity AND round(n.price, 8) > 0 AND n.price < 1e10 AND isfinite(n.at) AND p_broker <> '' AND n.execution_id <> ''
       AND o.status IN ('accepted', 'working', 'partially_filled') AND o.oco_group_id IS NULL AND NOT o.reduce_only AND o.busted_quantity = 0
       AND i.kind NOT IN ('future', 'option') AND i.currency = p.currency AND NOT s.is_future AND NOT s.is_foreign
       AND CASE o.side WHEN 'buy' THEN s.quantity >= 0 ELSE s.quantity >= n.quantity END
       AND NOT EXISTS (SELECT FROM trading.fills AS x WHERE x.portfolio_id = n.portfolio_id AND x.broker = p_broker AND x.execution_id = n.execution_id)
       AND NOT EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = n.portfolio_id AND x.parent_order_id = n.order_id)
       AND (o.side = 'buy' OR NOT EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = n.portfolio_id AND x.instrument_id = o.instrument_id AND x.closed_at IS NULL AND x.reduce_only))
  ), charged AS MATERIALIZED (
    SELECT g.*, g.filled_value + g.value AS total_value, g.maker_value + CASE g.liquidity WHEN 'maker' THEN g.value ELSE 0 END AS total_maker_value,
           l.lines, (SELECT sum(f) FROM unnest(l.lines) AS f) AS fee,
           CASE WHEN g.side = 'buy' THEN -g.value WHEN g.held = g.quantity THEN g.cost ELSE ledger.prorate(g.cost, g.quantity, g.held) END AS closed_cost
      FROM given AS g
      CROSS JOIN LATERAL (SELECT array_agg(greatest(f - coalesce(g.fee_lines[n], 0), 0) ORDER BY n) AS lines
                            FROM unnest(trading.order_fees(g.fee_schedule, g.submitted_at, g.side, g.product, g.ordered, g.filled_value + g.value,
                                                           g.maker_value + CASE g.liquidity WHEN 'maker' THEN g.value ELSE 0 END)) WITH ORDINALITY AS t (f, n)) AS l
  ), judged AS MATERIALIZED (
    SELECT x.*, x.next_fill_id - 1 + row_number() OVER (PARTITION BY x.portfolio_id ORDER BY x.position) AS fill_id,
           x.held + CASE x.side WHEN 'buy' THEN x.quantity ELSE -x.quantity END AS holds,
           CASE x.side WHEN 'buy' THEN 0 ELSE x.value - x.closed_cost END AS realised,
           -- Several fills of one position, or of one order, are left to those who take them one by one.
           count(*) OVER (PARTITION BY x.portfolio_id, x.instrument_id) AS of_position, count(*) OVER (PARTITION BY x.execution_id) AS times
      FROM charged AS x
  ), verdict AS MATERIALIZED (
    SELECT count(*) = cardinality(p_portfolio_ids)
           AND (bool_and(j.side = 'buy') OR NOT EXISTS (SELECT FROM risk.protections))
           AND bool_and(j.of_position = 1 AND j.times = 1 AND CASE j.side WHEN 'buy' THEN j.remaining >= j.value + j.fee ELSE j.reservation_id IS NULL AND j.value >= j.fee END)
             AS is_plain
      FROM judged AS j
  ), booked AS MATERIALIZED (
    SELECT j.*, CASE WHEN j.side = 'sell' THEN trading.close_lots(j.portfolio_id, j.instrument_id, j.quantity, j.value, j.fill_id, j.at) ELSE 0 END AS fifo_pnl
      FROM judged AS j CROSS JOIN verdict AS w WHERE w.is_plain ORDER BY j.position
  ), legs AS MATERIALIZED (
    SELECT b.portfolio_id, b.position, b.order_id, b.fill_id, b.currency, b.reservation_id, b.at, l.*,
           b.next_transfer_id - 1 + row_number() OVER (PARTITION BY b.portfolio_id ORDER BY b.position, l.place) AS transfer_id
      FROM booked AS b
      CROSS JOIN LATERAL (
        SELECT 0 AS place, CASE b.side WHEN 'buy' THEN b.cash_id ELSE b.securities_id END AS debit_id, CASE b.side WHEN 'buy' THEN b.securities_id ELSE b.cash_id END AS credit_id,
               b.value AS amount, 'trade'::ledger.transfer_kind AS kind, NULL AS component, 'posted'::ledger.transfer_state AS state
        UNION ALL
        SELECT t.n, b.cash_id, b.fees_id, t.f, 'fee', v_components[t.n], 'posted' FROM unnest(b.lines) WITH ORDINALITY AS t (f, n)
        UNION ALL
        SELECT 1000, b.cash_id, b.securities_id, b.remaining - b.value - b.fee, 'reservation', NULL, 'voided' WHERE b.side = 'buy') AS l
     WHERE l.amount > 0
  ), numbers AS (
    UPDATE ledger.books AS k SET next_fill_id = k.next_fill_id + n.fills, next_transfer_id = k.next_transfer_id + n.transfers
      FROM (SELECT l.portfolio_id, count(DISTINCT l.fill_id) AS fills, count(*) AS transfers FROM legs AS l GROUP BY l.portfolio_id) AS n
     WHERE k.portfolio_id = n.portfolio_id
  ), posted AS (
    INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, component, state, pending_id, order_id, fill_id, at)
    SELECT l.portfolio_id, l.transfer_id, l.debit_id, l.credit_id, l.amount, l.currency, l.kind, l.component, l.state, l.reservation_id, l.order_id,
           CASE l.state WHEN 'posted' THEN l.fill_id END, l.at
      FROM legs AS l ORDER BY l.position, l.place
  ), drawn AS (
    DELETE FROM ledger.reservations AS r USING booked AS b WHERE r.portfolio_id = b.portfolio_id AND r.transfer_id = b.reservation_id
  ), balanced AS (
    UPDATE ledger.balances AS b
       SET debits_posted = b.debits_posted + n.debited, credits_posted = b.credits_posted + n.credited,
           debits_pending = b.debits_pending - n.debit_freed, credits_pending = b.credits_pending - n.credit_freed
      FROM (SELECT x.portfolio_id, s.account_id, sum(s.debited) AS debited, sum(s.credited) AS credited, sum(s.debit_freed) AS debit_freed, sum(s.credit_freed) AS credit_freed
              FROM booked AS x
              CROSS JOIN LATERAL (VALUES
                (x.cash_id, x.fee + CASE x.side WHEN 'buy' THEN x.value ELSE 0 END, CASE x.side WHEN 'buy' THEN 0 ELSE x.value END, coalesce(x.remaining, 0), 0),
                (x.securities_id, CASE x.side WHEN 'buy' THEN 0 ELSE x.value END, CASE x.side WHEN 'buy' THEN x.value ELSE 0 END, 0, coalesce(x.remaining, 0)),
                (x.fees_id, 0, x.fee, 0, 0)) AS s (account_id, debited, credited, debit_freed, credit_freed)
             GROUP BY x.portfolio_id, s.account_id) AS n
     WHERE b.portfolio_id = n.portfolio_id AND b.account_id = n.account_id
  ), filled AS (
    UPDATE trading.orders AS o
       SET status = 'filled', version = o.version + 1, filled_quantity = o.quantity, filled_value = b.total_value, maker_value = b.total_maker_value, fees = b.fees + b.fee,
           fee_lines = trading.add_lines(b.fee_lines, b.lines), last_fill_id = b.fill_id, average_fill_price = round(b.total_value / (o.quantity * b.multiplier), 8),
           updated_at = b.updated_at, closed_at = b.updated_at
      FROM booked AS b
     WHERE o.portfolio_id = b.portfolio_id AND o.order_id = b.order_id
  ), events AS (
    INSERT INTO trading.order_events
           (portfolio_id, order_id, version, from_status, to_status, quantity, filled_quantity, limit_price, stop_price, fill_id, reason_code, reason, at)
    SELECT b.portfolio_id, b.order_id, b.version + 1, b.status, 'filled', b.ordered, b.ordered, b.limit_price, b.stop_price, b.fill_id, b.reason_code, b.reason, b.updated_at
      FROM booked AS b
  ), journal AS (
    INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
    SELECT b.stream_xid, 'order.filled', b.portfolio_id, b.instrument_id, b.order_id,
           jsonb_strip_nulls(jsonb_build_object('client_order_id', b.client_order_id, 'fill_id', b.fill_id, 'reason_code', b.reason_code)), b.updated_at
      FROM booked AS b ORDER BY b.position
  ), fills AS (
    INSERT INTO trading.fills (portfolio_id, fill_id, order_id, instrument_id, side, quantity, price, value, fee, liquidity, realised_pnl, fifo_pnl, closed_quantity, broker, execution_id, at)
    SELECT b.portfolio_id, b.fill_id, b.order_id, b.instrument_id, b.side, b.quantity, b.price, b.value, b.fee, b.liquidity, b.realised, b.fifo_pnl,
           CASE b.side WHEN 'sell' THEN b.quantity ELSE 0 END, p_broker, b.execution_id, b.at
      FROM booked AS b ORDER BY b.position
  ), opened AS (
    INSERT INTO trading.lots (portfolio_id, fill_id, instrument_id, opened_at, quantity, cost)
    SELECT b.portfolio_id, b.fill_id, b.instrument_id, b.at, b.quantity, b.value FROM booked AS b WHERE b.side = 'buy'
  ), moved AS MATERIALIZED (
    SELECT b.*, b.cost - b.closed_cost AS costs,
           CASE WHEN b.holds = 0 THEN 0 ELSE coalesce(round(b.holds * b.last * b.multiplier, 8), b.cost - b.closed_cost) END AS valued_at
      FROM booked AS b
  ), positions AS (
    UPDATE trading.positions AS s
       SET quantity = m.holds, cost = m.costs, realised_pnl = s.realised_pnl + m.realised, fifo_pnl = s.fifo_pnl + m.fifo_pnl, fees = s.fees + m.fee, market_value = m.valued_at,
           open_buy_quantity = s.open_buy_quantity - CASE m.side WHEN 'buy' THEN m.quantity ELSE 0 END,
           open_sell_quantity = s.open_sell_quantity - CASE m.side WHEN 'sell' THEN m.quantity ELSE 0 END,
           intraday_quantity = CASE m.holds WHEN 0 THEN 0 ELSE least(greatest(
             s.intraday_quantity + CASE WHEN m.product <> 'intraday' THEN 0 WHEN m.side = 'buy' THEN m.quantity ELSE -m.quantity END, 0), m.holds) END,
           updated_at = m.position_at
      FROM moved AS m
     WHERE s.portfolio_id = m.portfolio_id AND s.instrument_id = m.instrument_id
  ), valued AS (
    UPDATE trading.portfolio_values AS v
       SET cash = v.cash + n.cash, positions_value = v.positions_value + n.value, realised_pnl = v.realised_pnl + n.realised,
           unrealised_pnl = v.unrealised_pnl + n.value - n.cost, fees = v.fees + n.fees, at = greatest(v.at, n.at)
      FROM (SELECT m.portfolio_id, sum(m.realised - m.fee - (m.costs - m.cost)) AS cash, sum(m.valued_at - m.market_value) AS value, sum(m.realised) AS realised,
                   sum(m.costs - m.cost) AS cost, sum(m.fee) AS fees, max(m.position_at) AS at
              FROM moved AS m GROUP BY m.portfolio_id) AS n
     WHERE v.portfolio_id = n.portfolio_id
  )
  SELECT w.is_plain INTO v_is_plain FROM verdict AS w;
  RETURN coalesce(v_is_plain, false);
END
$$;
COMMENT ON FUNCTION trading.record_plain_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], trading.liquidity[]) IS
  'Records a batch of executions in a few statements when it is plain: each fills the whole rest of another order, on its own and of another position, of a purchase whose reservation covers it or a sale of what is held. Writes row for row what trading.apply_fill writes one by one. False, and nothing is written, when the batch is not plain.';
REVOKE ALL ON FUNCTION trading.record_plain_fills(int[], bigint[], numeric[], numeric[], text, text[], timestamptz[], trading.liquidity[]) FROM PUBLIC;
