-- What portfolios are worth over time, and what they made of it each day.
CREATE OR REPLACE VIEW reporting.portfolio_value WITH (security_invoker = true) AS
SELECT c.at AS time, c.portfolio, c.equity::float8 AS equity, c.cash::float8 AS cash,
       c.positions_value::float8 AS positions_value, c.index::float8 AS return_index, c.drawdown::float8 AS drawdown,
       c.owner
  FROM trading.equity_curve AS c;
COMMENT ON VIEW reporting.portfolio_value IS
  'Snapshots of portfolios, each in its own currency (trading.equity_curve). A portfolio with a range of time is found '
  'by an index. Over long spans reporting.portfolio_values gives as many as are drawn.';
COMMENT ON COLUMN reporting.portfolio_value.time IS 'Event time of the valuation.';
COMMENT ON COLUMN reporting.portfolio_value.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.portfolio_value.equity IS 'Cash plus margin plus positions, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.portfolio_value.cash IS 'Posted cash, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.portfolio_value.positions_value IS
  'Sum of the positions'' market values, in the portfolio''s currency: shorts negative, futures their gain since the '
  'last settlement.';
COMMENT ON COLUMN reporting.portfolio_value.return_index IS
  'Index of the time-weighted return, which began at 1: no deposit or withdrawal moves it.';
COMMENT ON COLUMN reporting.portfolio_value.drawdown IS
  'Fraction by which the index is below its highest value so far, zero or negative.';
COMMENT ON COLUMN reporting.portfolio_value.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.profit_by_day WITH (security_invoker = true) AS
SELECT d.began_at AS time, d.portfolio, d.day, d.pnl::float8 AS profit, d.return::float8 AS return,
       d.equity::float8 AS equity, d.owner
  FROM trading.daily_pnl AS d;
COMMENT ON VIEW reporting.profit_by_day IS
  'Profit of each day that has a snapshot, realised or not, deposits and withdrawals taken out (trading.daily_pnl).';
COMMENT ON COLUMN reporting.profit_by_day.time IS 'When the day began in the portfolio''s time zone.';
COMMENT ON COLUMN reporting.profit_by_day.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.profit_by_day.day IS 'The day.';
COMMENT ON COLUMN reporting.profit_by_day.profit IS
  'What equity gained since the day before, in the portfolio''s currency; negative is a loss.';
COMMENT ON COLUMN reporting.profit_by_day.return IS
  'Time-weighted return of the day as a fraction; NULL when nothing was left the day before.';
COMMENT ON COLUMN reporting.profit_by_day.equity IS 'Equity of the day''s last snapshot, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.profit_by_day.owner IS 'Whose portfolio it is.';
