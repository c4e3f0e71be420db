-- What is left unsettled, and what for.
CREATE OR REPLACE VIEW trading.unsettled WITH (security_invoker = true) AS
SELECT u.portfolio_id, p.name AS portfolio, u.instrument_id, i.symbol, u.kind, u.first_day, u.day,
       trim_scale(n.quantity) AS quantity, s.symbol AS price_of, trim_scale(q.last::numeric) AS last_price,
       q.ts AS last_price_at, u.at, p.owner
  FROM trading.unpriced_settlements AS u
  JOIN trading.portfolios AS p USING (portfolio_id)
  JOIN trading.positions AS n ON n.portfolio_id = u.portfolio_id AND n.instrument_id = u.instrument_id
  JOIN market.listings AS i ON i.instrument_id = u.instrument_id
  JOIN market.listings AS s ON s.instrument_id = u.price_of
  LEFT JOIN market.quotes AS q ON q.instrument_id = u.price_of
 WHERE n.quantity <> 0;
COMMENT ON VIEW trading.unsettled IS
  'Positions in futures and options that could not be settled, because no price of the day was known. A price that '
  'comes late, or that somebody gives to trading.settle_futures or trading.expire_options, settles them.';
COMMENT ON COLUMN trading.unsettled.portfolio_id IS 'Identifier of the portfolio.';
COMMENT ON COLUMN trading.unsettled.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.unsettled.instrument_id IS 'Identifier of the future or option.';
COMMENT ON COLUMN trading.unsettled.symbol IS 'The future or option, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN trading.unsettled.kind IS
  'daily: the gain of a future; final: so, on its last day; expiry: an option has ended.';
COMMENT ON COLUMN trading.unsettled.first_day IS 'The first trading day that is unsettled for want of a price.';
COMMENT ON COLUMN trading.unsettled.day IS 'The latest one; its price settles the days before, too.';
COMMENT ON COLUMN trading.unsettled.quantity IS 'Units held, negative when short.';
COMMENT ON COLUMN trading.unsettled.price_of IS 'EXCHANGE:SYMBOL of the instrument whose price of that day is wanted.';
COMMENT ON COLUMN trading.unsettled.last_price IS
  'Its latest price, of another day or of after the close; NULL when there is none.';
COMMENT ON COLUMN trading.unsettled.last_price_at IS 'When that was.';
COMMENT ON COLUMN trading.unsettled.at IS 'Event time at which the latest day was tried first.';
COMMENT ON COLUMN trading.unsettled.owner IS 'Whose portfolio it is.';
