-- reads trading.portfolio_values, trading.portfolio_snapshots, trading.orders, trading.fills, trading.lot_closures,
-- trading.lots, trading.round_trips, market.instruments, candles, ledger.*; errors TR101, TR103, TR211, TR243
CREATE OR REPLACE FUNCTION trading.get_portfolio_stats(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity',
  benchmark text DEFAULT NULL, periods_per_year float8 DEFAULT 252, risk_free float8 DEFAULT 0)
RETURNS TABLE (equity numeric, cash numeric, available numeric, positions_value numeric, net_deposits numeric,
               total_return numeric,
               realised_pnl numeric, unrealised_pnl numeric, fees numeric, max_drawdown numeric, snapshots bigint,
               orders bigint, rejected_orders bigint, open_orders bigint, fills bigint, turnover numeric,
               closing_fills bigint, win_rate numeric,
               -- of the days
               periods int, cagr float8, volatility float8, downside_volatility float8, sharpe float8, sortino float8,
               calmar float8, omega float8, drawdown_from date, drawdown_trough date, drawdown_until date,
               drawdown_days int, longest_drawdown_days int, ulcer_index float8, value_at_risk float8,
               conditional_value_at_risk float8, skew float8, kurtosis float8, tail_ratio float8,
               benchmark_return float8, alpha float8, beta float8, information_ratio float8,
               probabilistic_sharpe float8, exposure float8, turnover_rate float8,
               -- of closed round trips
               trades bigint, winning_trades bigint, losing_trades bigint, trade_win_rate float8, average_win float8,
               average_loss float8, largest_win float8, largest_loss float8, payoff float8, profit_factor float8,
               expectancy float8, sqn float8, longest_wins bigint, longest_losses bigint, average_holding interval,
               average_winning_holding interval, average_losing_holding interval, longest_holding interval)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH chosen AS (
    SELECT p.portfolio_id, p.owner, p.name, p.currency, coalesce(p.time_zone, 'UTC') AS time_zone
      FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id($1)
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
  ), days AS (
    SELECT array_agg(d.day ORDER BY d.place) AS days, array_agg(d.index ORDER BY d.place) AS index,
           array_agg(d.equity ORDER BY d.place) AS equity
      FROM trading.daily_index($1, $2, $3) AS d
  ), trips AS MATERIALIZED (
    SELECT r.opened_at, r.closed_at, (r.net_pnl * r.rate)::float8 AS pnl,
           r.closed_at >= coalesce($2, '-infinity') AND r.closed_at < coalesce($3, 'infinity') AS is_within
      FROM trading.round_trips AS r
     WHERE r.owner = (SELECT chosen.owner FROM chosen) AND r.portfolio = (SELECT chosen.name FROM chosen)
  ), held AS (
    SELECT array_agg((h.opened_at AT TIME ZONE chosen.time_zone)::date) AS opened,
           array_agg((h.closed_at AT TIME ZONE chosen.time_zone)::date) AS closed
      FROM chosen
      CROSS JOIN LATERAL (SELECT t.opened_at, t.closed_at FROM trips AS t
                          UNION ALL
                          SELECT l.opened_at, NULL FROM trading.lots AS l
                           WHERE l.portfolio_id = chosen.portfolio_id) AS h
  ), closed AS (
    SELECT array_agg(t.pnl) AS pnl, array_agg(t.opened_at) AS opened, array_agg(t.closed_at) AS closed
      FROM trips AS t WHERE t.is_within
  )
  SELECT trim_scale(v.equity), trim_scale(v.cash), trim_scale(ledger.available(v.portfolio_id, chosen.currency)),
         trim_scale(v.positions_value), trim_scale(v.net_deposits),
         trim_scale(round(bounds.last / nullif(bounds.first, 0) - 1, 8)),
         trim_scale(v.realised_pnl), trim_scale(v.unrealised_pnl), trim_scale(v.fees),
         trim_scale(round(least(curve.drawdown, (SELECT r.drawdown FROM present AS r)), 8)), curve.snapshots,
         o.orders, o.rejected, o.open, f.fills, trim_scale(f.turnover), c.closing,
         trim_scale(round(c.winning::numeric / nullif(c.closes, 0), 8)),
         r.periods, r.cagr, r.volatility, r.downside_volatility, r.sharpe, r.sortino, r.calmar, r.omega,
         r.drawdown_from, r.drawdown_trough, r.drawdown_until, r.drawdown_days, r.longest_drawdown_days, r.ulcer_index,
         r.value_at_risk, r.conditional_value_at_risk, r.skew, r.kurtosis, r.tail_ratio, r.benchmark_return, r.alpha,
         r.beta, r.information_ratio, r.probabilistic_sharpe,
         trading.exposure(days.days, held.opened, held.closed),
         trading.turnover_rate(coalesce(f.traded, 0)::float8, days.equity, $5),
         t.trades, t.winning_trades, t.losing_trades, t.win_rate, t.average_win, t.average_loss, t.largest_win,
         t.largest_loss, t.payoff, t.profit_factor, t.expectancy, t.sqn, t.longest_wins, t.longest_losses,
         t.average_holding, t.average_winning_holding, t.average_losing_holding, t.longest_holding
    FROM chosen
    JOIN trading.portfolio_values AS v USING (portfolio_id)
    CROSS JOIN bounds
    CROSS JOIN curve
    CROSS JOIN days
    CROSS JOIN held
    CROSS JOIN closed
    CROSS JOIN LATERAL trading.return_stats(
      days.days, days.index, CASE WHEN $4 IS NOT NULL THEN market.day_closes($4, days.days) END, $5, $6) AS r
    CROSS JOIN LATERAL trading.trade_stats(closed.pnl, closed.opened, closed.closed) AS t
    CROSS JOIN LATERAL (
      SELECT count(*) AS orders, count(*) FILTER (WHERE n.status = 'rejected') AS rejected,
             count(*) FILTER (WHERE n.closed_at IS NULL) AS open
        FROM trading.orders AS n
       WHERE n.portfolio_id = v.portfolio_id AND n.submitted_at >= coalesce($2, '-infinity')
         AND n.submitted_at < coalesce($3, 'infinity')) AS o
    CROSS JOIN LATERAL (
      SELECT count(*) AS fills, coalesce(sum(n.value), 0) AS turnover,
             sum(n.value * CASE WHEN i.currency = chosen.currency THEN 1
                                WHEN EXISTS (SELECT FROM ledger.exchange_rates AS x
                                              WHERE (x.from_currency, x.to_currency)
                                                    IN ((i.currency, chosen.currency), (chosen.currency, i.currency))
                                                AND x.at <= n.at)
                                THEN ledger.exchange_rate(i.currency, chosen.currency, n.at)
                                ELSE 0 END) AS traded
        FROM trading.fills AS n
        JOIN market.instruments AS i USING (instrument_id)
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
COMMENT ON FUNCTION trading.get_portfolio_stats(text, timestamptz, timestamptz, text, float8, float8) IS
  'One row of figures: balances as they stand; the time-weighted return of the period as a fraction, and the deepest '
  'drawdown from the highest value so far, zero or negative, at its snapshots and, unless the period ended before, at '
  'the latest valuation; its orders and fills. win_rate is the share of closes (fills, final settlements, expiries) '
  'with a profit since the opening, first in first out, after the fee of the close. What was busted does not count. '
  'From periods on they are those of trading.return_stats over the days of trading.daily_index, within the period '
  'alone, and from trades on those of trading.trade_stats over the round trips that were closed in it, after fees and '
  'in the portfolio''s currency, trade_win_rate being its win_rate; between them the share of days on which something '
  'was held (trading.exposure), and how often a year the equity was traded (trading.turnover_rate). benchmark: a '
  'symbol. NULL bounds mean everything, NULL figures that there is nothing to divide by. Errors TR101, TR103, TR211, '
  'TR243.';
