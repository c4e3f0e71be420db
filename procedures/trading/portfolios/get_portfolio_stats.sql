-- reads trading.portfolio_values, trading.portfolio_snapshots, trading.orders, trading.fills, trading.lot_closures,
-- ledger.*; errors TR211
CREATE OR REPLACE FUNCTION trading.get_portfolio_stats(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (equity numeric, cash numeric, available numeric, positions_value numeric, net_deposits numeric,
               total_return numeric,
               realised_pnl numeric, unrealised_pnl numeric, fees numeric, max_drawdown numeric, snapshots bigint,
               orders bigint, rejected_orders bigint, open_orders bigint, fills bigint, turnover numeric,
               closing_fills bigint, win_rate numeric)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH chosen AS (
    SELECT p.portfolio_id, p.currency FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id($1)
  ), present AS (
    SELECT r.index, r.index / greatest(v.peak, r.index) - 1 AS drawdown
      FROM trading.portfolio_values AS v JOIN chosen USING (portfolio_id)
      CROSS JOIN LATERAL (SELECT ledger.return_index(v.base_index, v.base_equity, v.equity)) AS r (index)
     WHERE v.at < coalesce($3, 'infinity')
  ), bounds AS (
    SELECT coalesce((SELECT s.index FROM trading.portfolio_snapshots AS s
                      WHERE s.portfolio_id = chosen.portfolio_id AND s.at < coalesce($2, '-infinity')
                      ORDER BY s.at DESC LIMIT 1), 1) AS first,
           coalesce((SELECT r.index FROM present AS r),
                    (SELECT s.index FROM trading.portfolio_snapshots AS s
                      WHERE s.portfolio_id = chosen.portfolio_id AND s.at < coalesce($3, 'infinity')
                      ORDER BY s.at DESC LIMIT 1), 1) AS last
      FROM chosen
  ), curve AS (
    SELECT min(s.drawdown) AS drawdown, count(*) AS snapshots
      FROM trading.portfolio_snapshots AS s JOIN chosen USING (portfolio_id)
     WHERE s.at >= coalesce($2, '-infinity') AND s.at < coalesce($3, 'infinity')
  )
  SELECT trim_scale(v.equity), trim_scale(v.cash), trim_scale(ledger.available(v.portfolio_id, chosen.currency)),
         trim_scale(v.positions_value), trim_scale(v.net_deposits),
         trim_scale(round(bounds.last / nullif(bounds.first, 0) - 1, 8)),
         trim_scale(v.realised_pnl), trim_scale(v.unrealised_pnl), trim_scale(v.fees),
         trim_scale(round(least(curve.drawdown, (SELECT r.drawdown FROM present AS r)), 8)), curve.snapshots,
         o.orders, o.rejected, o.open, f.fills, trim_scale(f.turnover), c.closing,
         trim_scale(round(c.winning::numeric / nullif(c.closes, 0), 8))
    FROM chosen
    JOIN trading.portfolio_values AS v USING (portfolio_id)
    CROSS JOIN bounds
    CROSS JOIN curve
    CROSS JOIN LATERAL (
      SELECT count(*) AS orders, count(*) FILTER (WHERE n.status = 'rejected') AS rejected,
             count(*) FILTER (WHERE n.closed_at IS NULL) AS open
        FROM trading.orders AS n
       WHERE n.portfolio_id = v.portfolio_id AND n.submitted_at >= coalesce($2, '-infinity')
         AND n.submitted_at < coalesce($3, 'infinity')) AS o
    CROSS JOIN LATERAL (
      SELECT count(*) AS fills, coalesce(sum(n.value), 0) AS turnover
        FROM trading.fills AS n
       WHERE n.portfolio_id = v.portfolio_id AND n.at >= coalesce($2, '-infinity')
         AND n.at < coalesce($3, 'infinity') AND n.busts_fill_id IS NULL
         AND NOT EXISTS (SELECT FROM trading.fills AS b
                          WHERE b.portfolio_id = n.portfolio_id AND b.busts_fill_id = n.fill_id)) AS f
    -- A close is a fill, or a settlement that ended a position; its profit counts from the opening.
    CROSS JOIN LATERAL (
      SELECT count(*) AS closes, count(*) FILTER (WHERE n.fill_id <> 0) AS closing,
             count(*) FILTER (WHERE n.profit - n.fee > 0) AS winning
        FROM (SELECT l.fill_id, sum(l.value - l.cost + l.settled_pnl) AS profit,
                     coalesce(min(x.fee), min(s.fees), 0) AS fee
                FROM trading.lot_closures AS l
                LEFT JOIN trading.fills AS x ON x.portfolio_id = l.portfolio_id AND x.fill_id = l.fill_id
                LEFT JOIN trading.settlements AS s
                  ON l.fill_id = 0 AND s.portfolio_id = l.portfolio_id AND s.instrument_id = l.instrument_id
                 AND s.kind <> 'daily' AND s.at = l.closed_at
               WHERE l.portfolio_id = v.portfolio_id AND l.closed_at >= coalesce($2, '-infinity')
                 AND l.closed_at < coalesce($3, 'infinity')
               GROUP BY l.fill_id, CASE l.fill_id WHEN 0 THEN l.instrument_id END) AS n) AS c
$$;
COMMENT ON FUNCTION trading.get_portfolio_stats(text, timestamptz, timestamptz) IS
  'One row of figures: balances as they stand; the time-weighted return of the period as a fraction, and the deepest '
  'drawdown from the highest value so far, zero or negative, at its snapshots and, unless the period ended before, at '
  'the latest valuation; its orders and fills. win_rate is the share of closes (fills, final settlements, expiries) '
  'with a profit since the opening, first in first out, after the fee of the close. What was busted does not count. '
  'NULL bounds mean everything, NULL figures that there is nothing to divide by. Error TR211.';
