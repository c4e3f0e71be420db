-- What people read of agents. Every figure comes from strategy.agent_fills; nothing here is kept.
CREATE OR REPLACE VIEW strategy.agent_trades WITH (security_invoker = true) AS
SELECT p.name AS portfolio, a.name AS agent, f.symbol, f.trade_no,
       CASE (array_agg(f.side ORDER BY f.place))[1] WHEN 'buy' THEN 'long' ELSE 'short' END AS direction,
       min(f.at) AS opened_at,
       CASE WHEN (array_agg(f.owned ORDER BY f.place DESC))[1] = 0 THEN max(f.at) END AS closed_at,
       trim_scale(max(abs(f.owned))) AS quantity, trim_scale(sum(round(f.pnl * f.rate, 8))) AS pnl,
       trim_scale(sum(round(f.fee * f.rate, 8))) AS fees,
       trim_scale(sum(round((f.pnl - f.fee) * f.rate, 8))) AS net_pnl, p.owner
  FROM strategy.agents AS a
  JOIN trading.portfolios AS p USING (portfolio_id)
  CROSS JOIN LATERAL strategy.agent_fills(p.owner || '/' || p.name, a.name) AS f
 GROUP BY p.owner, p.name, a.name, f.symbol, f.trade_no;
COMMENT ON VIEW strategy.agent_trades IS
  'Trades of agents, each from flat to flat by their own fills; amounts in the portfolio''s currency. A portfolio '
  'or an agent that is named is found without reading the others.';
COMMENT ON COLUMN strategy.agent_trades.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN strategy.agent_trades.agent IS 'Name of the agent.';
COMMENT ON COLUMN strategy.agent_trades.symbol IS 'What was traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN strategy.agent_trades.trade_no IS 'Running number of the agent''s trades in this instrument.';
COMMENT ON COLUMN strategy.agent_trades.direction IS 'long or short.';
COMMENT ON COLUMN strategy.agent_trades.opened_at IS 'Event time of its first fill.';
COMMENT ON COLUMN strategy.agent_trades.closed_at IS 'Event time of the fill that ended it; NULL while it is open.';
COMMENT ON COLUMN strategy.agent_trades.quantity IS 'Most units that it had.';
COMMENT ON COLUMN strategy.agent_trades.pnl IS 'Profit of what was closed so far, before fees.';
COMMENT ON COLUMN strategy.agent_trades.fees IS 'Fees of its fills.';
COMMENT ON COLUMN strategy.agent_trades.net_pnl IS 'Profit of what was closed so far, after fees.';
COMMENT ON COLUMN strategy.agent_trades.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW strategy.agent_positions WITH (security_invoker = true) AS
SELECT p.name AS portfolio, a.name AS agent, f.symbol,
       CASE WHEN f.owned > 0 THEN 'long' ELSE 'short' END AS direction, trim_scale(h.quantity) AS quantity, f.opened_at,
       trim_scale(round(f.cost / (f.owned * i.multiplier), 8)) AS average_price,
       trim_scale(q.last::numeric) AS last_price,
       trim_scale(round((h.quantity * i.multiplier * q.last::numeric - f.cost * h.quantity / f.owned)
                        * CASE i.currency WHEN p.currency THEN 1
                                          ELSE internal.base_rate(i.currency, p.currency, v.at) END, 8))
         AS unrealised_pnl, p.owner
  FROM strategy.agents AS a
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN trading.portfolio_values AS v USING (portfolio_id)
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (n.instrument_id) n.*, min(n.at) OVER (PARTITION BY n.instrument_id, n.trade_no) AS opened_at
      FROM strategy.agent_fills(p.owner || '/' || p.name, a.name) AS n
     ORDER BY n.instrument_id, n.place DESC) AS f
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN market.quotes AS q USING (instrument_id)
  JOIN trading.positions AS n ON n.portfolio_id = p.portfolio_id AND n.instrument_id = f.instrument_id
  CROSS JOIN LATERAL (
    SELECT sign(f.owned) * least(abs(f.owned), greatest(sign(f.owned) * n.quantity, 0))) AS h (quantity)
 WHERE h.quantity <> 0;
COMMENT ON VIEW strategy.agent_positions IS
  'What agents own of the positions of their portfolios, by their own fills: no more than the portfolio still holds, '
  'since a person may have closed some of it.';
