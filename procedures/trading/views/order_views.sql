-- What an analyst reads of orders. Every figure comes from the tables; nothing here is kept.
CREATE OR REPLACE VIEW trading.open_orders WITH (security_invoker = true) AS
SELECT p.name AS portfolio, o.order_id, o.client_order_id, i.symbol, o.side, o.type,
       trim_scale(o.quantity) AS quantity, trim_scale(o.filled_quantity) AS filled_quantity,
       trim_scale(o.limit_price) AS limit_price, trim_scale(o.stop_price) AS stop_price,
       o.time_in_force, o.expires_at, o.status, trim_scale(nullif(o.reserved, 0)) AS reserved, a.name AS agent,
       o.submitted_at, p.owner
  FROM trading.orders AS o
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
 WHERE o.closed_at IS NULL;
COMMENT ON VIEW trading.open_orders IS 'Orders that may still fill, with the cash that each holds.';
COMMENT ON COLUMN trading.open_orders.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.open_orders.order_id IS 'Running number within the portfolio.';
COMMENT ON COLUMN trading.open_orders.client_order_id IS 'The caller''s key.';
COMMENT ON COLUMN trading.open_orders.symbol IS 'What to trade, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN trading.open_orders.side IS 'Buy or sell.';
COMMENT ON COLUMN trading.open_orders.type IS 'Order type.';
COMMENT ON COLUMN trading.open_orders.quantity IS 'Units wanted, in today''s shares.';
COMMENT ON COLUMN trading.open_orders.filled_quantity IS 'Units filled so far, in today''s shares.';
COMMENT ON COLUMN trading.open_orders.limit_price IS 'Worst acceptable price of limit types; NULL for others.';
COMMENT ON COLUMN trading.open_orders.stop_price IS
  'Trigger of stop types and limit_if_touched; where a trailing stop stands now; NULL for others.';
COMMENT ON COLUMN trading.open_orders.time_in_force IS 'How long it may rest.';
COMMENT ON COLUMN trading.open_orders.expires_at IS 'Event time at which day and gtd orders end; NULL for others.';
COMMENT ON COLUMN trading.open_orders.status IS 'Where it stands.';
COMMENT ON COLUMN trading.open_orders.reserved IS 'Money that is held for it still; NULL when it needs none.';
COMMENT ON COLUMN trading.open_orders.agent IS 'Agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN trading.open_orders.submitted_at IS 'Event time of submission.';
COMMENT ON COLUMN trading.open_orders.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW trading.order_history WITH (security_invoker = true) AS
SELECT p.name AS portfolio, o.order_id, o.client_order_id, i.symbol, o.side, o.type, e.version, e.at, e.from_status,
       e.to_status, trim_scale(e.quantity) AS quantity, trim_scale(e.filled_quantity) AS filled_quantity,
       trim_scale(e.limit_price) AS limit_price, trim_scale(e.stop_price) AS stop_price,
       trim_scale(f.quantity) AS fill_quantity, trim_scale(f.price) AS fill_price, trim_scale(f.fee) AS fee,
       e.reason_code, e.reason, e.actor, e.recorded_at, p.owner
  FROM trading.order_events AS e
  JOIN trading.orders AS o USING (portfolio_id, order_id)
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i USING (instrument_id)
  -- That it is of the order is known; said here it lets the planner take either index.
  LEFT JOIN trading.fills AS f
    ON f.portfolio_id = e.portfolio_id AND f.order_id = e.order_id AND f.fill_id = e.fill_id;
COMMENT ON VIEW trading.order_history IS 'Every order with each of its events, and the fill where there was one.';
COMMENT ON COLUMN trading.order_history.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.order_history.order_id IS 'Running number within the portfolio.';
COMMENT ON COLUMN trading.order_history.client_order_id IS 'The caller''s key.';
COMMENT ON COLUMN trading.order_history.symbol IS 'What was to be traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN trading.order_history.side IS 'Buy or sell.';
COMMENT ON COLUMN trading.order_history.type IS 'Order type.';
COMMENT ON COLUMN trading.order_history.version IS 'Running number of the event within the order, from 1.';
COMMENT ON COLUMN trading.order_history.at IS 'Event time.';
COMMENT ON COLUMN trading.order_history.from_status IS 'Status before.';
COMMENT ON COLUMN trading.order_history.to_status IS
  'Status after; the same as before when only terms changed (a split).';
