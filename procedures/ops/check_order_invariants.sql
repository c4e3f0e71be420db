-- reads trading.*, market.instruments, ops.events
CREATE OR REPLACE FUNCTION ops.check_order_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH filled AS (
    -- A bust takes back what it mirrors.
    SELECT f.portfolio_id, f.order_id,
           sum(CASE WHEN f.busts_fill_id IS NULL THEN f.quantity ELSE -f.quantity END) AS quantity,
           sum(CASE WHEN f.busts_fill_id IS NULL THEN f.value ELSE -f.value END) AS value, sum(f.fee) AS fees
      FROM trading.fills AS f GROUP BY f.portfolio_id, f.order_id
  ), promised AS (
    SELECT l.portfolio_id, l.instrument_id, sum(l.open) FILTER (WHERE l.side = 'buy') AS buys,
           sum(l.open) FILTER (WHERE l.side = 'sell') AS sells
      FROM (  -- of orders that exclude each other the larger leg
        SELECT n.portfolio_id, n.instrument_id, n.side, max(n.open) AS open
          FROM (SELECT o.portfolio_id, o.instrument_id, o.side, coalesce(o.oco_group_id, -o.order_id) AS order_group,
                       o.oco_leg, sum(o.quantity - o.filled_quantity) AS open
                  FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval')
                 GROUP BY o.portfolio_id, o.instrument_id, o.side, coalesce(o.oco_group_id, -o.order_id),
                          o.oco_leg) AS n
         GROUP BY n.portfolio_id, n.instrument_id, n.side, n.order_group) AS l
     GROUP BY l.portfolio_id, l.instrument_id
  ), last_events AS (
    SELECT DISTINCT ON (e.portfolio_id, e.order_id) e.portfolio_id, e.order_id, e.version, e.to_status,
           e.filled_quantity, count(*) OVER (PARTITION BY e.portfolio_id, e.order_id) AS events
      FROM trading.order_events AS e ORDER BY e.portfolio_id, e.order_id, e.version DESC
  ), needs AS (
    SELECT o.portfolio_id, o.order_id, o.instrument_id, o.created_at, o.reserved,
           o.filled_value > o.filled_quantity * o.reserve_price * i.multiplier AS is_dearer,
           trading.required_reservation(o, p.fee_schedule, i) AS need,
           trading.planned_schedule(p.fee_schedule, i.kind, i.exchange_id) AS fee_schedule,
           market.trading_day(i.exchange_id, o.submitted_at) AS submitted_on
      FROM trading.orders AS o
      JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id)
     WHERE o.closed_at IS NULL
  )
  SELECT 'order is the sum of its fills', o.portfolio_id,
         format('order %s: filled %s for %s and %s fees, fills %s for %s and %s', o.order_id, o.filled_quantity,
                o.filled_value, o.fees, f.quantity, f.value, f.fees)
    FROM trading.orders AS o LEFT JOIN filled AS f USING (portfolio_id, order_id)
   WHERE (o.filled_quantity - o.busted_quantity - o.split_filled_quantity, o.filled_value, o.fees)
         IS DISTINCT FROM (coalesce(f.quantity, 0), coalesce(f.value, 0), coalesce(f.fees, 0))
  UNION ALL
  SELECT 'the lines of a fee add up to it', o.portfolio_id,
         format('order %s: fees %s, lines %s', o.order_id, o.fees, o.fee_lines)
    FROM trading.orders AS o
   WHERE o.fee_lines <> '{}' AND o.fees <> (SELECT sum(l) FROM unnest(o.fee_lines) AS l)
  UNION ALL
  SELECT 'orders that may only reduce keep within the position', o.portfolio_id,
         format('order %s to %s %s, position %s', o.order_id, o.side, o.quantity - o.filled_quantity,
                coalesce(p.quantity, 0))
    FROM trading.orders AS o LEFT JOIN trading.positions AS p USING (portfolio_id, instrument_id)
   WHERE o.closed_at IS NULL AND o.reduce_only AND o.status NOT IN ('held', 'pending_approval')
     AND o.quantity - o.filled_quantity > greatest(CASE o.side WHEN 'sell' THEN p.quantity ELSE -p.quantity END, 0)
  UNION ALL
  SELECT 'no order state without its event', o.portfolio_id,
         format('order %s is %s at version %s, the last of its %s events says %s at version %s', o.order_id, o.status,
                o.version, e.events, e.to_status, e.version)
    FROM trading.orders AS o LEFT JOIN last_events AS e USING (portfolio_id, order_id)
   WHERE (o.version, o.version, o.status, o.filled_quantity)
         IS DISTINCT FROM (e.version, e.events, e.to_status, e.filled_quantity)
  UNION ALL
  SELECT 'one final event per order, and it is the last', e.portfolio_id, format('order %s', e.order_id)
    FROM trading.order_events AS e
   WHERE e.to_status IN ('filled', 'rejected', 'cancelled', 'expired', 'replaced')
     -- After it only fills that are taken back.
     AND EXISTS (SELECT FROM trading.order_events AS n
                  WHERE n.portfolio_id = e.portfolio_id AND n.order_id = e.order_id AND n.version > e.version
                    AND (n.from_status <> n.to_status OR n.fill_id IS NULL))
  UNION ALL
  SELECT 'the events of an order follow each other', e.portfolio_id,
         format('order %s, event %s: from %s to %s, before it %s to %s', e.order_id, e.version, e.from_status,
                e.to_status, coalesce(e.number::text, 'nothing'), coalesce(e.former::text, 'new'))
    FROM (SELECT n.*, lag(n.to_status) OVER w AS former, lag(n.version) OVER w AS number
            FROM trading.order_events AS n
          WINDOW w AS (PARTITION BY n.portfolio_id, n.order_id ORDER BY n.version)) AS e
   WHERE e.version <> coalesce(e.number, 0) + 1 OR e.from_status <> coalesce(e.former, 'new')
      OR e.from_status <> e.to_status
         AND NOT EXISTS (SELECT FROM trading.order_moves() AS m
                          WHERE m.from_status = e.from_status AND m.to_status = e.to_status)
  UNION ALL
  SELECT 'a fill has its event', f.portfolio_id, format('fill %s of order %s', f.fill_id, f.order_id)
    FROM trading.fills AS f
    LEFT JOIN (SELECT e.portfolio_id, e.order_id, e.fill_id FROM trading.order_events AS e
                WHERE e.fill_id IS NOT NULL) AS e USING (portfolio_id, order_id, fill_id)
    -- A bust and the correction that comes with it are one change of the order.
    LEFT JOIN (SELECT c.portfolio_id, c.corrects_fill_id FROM trading.fills AS c
                WHERE c.corrects_fill_id IS NOT NULL) AS c
      ON c.portfolio_id = f.portfolio_id AND c.corrects_fill_id = f.busts_fill_id
   WHERE e.fill_id IS NULL AND c.portfolio_id IS NULL
  UNION ALL
  SELECT 'the journal tells every event of an order', portfolio_id,
         format('order %s: %s events, %s in the journal', order_id, coalesce(e.events, 0), coalesce(j.events, 0))
    FROM (SELECT x.portfolio_id, x.order_id, count(*) AS events FROM trading.order_events AS x
           GROUP BY x.portfolio_id, x.order_id) AS e
    FULL JOIN (SELECT x.portfolio_id, x.order_id, count(*) AS events FROM ops.events AS x
                WHERE x.order_id IS NOT NULL AND x.kind LIKE 'order.%' AND x.kind <> 'order.kept_small'
                GROUP BY x.portfolio_id, x.order_id) AS j USING (portfolio_id, order_id)
   WHERE coalesce(e.events, 0) <> coalesce(j.events, 0)
  UNION ALL
  SELECT 'orders and fills are numbered without gaps', k.portfolio_id,
         format('%s orders, next %s; %s fills, next %s', o.n, k.next_order_id, f.n, k.next_fill_id)
    FROM ledger.portfolio_clocks AS k
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM trading.orders AS x WHERE x.portfolio_id = k.portfolio_id) AS o
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM trading.fills AS x WHERE x.portfolio_id = k.portfolio_id) AS f
   WHERE o.n <> k.next_order_id - 1 OR f.n <> k.next_fill_id - 1
  UNION ALL
  SELECT 'promised quantity is what open orders want', portfolio_id,
         format('instrument %s: buys %s, orders %s; sells %s, orders %s', instrument_id, p.open_buy_quantity, s.buys,
                p.open_sell_quantity, s.sells)
    FROM trading.positions AS p FULL JOIN promised AS s USING (portfolio_id, instrument_id)
   WHERE (coalesce(p.open_buy_quantity, 0), coalesce(p.open_sell_quantity, 0))
         IS DISTINCT FROM (coalesce(s.buys, 0), coalesce(s.sells, 0))
  UNION ALL
  -- Less than the need is possible only after fills at worse prices than the reserve, whose fees may grow in steps,
  -- after a split whose rounding or fee per share raised it, a bust that gave fees back, or by fee terms of later days
  -- that became known when there was no cash for them; more never is.
  SELECT 'an order reserves what it needs', n.portfolio_id,
         format('order %s: %s reserved, %s needed', n.order_id, n.reserved, n.need)
    FROM needs AS n
   WHERE n.reserved > n.need
      OR n.reserved < n.need AND NOT n.is_dearer
         AND NOT EXISTS (SELECT FROM trading.fills AS f
                          WHERE f.portfolio_id = n.portfolio_id AND f.order_id = n.order_id
                            AND f.busts_fill_id IS NOT NULL)
         AND NOT EXISTS (SELECT FROM trading.fee_schedules AS f
                          WHERE f.name = n.fee_schedule AND f.valid_from > n.submitted_on)
         AND NOT EXISTS (SELECT FROM trading.position_adjustments AS a
                          WHERE a.portfolio_id = n.portfolio_id AND a.instrument_id = n.instrument_id
                            AND a.recorded_at > n.created_at)
  UNION ALL
  SELECT 'a closed order reserves no money', o.portfolio_id,
         format('order %s is %s and reserves %s', o.order_id, o.status, o.reserved)
    FROM trading.orders AS o WHERE o.closed_at IS NOT NULL AND o.reserved <> 0
  UNION ALL
  SELECT 'no resting child of a dead parent', o.portfolio_id,
         format('order %s is %s, its parent %s is %s', o.order_id, o.status, p.order_id, p.status)
    FROM trading.orders AS o
    JOIN trading.orders AS p ON p.portfolio_id = o.portfolio_id AND p.order_id = o.parent_order_id
   WHERE o.closed_at IS NULL AND p.closed_at IS NOT NULL AND p.filled_quantity = p.busted_quantity
$$;
COMMENT ON FUNCTION ops.check_order_invariants() IS 'The part of ops.check_invariants that concerns orders and fills.';