COMMENT ON COLUMN strategy.agent_positions.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN strategy.agent_positions.agent IS 'Name of the agent.';
COMMENT ON COLUMN strategy.agent_positions.symbol IS 'What it owns, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN strategy.agent_positions.direction IS 'long or short.';
COMMENT ON COLUMN strategy.agent_positions.quantity IS 'Units, negative when short.';
COMMENT ON COLUMN strategy.agent_positions.opened_at IS 'Event time of the first fill of the trade.';
COMMENT ON COLUMN strategy.agent_positions.average_price IS
  'What a unit cost on average (a future: at its last settlement), before fees, in the instrument''s currency.';
COMMENT ON COLUMN strategy.agent_positions.last_price IS 'Last traded price; NULL when nothing traded yet.';
COMMENT ON COLUMN strategy.agent_positions.unrealised_pnl IS
  'Gain at the last price, in the portfolio''s currency; NULL without a price.';
COMMENT ON COLUMN strategy.agent_positions.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW strategy.agent_daily_profit WITH (security_invoker = true) AS
SELECT p.name AS portfolio, s.name AS strategy, a.name AS agent, d.day, count(f.fill_id) AS fills,
       trim_scale(sum(round(f.pnl * f.rate, 8))) AS pnl, trim_scale(sum(round(f.fee * f.rate, 8))) AS fees,
       trim_scale(sum(round((f.pnl - f.fee) * f.rate, 8))) AS profit,
       d.day::timestamp AT TIME ZONE coalesce(p.time_zone, 'UTC') AS began_at, p.owner
  FROM strategy.agents AS a
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN strategy.strategies AS s USING (strategy_id)
  CROSS JOIN LATERAL strategy.agent_fills(p.owner || '/' || p.name, a.name) AS f
  CROSS JOIN LATERAL (SELECT (f.at AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date) AS d (day)
 GROUP BY p.owner, p.name, p.time_zone, s.name, a.name, d.day;
COMMENT ON VIEW strategy.agent_daily_profit IS
  'What agents took in on each day on which they traded or were settled, in the portfolio''s currency.';
COMMENT ON COLUMN strategy.agent_daily_profit.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN strategy.agent_daily_profit.strategy IS 'Name of its strategy.';
COMMENT ON COLUMN strategy.agent_daily_profit.agent IS 'Name of the agent.';
COMMENT ON COLUMN strategy.agent_daily_profit.day IS 'Day in the portfolio''s time zone.';
COMMENT ON COLUMN strategy.agent_daily_profit.fills IS 'Number of its fills.';
COMMENT ON COLUMN strategy.agent_daily_profit.pnl IS 'Profit of what was closed or settled, before fees.';
COMMENT ON COLUMN strategy.agent_daily_profit.fees IS 'Fees of all fills of the day, those that opened included.';
COMMENT ON COLUMN strategy.agent_daily_profit.profit IS 'Profit less fees.';
COMMENT ON COLUMN strategy.agent_daily_profit.began_at IS
  'When the day began: midnight of the portfolio''s time zone.';
COMMENT ON COLUMN strategy.agent_daily_profit.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW strategy.agent_performance WITH (security_invoker = true) AS
SELECT p.name AS portfolio, a.name AS agent, s.name AS strategy, a.version, a.kind,
       CASE WHEN p.is_paper THEN 'dry' ELSE 'live' END AS mode, a.status, a.error,
       t.trades, o.active_positions, trim_scale(round(t.win_rate::numeric, 8)) AS win_rate,
       trim_scale(coalesce(d.today, 0)) AS profit_today, trim_scale(coalesce(d.total, 0)) AS realised_profit,
       trim_scale(coalesce(o.unrealised, 0)) AS unrealised_profit,
       trim_scale(coalesce(d.total, 0) + coalesce(o.unrealised, 0)) AS profit_total, trim_scale(c.capital) AS capital,
       trim_scale(round((coalesce(d.total, 0) + coalesce(o.unrealised, 0)) / nullif(c.capital, 0), 8)) AS roi,
       round(r.sharpe::numeric, 4) AS sharpe, trim_scale(round(r.max_drawdown::numeric, 8)) AS max_drawdown,
       a.changed_at, p.owner
  FROM strategy.agents AS a
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN strategy.strategies AS s USING (strategy_id)
  JOIN trading.portfolio_values AS v USING (portfolio_id)
  CROSS JOIN LATERAL (
    SELECT array_agg(n.net_pnl::float8) AS pnl, array_agg(n.closed_at) AS closed
      FROM strategy.agent_trades AS n WHERE n.owner = p.owner AND n.portfolio = p.name AND n.agent = a.name) AS n
  CROSS JOIN LATERAL trading.trade_stats(n.pnl, closed_at => n.closed) AS t
  CROSS JOIN LATERAL (
    SELECT count(*) AS active_positions, sum(n.unrealised_pnl) AS unrealised
      FROM strategy.agent_positions AS n WHERE n.owner = p.owner AND n.portfolio = p.name AND n.agent = a.name) AS o
  CROSS JOIN LATERAL (
    SELECT coalesce(a.capital_per_trade
                    * coalesce(a.maximum_positions,
                               (SELECT count(*) FROM strategy.agent_instruments AS n
                                 WHERE n.portfolio_id = a.portfolio_id AND n.agent_id = a.agent_id)),
                    v.net_deposits)) AS c (capital)
  -- Each day with a snapshot of the portfolio since the agent's first, and each day of its own.
  CROSS JOIN LATERAL (
    WITH own AS (
      SELECT m.day, m.profit FROM strategy.agent_daily_profit AS m
       WHERE m.owner = p.owner AND m.portfolio = p.name AND m.agent = a.name
    )
    SELECT sum(n.profit) AS total,
           sum(n.profit) FILTER (WHERE n.day = (v.at AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date) AS today,
           array_agg(n.day ORDER BY n.day) AS days, array_agg((c.capital + n.so_far)::float8 ORDER BY n.day) AS equity
      FROM (SELECT day, coalesce(o.profit, 0) AS profit, sum(o.profit) OVER (ORDER BY day) AS so_far
              FROM (SELECT DISTINCT x.day FROM trading.portfolio_snapshots AS x
                     WHERE x.portfolio_id = p.portfolio_id AND x.day >= (SELECT min(o.day) FROM own AS o)) AS b
              FULL JOIN own AS o USING (day)) AS n) AS d
  CROSS JOIN LATERAL trading.return_stats(d.days[1:1] || d.days,
                                          CASE WHEN d.days IS NOT NULL THEN c.capital::float8 || d.equity END) AS r;
COMMENT ON VIEW strategy.agent_performance IS
  'How each agent did, by its own fills (strategy.agent_fills), in the portfolio''s currency. Days are those with a '
  'snapshot of the portfolio since the agent''s first fill.';
COMMENT ON COLUMN strategy.agent_performance.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN strategy.agent_performance.agent IS 'Name of the agent.';
COMMENT ON COLUMN strategy.agent_performance.strategy IS 'Name of its strategy.';
COMMENT ON COLUMN strategy.agent_performance.version IS 'Version of the strategy.';
COMMENT ON COLUMN strategy.agent_performance.kind IS 'Who decides.';
COMMENT ON COLUMN strategy.agent_performance.mode IS 'dry on a paper portfolio, live on one with a broker.';
COMMENT ON COLUMN strategy.agent_performance.status IS 'Whether it runs.';
COMMENT ON COLUMN strategy.agent_performance.error IS 'Why it is in status error; NULL in any other.';
COMMENT ON COLUMN strategy.agent_performance.trades IS 'Trades that ended, each from flat to flat.';
COMMENT ON COLUMN strategy.agent_performance.active_positions IS 'Instruments in which it has a position.';
COMMENT ON COLUMN strategy.agent_performance.win_rate IS
  'Share of the trades with a profit after fees; NULL before the first.';
COMMENT ON COLUMN strategy.agent_performance.profit_today IS
  'What it took in on the day of the portfolio''s latest valuation, after fees.';
COMMENT ON COLUMN strategy.agent_performance.realised_profit IS 'What it took in so far, after fees.';
COMMENT ON COLUMN strategy.agent_performance.unrealised_profit IS 'Gain of what it owns at the last prices.';
COMMENT ON COLUMN strategy.agent_performance.profit_total IS 'Both together.';
COMMENT ON COLUMN strategy.agent_performance.capital IS
  'What its return is measured on: capital_per_trade for each position that it may have, else what was paid into '
  'the portfolio.';
COMMENT ON COLUMN strategy.agent_performance.roi IS 'profit_total as a fraction of capital; NULL without capital.';
COMMENT ON COLUMN strategy.agent_performance.sharpe IS
  'Sharpe ratio of capital and realised profit from day to day (trading.return_stats, 252 days a year, no riskless '
  'rate); NULL while their returns do not differ.';
COMMENT ON COLUMN strategy.agent_performance.max_drawdown IS
  'Deepest fall of capital and realised profit from its highest value so far, as a fraction, zero or negative '
  '(trading.return_stats); NULL before the first day.';
COMMENT ON COLUMN strategy.agent_performance.changed_at IS 'Event time of the last change of status.';
COMMENT ON COLUMN strategy.agent_performance.owner IS 'Whose portfolio it is.';
