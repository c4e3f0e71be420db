-- reads trading.portfolio_values, trading.portfolio_snapshots, trading.orders, trading.fills, trading.positions,
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
  ), curve AS (
    -- Return on each interval without the money that came or went in it, so that a deposit is no profit.
    SELECT s.bucket, s.equity,
           (s.equity - (s.net_deposits - lag(s.net_deposits) OVER w)) / nullif(lag(s.equity) OVER w, 0) AS growth
      FROM trading.portfolio_snapshots AS s JOIN chosen USING (portfolio_id)
     WHERE s.at >= $2 AND s.at < $3
    WINDOW w AS (ORDER BY s.bucket)
  ), indexed AS (
    SELECT c.bucket, exp(sum(ln(greatest(coalesce(c.growth, 1), 1e-12))) OVER (ORDER BY c.bucket)) AS level
      FROM curve AS c
  ), drawdowns AS (
    SELECT i.level / max(i.level) OVER (ORDER BY i.bucket) - 1 AS drawdown, i.level, i.bucket FROM indexed AS i
  )
  SELECT trim_scale(v.equity), trim_scale(v.cash), trim_scale(ledger.available(v.portfolio_id, chosen.currency)),
         trim_scale(v.positions_value), trim_scale(d.net_deposits),
         trim_scale(round((v.equity - d.net_deposits) / nullif(d.net_deposits, 0), 8)),
         trim_scale(v.realised_pnl), trim_scale(v.unrealised_pnl), trim_scale(v.fees),
         (SELECT trim_scale(round(min(x.drawdown), 8)) FROM drawdowns AS x), (SELECT count(*) FROM curve),
         o.orders, o.rejected, o.open, f.fills, trim_scale(f.turnover), f.closing,
         trim_scale(round(f.winning::numeric / nullif(f.closing, 0), 8))
    FROM chosen
    JOIN trading.portfolio_values AS v USING (portfolio_id)
    CROSS JOIN LATERAL (
      SELECT b.debits_posted - b.credits_posted AS net_deposits
        FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
       WHERE a.portfolio_id = v.portfolio_id AND a.currency = chosen.currency AND a.kind = 'capital') AS d
    CROSS JOIN LATERAL (
      SELECT count(*) AS orders, count(*) FILTER (WHERE n.status = 'rejected') AS rejected,
             count(*) FILTER (WHERE n.closed_at IS NULL) AS open
        FROM trading.orders AS n
       WHERE n.portfolio_id = v.portfolio_id AND n.submitted_at >= $2 AND n.submitted_at < $3) AS o
    CROSS JOIN LATERAL (
      SELECT count(*) AS fills, coalesce(sum(n.value), 0) AS turnover,
             count(*) FILTER (WHERE n.closed_quantity > 0) AS closing,
             count(*) FILTER (WHERE n.closed_quantity > 0 AND n.realised_pnl - n.fee > 0) AS winning
        FROM trading.fills AS n
       WHERE n.portfolio_id = v.portfolio_id AND n.at >= $2 AND n.at < $3 AND n.busts_fill_id IS NULL) AS f
$$;
COMMENT ON FUNCTION trading.get_portfolio_stats(text, timestamptz, timestamptz) IS
  'One row of figures: balances as they stand, total return as a fraction of net deposits, maximum drawdown as a '
  'negative fraction over the snapshots of the period, and its orders and fills. win_rate is the share of closing '
  'fills with a profit after their fee. NULL where there is nothing to divide by. Error TR211.';
