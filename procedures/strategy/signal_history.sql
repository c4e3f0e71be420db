-- What people read of signals.
CREATE OR REPLACE VIEW strategy.signal_history WITH (security_invoker = true) AS
SELECT p.name AS portfolio, g.name AS strategy, a.name AS agent, i.symbol, s.signal_no, s.at, s.action, s.reason,
       s.price, s.operands,
       s.client_order_id, o.order_id, o.status AS order_status, coalesce(s.code, o.reason_code) AS code,
       s.recorded_at, p.owner
  FROM strategy.signals AS s
  JOIN strategy.agents AS a USING (portfolio_id, agent_id)
  JOIN strategy.strategies AS g USING (strategy_id)
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN trading.orders AS o ON o.portfolio_id = s.portfolio_id AND o.client_order_id = s.client_order_id;
COMMENT ON VIEW strategy.signal_history IS
  'What agents wanted, with what they saw, and the order or the refusal that came of it. strategy.why(portfolio, '
  'order_id) tells the rest.';
COMMENT ON COLUMN strategy.signal_history.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN strategy.signal_history.strategy IS 'Name of its strategy.';
COMMENT ON COLUMN strategy.signal_history.agent IS 'Name of the agent.';
COMMENT ON COLUMN strategy.signal_history.symbol IS 'Whose candle or tick gave it, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN strategy.signal_history.signal_no IS 'Running number within the agent''s instrument.';
COMMENT ON COLUMN strategy.signal_history.at IS 'Event time.';
COMMENT ON COLUMN strategy.signal_history.action IS 'buy, sell or exit.';
COMMENT ON COLUMN strategy.signal_history.reason IS 'Why it leaves a position; NULL for an entry.';
COMMENT ON COLUMN strategy.signal_history.price IS 'Price at the signal; NULL when none is known.';
COMMENT ON COLUMN strategy.signal_history.operands IS
  'What the rules compared, with its value at that time; null while it is not known.';
COMMENT ON COLUMN strategy.signal_history.client_order_id IS 'Key of the order that came of it; NULL when none did.';
COMMENT ON COLUMN strategy.signal_history.order_id IS 'Number of that order; NULL when none came of it.';
COMMENT ON COLUMN strategy.signal_history.order_status IS 'Where that order stands.';
COMMENT ON COLUMN strategy.signal_history.code IS
  'What kept an order from coming of it, or rejected or ended the order; NULL when nothing did.';
COMMENT ON COLUMN strategy.signal_history.recorded_at IS 'Clock time.';
COMMENT ON COLUMN strategy.signal_history.owner IS 'Whose portfolio it is.';
