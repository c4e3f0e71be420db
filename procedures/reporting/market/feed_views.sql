-- Whether the market comes in.
CREATE OR REPLACE VIEW reporting.feed_health WITH (security_invoker = true) AS
SELECT f.feed, NULL::text AS portfolio, f.symbols, f.last_event_at, f.last_stored_at,
       extract(epoch FROM clock_timestamp() - f.last_stored_at)::float8 AS age_seconds,
       extract(epoch FROM f.last_stored_at - f.last_event_at)::float8 AS lag_seconds, NULL::boolean AS is_finished,
       (SELECT count(*) FROM market.rejected_ticks AS r
         WHERE r.rejected_at > clock_timestamp() - interval '1 day' AND r.feed = f.feed) AS rejected_ticks,
       -- The clock of the transaction: an index is asked for no other.
       (SELECT coalesce(sum(c.ticks), 0) / 60.0::float8
          FROM market.feed_positions AS n JOIN market.tick_candles_1m AS c USING (instrument_id)
         WHERE n.feed = f.feed AND c.bucket = date_trunc('minute', now()) - interval '1 minute') AS tick_rate,
       NULL::text AS owner
  FROM (SELECT n.feed, count(*) AS symbols, max(n.ts) AS last_event_at, max(n.stored_at) AS last_stored_at
          FROM market.feed_positions AS n GROUP BY n.feed) AS f
UNION ALL
SELECT c.feed, p.name, NULL, c.at, NULL, NULL, NULL, c.is_finished, NULL, NULL, p.owner
  FROM ops.feed_cursors AS c JOIN trading.portfolios AS p USING (portfolio_id);
COMMENT ON VIEW reporting.feed_health IS
  'How far feeds have come: a row for each live feed (portfolio is NULL), and one for each portfolio that has read a '
  'feed.';
COMMENT ON COLUMN reporting.feed_health.feed IS 'Name of the feed.';
COMMENT ON COLUMN reporting.feed_health.portfolio IS 'Portfolio whose runner has come there; NULL: what is stored.';
COMMENT ON COLUMN reporting.feed_health.symbols IS 'Instruments that the live feed has brought; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.last_event_at IS 'Event time of the last event; NULL before the first.';
COMMENT ON COLUMN reporting.feed_health.last_stored_at IS
  'Clock time at which the live feed stored last; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.age_seconds IS
  'Seconds since then, by the clock; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.lag_seconds IS
  'Seconds from the last event until it was stored; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.is_finished IS
  'Whether the portfolio has read the feed to its end; NULL for a live feed.';
COMMENT ON COLUMN reporting.feed_health.rejected_ticks IS
  'Ticks of the live feed that were not accepted in the last 24 hours; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.tick_rate IS
  'Ticks a second of its instruments in the last whole minute of the clock; NULL for a portfolio.';
COMMENT ON COLUMN reporting.feed_health.owner IS 'Whose portfolio it is; NULL for a live feed.';

CREATE OR REPLACE VIEW reporting.cursor_lag WITH (security_invoker = true) AS
SELECT f.portfolio, greatest(0, extract(epoch FROM max(q.ts - f.last_event_at)))::float8 AS lag_seconds, f.owner
  FROM reporting.feed_health AS f JOIN market.quotes AS q ON f.feed = 'live/' || q.instrument_id
 WHERE NOT f.is_finished
 GROUP BY f.portfolio, f.owner;
COMMENT ON VIEW reporting.cursor_lag IS
  'How far the service is behind the latest prices of what each portfolio trades.';
COMMENT ON COLUMN reporting.cursor_lag.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.cursor_lag.lag_seconds IS
  'Seconds of event time, of the instrument that is furthest behind.';
COMMENT ON COLUMN reporting.cursor_lag.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.tick_rate WITH (security_invoker = true) AS
SELECT c.bucket AS time, i.symbol, c.ticks, c.ticks / 60.0::float8 AS value
  FROM market.tick_candles_1m AS c JOIN market.listings AS i USING (instrument_id);
COMMENT ON VIEW reporting.tick_rate IS
  'Ticks of each instrument, minute by minute (market.tick_candles_1m). A range of time is found by an index; name the '
  'symbols where there are many.';
COMMENT ON COLUMN reporting.tick_rate.time IS 'Beginning of the minute, event time.';
COMMENT ON COLUMN reporting.tick_rate.symbol IS 'The instrument, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN reporting.tick_rate.ticks IS 'Ticks of the minute; suspicious ones do not count.';
COMMENT ON COLUMN reporting.tick_rate.value IS 'The same for a second, on average.';

CREATE OR REPLACE VIEW reporting.candle_freshness WITH (security_invoker = true) AS
SELECT q.symbol, q.last_at, q.quoted_at, extract(epoch FROM q.age)::float8 AS age_seconds, q.is_stale,
       m.closed_until, extract(epoch FROM q.last_at - m.closed_until)::float8 AS behind_seconds
  FROM market.latest_quotes AS q LEFT JOIN market.candle_marks AS m USING (instrument_id);
COMMENT ON VIEW reporting.candle_freshness IS
  'How old the latest price of each instrument is (market.latest_quotes), and how far its candles have closed.';
COMMENT ON COLUMN reporting.candle_freshness.symbol IS 'The instrument, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN reporting.candle_freshness.last_at IS 'Event time of the last price; NULL when nothing traded yet.';
COMMENT ON COLUMN reporting.candle_freshness.quoted_at IS 'Event time of bid and ask; NULL when the feed has none.';
COMMENT ON COLUMN reporting.candle_freshness.age_seconds IS 'Seconds since the later of both, by the clock.';
COMMENT ON COLUMN reporting.candle_freshness.is_stale IS
  'Whether that is too old to trade on; NULL where the exchange sets no bound.';
COMMENT ON COLUMN reporting.candle_freshness.closed_until IS
  'Candles that end here or before have been journaled as closed; NULL without candles of ticks.';
COMMENT ON COLUMN reporting.candle_freshness.behind_seconds IS
  'Seconds from there to the last price: at most about a minute and the grace while ticks come in.';
