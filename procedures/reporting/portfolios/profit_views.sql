-- Who and what made the profit that was realised. What is open still is in reporting.exposure and trading.position_pnl.
CREATE OR REPLACE VIEW reporting.profit_by_agent WITH (security_invoker = true) AS
SELECT d.began_at AS time, d.portfolio, d.strategy, d.agent, d.day, d.fills, d.fees::float8 AS fees,
       d.profit::float8 AS profit, d.owner
  FROM strategy.agent_daily_profit AS d;
COMMENT ON VIEW reporting.profit_by_agent IS
  'What agents took in on each day on which they traded or were settled, by their own fills '
  '(strategy.agent_daily_profit). Name the portfolio, and the agent where it is known: the fills of each that is asked '
  'for are gone through from its first one on.';
COMMENT ON COLUMN reporting.profit_by_agent.time IS 'When the day began in the portfolio''s time zone.';
COMMENT ON COLUMN reporting.profit_by_agent.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.profit_by_agent.strategy IS 'Name of the agent''s strategy.';
COMMENT ON COLUMN reporting.profit_by_agent.agent IS 'Name of the agent.';
COMMENT ON COLUMN reporting.profit_by_agent.day IS 'The day.';
COMMENT ON COLUMN reporting.profit_by_agent.fills IS 'How many fills it had.';
COMMENT ON COLUMN reporting.profit_by_agent.fees IS 'Fees of these, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.profit_by_agent.profit IS
  'Realised profit after fees, in the portfolio''s currency; negative is a loss.';
COMMENT ON COLUMN reporting.profit_by_agent.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.profit_by_strategy WITH (security_invoker = true) AS
SELECT a.time, a.portfolio, a.strategy, a.day, sum(a.fills)::bigint AS fills, sum(a.fees) AS fees,
       sum(a.profit) AS profit, a.owner
  FROM reporting.profit_by_agent AS a
 GROUP BY a.time, a.portfolio, a.strategy, a.day, a.owner;
COMMENT ON VIEW reporting.profit_by_strategy IS
  'The same of all agents of a strategy in a portfolio together (reporting.profit_by_agent).';
COMMENT ON COLUMN reporting.profit_by_strategy.time IS 'When the day began in the portfolio''s time zone.';
COMMENT ON COLUMN reporting.profit_by_strategy.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.profit_by_strategy.strategy IS 'Name of the strategy.';
COMMENT ON COLUMN reporting.profit_by_strategy.day IS 'The day.';
COMMENT ON COLUMN reporting.profit_by_strategy.fills IS 'How many fills its agents had.';
COMMENT ON COLUMN reporting.profit_by_strategy.fees IS 'Fees of these, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.profit_by_strategy.profit IS
  'Realised profit after fees, in the portfolio''s currency; negative is a loss.';
COMMENT ON COLUMN reporting.profit_by_strategy.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.profit_by_symbol WITH (security_invoker = true) AS
SELECT b.at AS time, p.name AS portfolio, i.symbol, b.cause, (b.fees * r.rate)::float8 AS fees,
       ((b.pnl - b.fees) * r.rate)::float8 AS profit, p.owner
  FROM trading.portfolios AS p
  CROSS JOIN LATERAL (
    SELECT f.at, f.instrument_id, CASE WHEN f.busts_fill_id IS NULL THEN 'fill' ELSE 'bust' END AS cause,
           f.realised_pnl::numeric AS pnl, f.fee::numeric AS fees
      FROM trading.fills AS f WHERE f.portfolio_id = p.portfolio_id
    UNION ALL
    SELECT s.at, s.instrument_id, 'settlement', s.realised_pnl, s.fees
      FROM trading.settlements AS s WHERE s.portfolio_id = p.portfolio_id
    UNION ALL
    SELECT a.at, a.instrument_id, 'split', a.realised_pnl, 0
      FROM trading.position_adjustments AS a WHERE a.portfolio_id = p.portfolio_id AND a.realised_pnl <> 0
    UNION ALL
    SELECT d.at, d.instrument_id, 'dividend', d.amount, 0
      FROM trading.dividends AS d WHERE d.portfolio_id = p.portfolio_id) AS b
  JOIN market.listings AS i USING (instrument_id)
  CROSS JOIN LATERAL (
    SELECT CASE i.currency WHEN p.currency THEN 1
                           ELSE internal.base_rate(i.currency, p.currency, b.at) END) AS r (rate);
COMMENT ON VIEW reporting.profit_by_symbol IS
  'What each instrument brought in when it was booked: a row for each fill, settlement, fraction of a split that was '
  'paid, and dividend. A portfolio with a range of time is found by an index.';
COMMENT ON COLUMN reporting.profit_by_symbol.time IS 'Event time of the booking.';
COMMENT ON COLUMN reporting.profit_by_symbol.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.profit_by_symbol.symbol IS 'The instrument, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.profit_by_symbol.cause IS 'fill, bust, settlement, split or dividend.';
COMMENT ON COLUMN reporting.profit_by_symbol.fees IS
  'Fees, in the portfolio''s currency; negative when a bust gives them back.';
COMMENT ON COLUMN reporting.profit_by_symbol.profit IS
  'Realised profit after fees, in the portfolio''s currency; negative is a loss.';
COMMENT ON COLUMN reporting.profit_by_symbol.owner IS 'Whose portfolio it is.';
