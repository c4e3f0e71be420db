-- What an analyst reads. Every figure comes from the tables; nothing here is kept.
CREATE OR REPLACE VIEW trading.open_orders AS
SELECT p.name AS portfolio, o.order_id, o.client_order_id, i.symbol, o.side, o.type, o.quantity, o.filled_quantity, o.limit_price, o.stop_price,
       o.time_in_force, o.expires_at, o.status, nullif(o.reserved, 0) AS reserved, a.name AS agent, o.submitted_at
  FROM trading.orders AS o
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.instruments AS i USING (instrument_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
 WHERE o.closed_at IS NULL;
COMMENT ON VIEW trading.open_orders IS 'Orders that may still fill, with the cash that each holds.';

CREATE OR REPLACE VIEW trading.position_pnl AS
SELECT p.name AS portfolio, i.symbol, n.quantity, n.average_price, v.last_price, n.cost, v.value - CASE WHEN n.is_future THEN n.cost ELSE 0 END AS market_value,
       n.realised_pnl, v.value - n.cost AS unrealised_pnl, n.fees, n.realised_pnl + v.value - n.cost - n.fees AS total_pnl, n.fifo_pnl, n.margin, i.currency, n.updated_at
  FROM trading.positions AS n
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.instruments AS i USING (instrument_id)
  LEFT JOIN market.quotes AS q USING (instrument_id)
  CROSS JOIN LATERAL (
    SELECT q.last::numeric AS last_price,
           CASE WHEN n.quantity = 0 THEN 0 ELSE coalesce(round(n.quantity * q.last::numeric * n.multiplier, 8), n.cost) END AS value) AS v;
COMMENT ON VIEW trading.position_pnl IS 'Positions at the latest prices, closed ones included; total_pnl is after fees. A position without a price counts at cost; the market value of a future is its gain since the last settlement. fifo_pnl is the realised profit first in first out; amounts are in the instrument''s currency.';

CREATE OR REPLACE VIEW trading.portfolio_summary AS
SELECT p.name AS portfolio, p.currency, b.cash, b.reserved, b.cash - b.reserved AS available, b.margin, h.positions_value, b.cash + b.margin + h.positions_value AS equity,
       b.net_deposits, h.realised_pnl, h.unrealised_pnl, h.fees, b.income, h.positions, o.open_orders
  FROM trading.portfolios AS p
  JOIN trading.portfolio_values AS v USING (portfolio_id)
  CROSS JOIN LATERAL (
    SELECT sum(m.posted) FILTER (WHERE m.kind = 'cash') AS cash, sum(m.pending) FILTER (WHERE m.kind = 'cash') AS reserved,
           sum(m.posted) FILTER (WHERE m.kind = 'margin') AS margin, -sum(m.posted) FILTER (WHERE m.kind = 'capital') AS net_deposits,
           -sum(m.posted) FILTER (WHERE m.kind = 'income') AS income
      FROM (SELECT a.kind, round((l.credits_posted - l.debits_posted) * r.rate, 8), round(l.debits_pending * r.rate, 8)
              FROM ledger.accounts AS a JOIN ledger.balances AS l USING (portfolio_id, account_id)
              CROSS JOIN LATERAL (SELECT CASE a.currency WHEN p.currency THEN 1 ELSE trading.base_rate(a.currency, p.currency, v.at) END) AS r (rate)
             WHERE a.portfolio_id = p.portfolio_id) AS m (kind, posted, pending)) AS b
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(round(n.market_value * r.rate, 8)), 0) AS positions_value, coalesce(sum(round(n.realised_pnl * r.rate, 8)), 0) AS realised_pnl,
           coalesce(sum(round(n.unrealised_pnl * r.rate, 8)), 0) AS unrealised_pnl, coalesce(sum(round(n.fees * r.rate, 8)), 0) AS fees,
           count(*) FILTER (WHERE n.quantity <> 0) AS positions
      FROM trading.position_pnl AS n
      CROSS JOIN LATERAL (SELECT CASE n.currency WHEN p.currency THEN 1 ELSE trading.base_rate(n.currency, p.currency, v.at) END) AS r (rate)
     WHERE n.portfolio = p.name) AS h
  CROSS JOIN LATERAL (SELECT count(*) AS open_orders FROM trading.orders AS x WHERE x.portfolio_id = p.portfolio_id AND x.closed_at IS NULL) AS o;
COMMENT ON VIEW trading.portfolio_summary IS
  'One row per portfolio, in its own currency: money, positions at the latest prices, profit, and how much is open. Foreign money counts at the exchange rates of the last valuation.';

CREATE OR REPLACE VIEW trading.equity_curve AS
SELECT p.name AS portfolio, s.bucket, s.at, s.equity, s.cash, s.positions_value, s.net_deposits,
       round(s.equity / nullif(max(s.equity) OVER (PARTITION BY s.portfolio_id ORDER BY s.bucket), 0) - 1, 8) AS drawdown
  FROM trading.portfolio_snapshots AS s
  JOIN trading.portfolios AS p USING (portfolio_id);
COMMENT ON VIEW trading.equity_curve IS 'Snapshots in order of time; drawdown is the fraction below the highest equity so far, zero or negative.';

