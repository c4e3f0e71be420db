-- What became of orders.
CREATE OR REPLACE VIEW reporting.orders_by_state WITH (security_invoker = true) AS
SELECT o.submitted_at AS time, p.name AS portfolio, i.symbol, s.name AS strategy, a.name AS agent,
       o.status::text AS state, o.closed_at IS NULL AS is_open, 1 AS orders, o.order_id, o.client_order_id,
       p.owner
  FROM trading.orders AS o
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  LEFT JOIN strategy.strategies AS s ON s.strategy_id = a.strategy_id;
COMMENT ON VIEW reporting.orders_by_state IS
  'A row for each order, to be counted by what a panel shows. A portfolio with a range of time is found by an index; '
  'trading.open_orders has the terms of those that are open.';
COMMENT ON COLUMN reporting.orders_by_state.time IS 'Event time of submission.';
COMMENT ON COLUMN reporting.orders_by_state.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.orders_by_state.symbol IS 'What to trade, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.orders_by_state.strategy IS 'Strategy of the agent; NULL for a person''s order.';
COMMENT ON COLUMN reporting.orders_by_state.agent IS 'Agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN reporting.orders_by_state.state IS 'Where it stands now: a word of trading.order_status.';
COMMENT ON COLUMN reporting.orders_by_state.is_open IS 'Whether it may still change.';
COMMENT ON COLUMN reporting.orders_by_state.orders IS 'Always 1: what a panel adds up.';
COMMENT ON COLUMN reporting.orders_by_state.order_id IS 'Running number within the portfolio.';
COMMENT ON COLUMN reporting.orders_by_state.client_order_id IS
  'What joins its signal, its fills, the journal and the log.';
COMMENT ON COLUMN reporting.orders_by_state.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.rejects_by_code WITH (security_invoker = true) AS
SELECT o.submitted_at AS time, p.name AS portfolio, i.symbol, s.name AS strategy, a.name AS agent,
       o.reason_code AS code, 1 AS orders, o.order_id, o.reason, o.client_order_id, p.owner
  FROM trading.orders AS o
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  LEFT JOIN strategy.strategies AS s ON s.strategy_id = a.strategy_id
 WHERE o.status = 'rejected';
COMMENT ON VIEW reporting.rejects_by_code IS
  'A row for each rejected order, to be counted by code (docs/errors.md says what each means). A portfolio with a '
  'range of time is found by an index.';
COMMENT ON COLUMN reporting.rejects_by_code.time IS 'Event time of submission.';
COMMENT ON COLUMN reporting.rejects_by_code.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.rejects_by_code.symbol IS 'What was to be traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.rejects_by_code.strategy IS 'Strategy of the agent; NULL for a person''s order.';
COMMENT ON COLUMN reporting.rejects_by_code.agent IS 'Agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN reporting.rejects_by_code.code IS 'Code of what refused it; NULL when a broker gave none.';
COMMENT ON COLUMN reporting.rejects_by_code.orders IS 'Always 1: what a panel adds up.';
COMMENT ON COLUMN reporting.rejects_by_code.order_id IS 'Running number within the portfolio.';
COMMENT ON COLUMN reporting.rejects_by_code.reason IS 'Words with figures; NULL when there are none.';
COMMENT ON COLUMN reporting.rejects_by_code.client_order_id IS
  'What joins its signal, the journal and the log.';
COMMENT ON COLUMN reporting.rejects_by_code.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.signals WITH (security_invoker = true) AS
SELECT h.at AS time, h.portfolio, h.strategy, h.agent, h.symbol, h.action::text AS action, h.reason::text AS reason,
       h.price, h.client_order_id, h.order_id, h.order_status::text AS order_status, h.code, 1 AS signals, h.owner
  FROM strategy.signal_history AS h;
COMMENT ON VIEW reporting.signals IS
  'A row for each signal, with what came of it (strategy.signal_history). A portfolio with a range of time is found by '
  'an index.';
COMMENT ON COLUMN reporting.signals.time IS 'Event time.';
COMMENT ON COLUMN reporting.signals.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.signals.strategy IS 'Name of the agent''s strategy.';
COMMENT ON COLUMN reporting.signals.agent IS 'Name of the agent.';
COMMENT ON COLUMN reporting.signals.symbol IS 'The instrument, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN reporting.signals.action IS 'buy, sell or exit.';
COMMENT ON COLUMN reporting.signals.reason IS 'Why it leaves a position; NULL for an entry.';
COMMENT ON COLUMN reporting.signals.price IS 'Price at the signal; NULL when none is known.';
COMMENT ON COLUMN reporting.signals.client_order_id IS 'Key of the order that came of it; NULL when none did.';
COMMENT ON COLUMN reporting.signals.order_id IS 'Number of that order.';
COMMENT ON COLUMN reporting.signals.order_status IS 'Where that order stands.';
COMMENT ON COLUMN reporting.signals.code IS
  'What kept an order from coming of it, or rejected or ended the order; NULL when nothing did.';
COMMENT ON COLUMN reporting.signals.signals IS 'Always 1: what a panel adds up.';
COMMENT ON COLUMN reporting.signals.owner IS 'Whose portfolio it is.';
