-- What portfolios hold, how much of them it is, and how alike it moves.
CREATE OR REPLACE VIEW reporting.exposure WITH (security_invoker = true) AS
SELECT n.portfolio, n.symbol, n.sector, e.exposure::float8 AS exposure,
       (e.exposure / nullif(greatest(v.equity, 0), 0))::float8 AS share,
       (n.unrealised_pnl * r.rate)::float8 AS unrealised_profit,
       n.owner
  FROM trading.position_pnl AS n
  JOIN trading.portfolios AS p ON p.owner = n.owner AND p.name = n.portfolio
  JOIN trading.portfolio_values AS v USING (portfolio_id)
  CROSS JOIN LATERAL (
    SELECT CASE n.currency WHEN p.currency THEN 1 ELSE internal.base_rate(n.currency, p.currency, v.at) END) AS r (rate)
  CROSS JOIN LATERAL (SELECT round(n.exposure * r.rate, 8)) AS e (exposure)
 WHERE n.quantity <> 0;
COMMENT ON VIEW reporting.exposure IS
  'What portfolios hold at the latest prices (trading.position_pnl), in their own currency at the exchange rates of '
  'the last valuation. Add up by sector for sectors.';
COMMENT ON COLUMN reporting.exposure.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.exposure.symbol IS 'The instrument, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN reporting.exposure.sector IS 'Its sector; NULL when none is known.';
COMMENT ON COLUMN reporting.exposure.exposure IS
  'What is held at the last price, of a future its whole value, in the portfolio''s currency; negative when short.';
COMMENT ON COLUMN reporting.exposure.share IS
  'The same as a fraction of the equity of the last valuation; NULL when nothing is left.';
COMMENT ON COLUMN reporting.exposure.unrealised_profit IS
  'Value at the last price less cost, in the portfolio''s currency.';
COMMENT ON COLUMN reporting.exposure.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.correlation WITH (security_invoker = true) AS
SELECT p.name AS portfolio, c.symbol, c.other, c.correlation, p.owner
  FROM trading.portfolios AS p
  CROSS JOIN LATERAL risk.correlations(p.owner || '/' || p.name) AS c;
COMMENT ON VIEW reporting.correlation IS
  'How alike the instruments of a portfolio move: each pair both ways (risk.correlations).';
COMMENT ON COLUMN reporting.correlation.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.correlation.symbol IS 'An instrument that it holds, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN reporting.correlation.other IS 'Another one.';
COMMENT ON COLUMN reporting.correlation.correlation IS
  'Correlation of their daily returns, -1 to 1, over up to 60 days of which both have at least 20.';
COMMENT ON COLUMN reporting.correlation.owner IS 'Whose portfolio it is.';
