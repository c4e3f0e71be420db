-- What is known of prices now, and what was not accepted.
CREATE OR REPLACE VIEW market.latest_quotes AS
SELECT * FROM market.quotes_at();
COMMENT ON VIEW market.latest_quotes IS
  'The latest price, bid and offer of each instrument with its age by the clock, and whether it is too old to trade '
  'on.';

CREATE OR REPLACE VIEW market.rejection_counts AS
SELECT (r.rejected_at AT TIME ZONE 'UTC')::date AS day, r.feed, r.reason, count(*) AS ticks
  FROM market.rejected_ticks AS r
 GROUP BY 1, 2, 3;
COMMENT ON VIEW market.rejection_counts IS 'How many ticks were not accepted, by UTC day, feed and reason.';
