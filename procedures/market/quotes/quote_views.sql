-- What is known of prices now, and what was not accepted.
CREATE OR REPLACE VIEW market.latest_quotes WITH (security_invoker = true) AS
SELECT * FROM market.quotes_at();
COMMENT ON VIEW market.latest_quotes IS
  'The latest price, bid and offer of each instrument with its age by the clock, and whether it is too old to '
  'trade on.';
COMMENT ON COLUMN market.latest_quotes.instrument_id IS 'Identifier of the instrument.';
COMMENT ON COLUMN market.latest_quotes.exchange IS 'Code of the exchange.';
COMMENT ON COLUMN market.latest_quotes.symbol IS 'EXCHANGE:SYMBOL.';
COMMENT ON COLUMN market.latest_quotes.last IS
  'Last traded price, or the close of the last bar; NULL when nothing traded yet.';
COMMENT ON COLUMN market.latest_quotes.last_size IS 'Units of the last trade; NULL when a bar set the price.';
COMMENT ON COLUMN market.latest_quotes.last_at IS 'Event time of the last price; NULL when nothing traded yet.';
COMMENT ON COLUMN market.latest_quotes.bid IS 'Best bid; NULL when the feed has none.';
COMMENT ON COLUMN market.latest_quotes.bid_size IS 'Units bid for; NULL when the feed does not say.';
COMMENT ON COLUMN market.latest_quotes.ask IS 'Best ask; NULL when the feed has none.';
COMMENT ON COLUMN market.latest_quotes.ask_size IS 'Units offered; NULL when the feed does not say.';
COMMENT ON COLUMN market.latest_quotes.quoted_at IS 'Event time of bid and ask; NULL when the feed has none.';
COMMENT ON COLUMN market.latest_quotes.age IS 'Time since the later of last_at and quoted_at, by the clock.';
COMMENT ON COLUMN market.latest_quotes.is_stale IS 'Whether age exceeds the exchange''s stale_after.';

CREATE OR REPLACE VIEW market.rejection_counts WITH (security_invoker = true) AS
SELECT (r.rejected_at AT TIME ZONE 'UTC')::date AS day, r.feed, r.reason, count(*) AS ticks
  FROM market.rejected_ticks AS r
 GROUP BY 1, 2, 3;
COMMENT ON VIEW market.rejection_counts IS 'How many ticks were not accepted, by UTC day, feed and reason.';
COMMENT ON COLUMN market.rejection_counts.day IS 'Day in UTC, by the clock.';
COMMENT ON COLUMN market.rejection_counts.feed IS
  'Who brought them: the feed''s name, or the application name of the SQL session.';
COMMENT ON COLUMN market.rejection_counts.reason IS 'Why they were not accepted.';
COMMENT ON COLUMN market.rejection_counts.ticks IS 'How many.';
