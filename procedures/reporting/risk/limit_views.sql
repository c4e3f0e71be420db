-- How near portfolios are to what they must not do, and where they went beyond it.
CREATE OR REPLACE VIEW reporting.limit_use WITH (security_invoker = true) AS
SELECT p.name AS portfolio,
       concat_ws(' ', u.metric, 'of', u.scope, u.name, 'in ' || u.symbol, 'in ' || u.period, u.action) AS "limit",
       u.used::float8 AS used, u.bound::float8 AS bound,
       CASE WHEN u.bound > 0 THEN (u.used / u.bound)::float8 WHEN u.used = 0 THEN 0 END AS share,
       u.metric::text AS metric, u.scope::text AS scope, u.name, u.symbol, u.action::text AS action, p.owner
  FROM trading.portfolios AS p
  CROSS JOIN LATERAL risk.limit_use(p.owner || '/' || p.name) AS u;
COMMENT ON VIEW reporting.limit_use IS
  'Limits that concern what a portfolio has, with how much of each is used now (risk.limit_use).';
COMMENT ON COLUMN reporting.limit_use.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.limit_use."limit" IS 'The limit in words: metric, scope, what it is limited to, action.';
COMMENT ON COLUMN reporting.limit_use.used IS
  'What the metric measures, in its unit (risk.metric); NULL when it cannot be measured, and orders are refused.';
COMMENT ON COLUMN reporting.limit_use.bound IS 'Highest figure that passes, in the same unit.';
COMMENT ON COLUMN reporting.limit_use.share IS
  'Fraction of the bound that is used, above 1 beyond it; NULL when it cannot be measured, or the bound is 0 and '
  'passed.';
COMMENT ON COLUMN reporting.limit_use.metric IS 'What is measured, a word of risk.metric.';
COMMENT ON COLUMN reporting.limit_use.scope IS 'Whom the limit concerns: system, user, portfolio, ...';
COMMENT ON COLUMN reporting.limit_use.name IS 'The scope by name; NULL for the whole system.';
COMMENT ON COLUMN reporting.limit_use.symbol IS 'The only instrument that it concerns; NULL: all.';
COMMENT ON COLUMN reporting.limit_use.action IS 'What becomes of an order beyond the bound: warn, reject, ...';
COMMENT ON COLUMN reporting.limit_use.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.breaches WITH (security_invoker = true) AS
SELECT b.at AS time, p.name AS portfolio, i.symbol, s.name AS strategy, a.name AS agent, b.order_id, b.code,
       b.metric::text AS metric, b.scope::text AS scope, b.figure::float8 AS figure, b.bound::float8 AS bound,
       b.action::text AS action, b.reason, p.owner
  FROM risk.breaches AS b
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN trading.orders AS o USING (portfolio_id, order_id)
  JOIN market.listings AS i ON i.instrument_id = o.instrument_id
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  LEFT JOIN strategy.strategies AS s ON s.strategy_id = a.strategy_id;
COMMENT ON VIEW reporting.breaches IS
  'Rules that orders broke: a row for each rule of an order. A portfolio with a range of time is found by an index.';
COMMENT ON COLUMN reporting.breaches.time IS 'Event time.';
COMMENT ON COLUMN reporting.breaches.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.breaches.symbol IS 'What was to be traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.breaches.strategy IS 'Strategy of the agent; NULL for a person''s order.';
COMMENT ON COLUMN reporting.breaches.agent IS 'Agent that sent the order; NULL for a person''s.';
COMMENT ON COLUMN reporting.breaches.order_id IS 'Number of the order in the portfolio.';
COMMENT ON COLUMN reporting.breaches.code IS 'Code of the rule.';
COMMENT ON COLUMN reporting.breaches.metric IS 'What was measured; NULL for a halt or lock.';
COMMENT ON COLUMN reporting.breaches.scope IS 'Scope of the limit or halt; NULL for a lock.';
COMMENT ON COLUMN reporting.breaches.figure IS 'What it would have been, in the metric''s unit; NULL: not measured.';
COMMENT ON COLUMN reporting.breaches.bound IS 'The bound then; NULL for a halt or lock.';
COMMENT ON COLUMN reporting.breaches.action IS 'What became of the order: warn, reject, ...';
COMMENT ON COLUMN reporting.breaches.reason IS 'Words with figures.';
COMMENT ON COLUMN reporting.breaches.owner IS 'Whose portfolio it is.';