CREATE OR REPLACE VIEW trading.daily_pnl AS
SELECT d.portfolio, d.day, d.equity, d.equity - coalesce(d.previous_equity, 0) - (d.net_deposits - coalesce(d.previous_deposits, 0)) AS pnl,
       round((d.equity - (d.net_deposits - d.previous_deposits)) / nullif(d.previous_equity, 0) - 1, 8) AS return
  FROM (
    SELECT l.portfolio, l.day, l.equity, l.net_deposits, lag(l.equity) OVER w AS previous_equity, lag(l.net_deposits) OVER w AS previous_deposits
      FROM (
        SELECT DISTINCT ON (p.name, (s.at AT TIME ZONE 'UTC')::date) p.name AS portfolio, (s.at AT TIME ZONE 'UTC')::date AS day, s.equity, s.net_deposits
          FROM trading.portfolio_snapshots AS s JOIN trading.portfolios AS p USING (portfolio_id)
         ORDER BY p.name, (s.at AT TIME ZONE 'UTC')::date, s.bucket DESC) AS l
    WINDOW w AS (PARTITION BY l.portfolio ORDER BY l.day)) AS d;
COMMENT ON VIEW trading.daily_pnl IS 'Profit of each day (UTC) that has a snapshot, deposits and withdrawals taken out; return is a fraction, NULL on the first day.';

CREATE OR REPLACE VIEW trading.order_history AS
SELECT p.name AS portfolio, o.order_id, o.client_order_id, i.symbol, o.side, o.type, e.version, e.at, e.from_status, e.to_status, e.quantity, e.filled_quantity,
       e.limit_price, e.stop_price, f.quantity AS fill_quantity, f.price AS fill_price, f.fee, e.reason_code, e.reason, e.actor, e.recorded_at
  FROM trading.order_events AS e
  JOIN trading.orders AS o USING (portfolio_id, order_id)
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.instruments AS i USING (instrument_id)
  LEFT JOIN trading.fills AS f ON f.portfolio_id = e.portfolio_id AND f.fill_id = e.fill_id;
COMMENT ON VIEW trading.order_history IS 'Every order with each of its events, and the fill where there was one.';

CREATE OR REPLACE VIEW trading.round_trips AS
SELECT p.name AS portfolio, i.symbol, t.lot_fill_id AS opening_fill_id, CASE WHEN t.quantity > 0 THEN 'long' ELSE 'short' END AS direction, abs(t.quantity) AS quantity,
       t.opened_at, t.closed_at, t.closed_at - t.opened_at AS holding_time,
       round(t.cost / (t.quantity * i.multiplier), 8) AS entry_price, round(t.value / (t.quantity * i.multiplier), 8) AS exit_price,
       t.value - t.cost AS pnl, t.fees, t.value - t.cost - t.fees AS net_pnl, round((t.value - t.cost) / nullif(abs(t.cost), 0), 8) AS return,
       -- Both are measured against the entry: the worst is zero or below, the best zero or above.
       round(least(0, t.quantity * i.multiplier * CASE WHEN t.quantity > 0 THEN m.lowest ELSE m.highest END - t.cost), 8) AS mae,
       round(greatest(0, t.quantity * i.multiplier * CASE WHEN t.quantity > 0 THEN m.highest ELSE m.lowest END - t.cost), 8) AS mfe,
       a.name AS agent
  FROM (SELECT c.portfolio_id, c.instrument_id, c.lot_fill_id, min(c.opened_at) AS opened_at, max(c.closed_at) AS closed_at, sum(c.quantity) AS quantity, sum(c.cost) AS cost,
               sum(c.value) AS value, coalesce(sum(round(x.fee * abs(c.quantity) / x.quantity, 8)), 0)
                                      + coalesce(round(min(e.fee) * least(sum(abs(c.quantity)) / min(e.quantity), 1), 8), 0) AS fees, min(e.order_id) AS order_id
          FROM trading.lot_closures AS c
          LEFT JOIN trading.fills AS x ON x.portfolio_id = c.portfolio_id AND x.fill_id = c.fill_id
          LEFT JOIN trading.fills AS e ON e.portfolio_id = c.portfolio_id AND e.fill_id = c.lot_fill_id
         GROUP BY c.portfolio_id, c.instrument_id, c.lot_fill_id) AS t
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.instruments AS i USING (instrument_id)
  LEFT JOIN trading.orders AS o ON o.portfolio_id = t.portfolio_id AND o.order_id = t.order_id
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  CROSS JOIN LATERAL (
    SELECT min(s.low)::numeric AS lowest, max(s.high)::numeric AS highest
      FROM (SELECT k.price, k.price FROM market.ticks AS k
             WHERE k.instrument_id = t.instrument_id AND k.ts BETWEEN t.opened_at AND t.closed_at AND NOT k.suspicious
            UNION ALL
            SELECT b.low, b.high FROM market.bars AS b
             WHERE b.instrument_id = t.instrument_id AND b.ts >= t.opened_at AND b.ts + b.resolution <= t.closed_at
            UNION ALL
            SELECT n.price, n.price FROM unnest(ARRAY[t.cost / (t.quantity * i.multiplier), t.value / (t.quantity * i.multiplier)]::float8[]) AS n (price)) AS s (low, high)) AS m;
COMMENT ON VIEW trading.round_trips IS
  'Closed quantity by the fill that opened it, first in first out: holding time, profit before and after fees (each fill''s fee by its share), and the worst and best open profit on the way (mae, mfe) over stored ticks and whole bars. Prices are in the shares of the close; a split on the way makes mae and mfe of unadjusted data meaningless.';
