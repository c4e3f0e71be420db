-- reads trading.*, ledger.reservations, ledger.accounts, ledger.balances
CREATE OR REPLACE FUNCTION ops.check_trading_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH filled AS (
    SELECT f.portfolio_id, f.order_id, sum(f.quantity) AS quantity, sum(f.value) AS value, sum(f.fee) AS fees
      FROM trading.fills AS f GROUP BY f.portfolio_id, f.order_id
  ), dealt AS (
    SELECT f.portfolio_id, f.instrument_id, sum(CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END) AS quantity,
           sum(f.realised_pnl) AS realised, sum(f.fee) AS fees
      FROM trading.fills AS f GROUP BY f.portfolio_id, f.instrument_id
  ), adjusted AS (
    SELECT a.portfolio_id, a.instrument_id, sum(a.quantity_delta) AS quantity FROM trading.position_adjustments AS a GROUP BY a.portfolio_id, a.instrument_id
  ), promised AS (
    SELECT l.portfolio_id, l.instrument_id, sum(l.open) FILTER (WHERE l.side = 'buy') AS buys, sum(l.open) FILTER (WHERE l.side = 'sell') AS sells
      FROM (  -- of orders that exclude each other the larger leg
        SELECT n.portfolio_id, n.instrument_id, n.side, max(n.open) AS open
          FROM (SELECT o.portfolio_id, o.instrument_id, o.side, coalesce(o.oco_group_id, -o.order_id) AS order_group, o.oco_leg, sum(o.quantity - o.filled_quantity) AS open
                  FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval')
                 GROUP BY o.portfolio_id, o.instrument_id, o.side, coalesce(o.oco_group_id, -o.order_id), o.oco_leg) AS n
         GROUP BY n.portfolio_id, n.instrument_id, n.side, n.order_group) AS l
     GROUP BY l.portfolio_id, l.instrument_id
  ), last_events AS (
    SELECT DISTINCT ON (e.portfolio_id, e.order_id) e.portfolio_id, e.order_id, e.version, e.to_status, e.filled_quantity,
           count(*) OVER (PARTITION BY e.portfolio_id, e.order_id) AS events
      FROM trading.order_events AS e ORDER BY e.portfolio_id, e.order_id, e.version DESC
  ), needs AS (
    SELECT o.portfolio_id, o.order_id, o.instrument_id, o.created_at, coalesce(r.remaining, 0) AS held, trading.order_need(o, p.fee_schedule, i) AS need
      FROM trading.orders AS o
      JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id)
      LEFT JOIN ledger.reservations AS r ON r.portfolio_id = o.portfolio_id AND r.transfer_id = o.reservation_id
     WHERE o.closed_at IS NULL
  )
  SELECT 'position is the sum of its fills', p.portfolio_id,
         format('instrument %s: position %s, fills %s; realised %s, fills %s; fees %s, fills %s', p.instrument_id, p.quantity,
                coalesce(d.quantity, 0) + coalesce(a.quantity, 0), p.realised_pnl, d.realised, p.fees, d.fees)
    FROM trading.positions AS p LEFT JOIN dealt AS d USING (portfolio_id, instrument_id) LEFT JOIN adjusted AS a USING (portfolio_id, instrument_id)
   WHERE (p.quantity, p.realised_pnl, p.fees) IS DISTINCT FROM (coalesce(d.quantity, 0) + coalesce(a.quantity, 0), coalesce(d.realised, 0), coalesce(d.fees, 0))
  UNION ALL
  SELECT 'fills without a position', d.portfolio_id, format('instrument %s', d.instrument_id)
    FROM dealt AS d LEFT JOIN trading.positions AS p USING (portfolio_id, instrument_id) WHERE p.portfolio_id IS NULL
  UNION ALL
  SELECT 'order is the sum of its fills', o.portfolio_id,
         format('order %s: filled %s for %s and %s fees, fills %s for %s and %s', o.order_id, o.filled_quantity, o.filled_value, o.fees, f.quantity, f.value, f.fees)
    FROM trading.orders AS o LEFT JOIN filled AS f USING (portfolio_id, order_id)
   WHERE (o.filled_quantity - o.split_filled_quantity, o.filled_value, o.fees) IS DISTINCT FROM (coalesce(f.quantity, 0), coalesce(f.value, 0), coalesce(f.fees, 0))
  UNION ALL
  SELECT 'no order state without its event', o.portfolio_id,
         format('order %s is %s at version %s, the last of its %s events says %s at version %s', o.order_id, o.status, o.version, e.events, e.to_status, e.version)
    FROM trading.orders AS o LEFT JOIN last_events AS e USING (portfolio_id, order_id)
   WHERE (o.version, o.version, o.status, o.filled_quantity) IS DISTINCT FROM (e.version, e.events, e.to_status, e.filled_quantity)
  UNION ALL
  SELECT 'one final event per order, and it is the last', e.portfolio_id, format('order %s', e.order_id)
    FROM trading.order_events AS e
   WHERE e.to_status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced')
     AND EXISTS (SELECT FROM trading.order_events AS n WHERE n.portfolio_id = e.portfolio_id AND n.order_id = e.order_id AND n.version > e.version)
  UNION ALL
  SELECT 'orders and fills are numbered without gaps', k.portfolio_id, format('%s orders, next %s; %s fills, next %s', o.n, k.next_order_id, f.n, k.next_fill_id)
    FROM ledger.books AS k
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM trading.orders AS x WHERE x.portfolio_id = k.portfolio_id) AS o
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM trading.fills AS x WHERE x.portfolio_id = k.portfolio_id) AS f
   WHERE o.n <> k.next_order_id - 1 OR f.n <> k.next_fill_id - 1
  UNION ALL
  SELECT 'promised quantity is what open orders want', portfolio_id,
         format('instrument %s: buys %s, orders %s; sells %s, orders %s', instrument_id, p.open_buy_quantity, s.buys, p.open_sell_quantity, s.sells)
    FROM trading.positions AS p FULL JOIN promised AS s USING (portfolio_id, instrument_id)
   WHERE (coalesce(p.open_buy_quantity, 0), coalesce(p.open_sell_quantity, 0)) IS DISTINCT FROM (coalesce(s.buys, 0), coalesce(s.sells, 0))
  UNION ALL
  SELECT 'open sells do not exceed what is held', p.portfolio_id, format('instrument %s: %s held, %s to be sold', p.instrument_id, p.quantity, p.open_sell_quantity)
    FROM trading.positions AS p JOIN trading.portfolios AS f USING (portfolio_id)
   WHERE f.account_type = 'cash' AND p.open_sell_quantity > greatest(p.quantity, 0)
  UNION ALL
  -- Less than the need is possible only after a split whose rounding or fee per share raised it; more never is.
  SELECT 'a reservation holds what its order needs', n.portfolio_id, format('order %s: %s held, %s needed', n.order_id, n.held, n.need)
    FROM needs AS n
   WHERE n.held > n.need
      OR n.held < n.need AND NOT EXISTS (SELECT FROM trading.position_adjustments AS a
                                          WHERE a.portfolio_id = n.portfolio_id AND a.instrument_id = n.instrument_id AND a.recorded_at > n.created_at)
  UNION ALL
  SELECT 'a closed order holds no money', o.portfolio_id, format('order %s is %s and holds %s', o.order_id, o.status, r.remaining)
    FROM trading.orders AS o JOIN ledger.reservations AS r ON r.portfolio_id = o.portfolio_id AND r.transfer_id = o.reservation_id
   WHERE o.closed_at IS NOT NULL
  UNION ALL
  SELECT 'position is the sum of its lots', portfolio_id,
         format('instrument %s: quantity %s, lots %s; cost less realised %s, lots %s', instrument_id, p.quantity, l.quantity, p.cost - p.realised_pnl, coalesce(l.cost, 0) - p.fifo_pnl)
    FROM trading.positions AS p
    FULL JOIN (SELECT n.portfolio_id, n.instrument_id, sum(n.quantity) AS quantity, sum(n.cost) AS cost FROM trading.lots AS n GROUP BY n.portfolio_id, n.instrument_id) AS l
         USING (portfolio_id, instrument_id)
   WHERE (p.quantity, p.cost - p.realised_pnl) IS DISTINCT FROM (coalesce(l.quantity, 0), coalesce(l.cost, 0) - p.fifo_pnl)
  UNION ALL
  SELECT 'no resting child of a dead parent', o.portfolio_id, format('order %s is %s, its parent %s is %s', o.order_id, o.status, p.order_id, p.status)
    FROM trading.orders AS o JOIN trading.orders AS p ON p.portfolio_id = o.portfolio_id AND p.order_id = o.parent_order_id
   WHERE o.closed_at IS NULL AND p.closed_at IS NOT NULL AND p.filled_quantity = p.busted_quantity
  UNION ALL
  -- Of the portfolio's own currency; what is foreign counts at the exchange rates of the last valuation.
  SELECT 'equity is deposits plus profit less fees plus income', v.portfolio_id,
         format('equity %s, deposits %s, conversions %s, realised %s, unrealised %s, fees %s, income %s', v.equity, c.deposits, c.conversions, v.realised_pnl, v.unrealised_pnl, v.fees, c.income)
    FROM trading.portfolio_values AS v
    JOIN trading.portfolios AS p USING (portfolio_id)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'capital'), 0) AS deposits,
             coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'conversion'), 0) AS conversions,
             coalesce(sum(b.debits_posted - b.credits_posted) FILTER (WHERE a.kind = 'income'), 0) AS income,
             count(DISTINCT a.currency) AS currencies
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
       WHERE a.portfolio_id = v.portfolio_id) AS c
   WHERE c.currencies = 1 AND v.equity <> c.deposits + c.conversions + v.realised_pnl + v.unrealised_pnl - v.fees + c.income
  UNION ALL
  SELECT 'valuation agrees with the positions', p.portfolio_id,
         format('value %s, positions %s; realised %s, positions %s; fees %s, positions %s; margin %s, positions %s', v.positions_value, n.value, v.realised_pnl, n.realised,
                v.fees, n.fees, v.margin, n.margin)
    FROM trading.portfolios AS p
    LEFT JOIN trading.portfolio_values AS v USING (portfolio_id)
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.market_value), 0) AS value, coalesce(sum(x.realised_pnl), 0) AS realised, coalesce(sum(x.fees), 0) AS fees,
                               coalesce(sum(x.margin), 0) AS margin, bool_or(x.is_foreign) AS is_mixed
                          FROM trading.positions AS x WHERE x.portfolio_id = p.portfolio_id) AS n
   WHERE n.is_mixed IS NOT TRUE AND (v.positions_value, v.realised_pnl, v.fees) IS DISTINCT FROM (n.value, n.realised, n.fees)
$$;
COMMENT ON FUNCTION ops.check_trading_invariants() IS 'The part of ops.check_invariants that concerns orders, fills and positions.';