COMMENT ON COLUMN trading.order_history.quantity IS 'Units wanted after the event.';
COMMENT ON COLUMN trading.order_history.filled_quantity IS 'Units filled after the event.';
COMMENT ON COLUMN trading.order_history.limit_price IS 'Limit price after the event; NULL when the type has none.';
COMMENT ON COLUMN trading.order_history.stop_price IS 'Stop price after the event; NULL when the type has none.';
COMMENT ON COLUMN trading.order_history.fill_quantity IS 'Units of the fill; NULL when none caused the event.';
COMMENT ON COLUMN trading.order_history.fill_price IS 'Price of the fill; NULL when none caused the event.';
COMMENT ON COLUMN trading.order_history.fee IS
  'What the broker charged for the fill, in the instrument''s currency; NULL when none caused the event.';
COMMENT ON COLUMN trading.order_history.reason_code IS 'Code of the rule that caused the event; NULL when none did.';
COMMENT ON COLUMN trading.order_history.reason IS 'Words with figures; NULL when there are none.';
COMMENT ON COLUMN trading.order_history.actor IS 'Database role that caused it.';
COMMENT ON COLUMN trading.order_history.recorded_at IS 'Clock time.';
COMMENT ON COLUMN trading.order_history.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW trading.contradictory_fills WITH (security_invoker = true) AS
SELECT p.name AS portfolio, c.fill_id, f.order_id, o.client_order_id, i.symbol, f.side,
       trim_scale(f.quantity) AS quantity, trim_scale(f.price) AS price, f.execution_id, c.code, c.reason,
       o.status AS order_status,
       EXISTS (SELECT FROM trading.fills AS b WHERE b.portfolio_id = f.portfolio_id AND b.busts_fill_id = f.fill_id)
         AS is_taken_back,
       c.actor, f.at, c.recorded_at, p.owner
  FROM trading.contradictions AS c
  JOIN trading.fills AS f USING (portfolio_id, fill_id)
  JOIN trading.orders AS o USING (portfolio_id, order_id)
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN market.listings AS i ON i.instrument_id = f.instrument_id;
COMMENT ON VIEW trading.contradictory_fills IS
  'Fills that were booked although they contradict their order, a row for each contradiction: what somebody should '
  'compare with the broker.';
COMMENT ON COLUMN trading.contradictory_fills.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.contradictory_fills.fill_id IS 'The fill.';
COMMENT ON COLUMN trading.contradictory_fills.order_id IS 'Its order.';
COMMENT ON COLUMN trading.contradictory_fills.client_order_id IS 'The caller''s key of the order.';
COMMENT ON COLUMN trading.contradictory_fills.symbol IS 'What was traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN trading.contradictory_fills.side IS 'Buy or sell.';
COMMENT ON COLUMN trading.contradictory_fills.quantity IS 'Units of the fill.';
COMMENT ON COLUMN trading.contradictory_fills.price IS 'Price of the fill.';
COMMENT ON COLUMN trading.contradictory_fills.execution_id IS 'The broker''s key of the fill.';
COMMENT ON COLUMN trading.contradictory_fills.code IS 'Code of what contradicts.';
COMMENT ON COLUMN trading.contradictory_fills.reason IS 'Words with the figures of both.';
COMMENT ON COLUMN trading.contradictory_fills.order_status IS 'Where the order stands.';
COMMENT ON COLUMN trading.contradictory_fills.is_taken_back IS 'True when the fill was busted or corrected since.';
COMMENT ON COLUMN trading.contradictory_fills.actor IS 'Database role that reported the fill.';
COMMENT ON COLUMN trading.contradictory_fills.at IS 'Event time of the fill.';
COMMENT ON COLUMN trading.contradictory_fills.recorded_at IS 'Clock time at which it was booked.';
COMMENT ON COLUMN trading.contradictory_fills.owner IS 'Whose portfolio it is.';
