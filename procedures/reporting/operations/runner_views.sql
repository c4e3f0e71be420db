-- Whether the service runs, and what stands in its way.
CREATE OR REPLACE VIEW reporting.runners WITH (security_invoker = true) AS
SELECT r.name, r.host, r.process_id, r.version, r.feed, r.state, r.started_at, r.seen_at,
       extract(epoch FROM clock_timestamp() - r.seen_at)::float8 AS age_seconds, r.stopped_at, r.runner_id,
       (SELECT count(*) FROM ops.leases AS e WHERE e.runner_id = r.runner_id AND r.state = 'running') AS portfolios
  FROM ops.runner_states AS r;
COMMENT ON VIEW reporting.runners IS 'Runners with their state and last sign of life (ops.runner_states).';
COMMENT ON COLUMN reporting.runners.name IS 'Name given on the command line.';
COMMENT ON COLUMN reporting.runners.host IS 'Host that it runs on.';
COMMENT ON COLUMN reporting.runners.process_id IS 'Process identifier on that host.';
COMMENT ON COLUMN reporting.runners.version IS 'Version of the binary.';
COMMENT ON COLUMN reporting.runners.feed IS 'What it reads.';
COMMENT ON COLUMN reporting.runners.state IS
  'running, stopped, killed (it did not say that it stopped), or unknown to who may read none of its portfolios.';
COMMENT ON COLUMN reporting.runners.started_at IS 'Clock time of the start.';
COMMENT ON COLUMN reporting.runners.seen_at IS 'Clock time of the last sign of life.';
COMMENT ON COLUMN reporting.runners.age_seconds IS 'Seconds since then, by the clock.';
COMMENT ON COLUMN reporting.runners.stopped_at IS 'Clock time of an orderly stop; NULL while running or when killed.';
COMMENT ON COLUMN reporting.runners.runner_id IS 'Identifier; later starts have higher ones.';
COMMENT ON COLUMN reporting.runners.portfolios IS 'How many portfolios it holds, of those that the reader may read.';

CREATE OR REPLACE VIEW reporting.blocked_portfolios WITH (security_invoker = true) AS
SELECT b.portfolio, b.process_id, b.user_name::text AS user_name, b.application, b.state, b.since,
       extract(epoch FROM clock_timestamp() - b.since)::float8 AS seconds, p.owner
  FROM ops.blocked_portfolios() AS b JOIN trading.portfolios AS p USING (portfolio_id);
COMMENT ON VIEW reporting.blocked_portfolios IS
  'Portfolios that a transaction of another session has kept locked for more than two seconds '
  '(ops.blocked_portfolios).';
COMMENT ON COLUMN reporting.blocked_portfolios.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.blocked_portfolios.process_id IS 'Process of the session.';
COMMENT ON COLUMN reporting.blocked_portfolios.user_name IS 'Who logged in there.';
COMMENT ON COLUMN reporting.blocked_portfolios.application IS
  'What the client called itself; NULL to who may not see other sessions (pg_read_all_stats).';
COMMENT ON COLUMN reporting.blocked_portfolios.state IS 'What the session does; NULL as before.';
COMMENT ON COLUMN reporting.blocked_portfolios.since IS 'Clock time at which its transaction began; NULL as before.';
COMMENT ON COLUMN reporting.blocked_portfolios.seconds IS 'Seconds since then, by the clock.';
COMMENT ON COLUMN reporting.blocked_portfolios.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.unpriced_settlements WITH (security_invoker = true) AS
SELECT u.at AS time, u.portfolio, u.symbol, u.kind::text AS kind, u.first_day, u.day, u.quantity::float8 AS quantity,
       u.price_of, u.last_price::float8 AS last_price, u.last_price_at, u.owner
  FROM trading.unsettled AS u;
COMMENT ON VIEW reporting.unpriced_settlements IS
  'Positions in futures and options that could not be settled for want of a price (trading.unsettled).';
COMMENT ON COLUMN reporting.unpriced_settlements.time IS 'Event time at which the latest day was tried first.';
COMMENT ON COLUMN reporting.unpriced_settlements.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.unpriced_settlements.symbol IS 'The future or option, EXCHANGE:SYMBOL.';
COMMENT ON COLUMN reporting.unpriced_settlements.kind IS 'daily, final or expiry.';
COMMENT ON COLUMN reporting.unpriced_settlements.first_day IS 'The first trading day that is unsettled.';
COMMENT ON COLUMN reporting.unpriced_settlements.day IS 'The latest one; its price settles the days before, too.';
COMMENT ON COLUMN reporting.unpriced_settlements.quantity IS 'Units held, negative when short.';
COMMENT ON COLUMN reporting.unpriced_settlements.price_of IS
  'EXCHANGE:SYMBOL of the instrument whose price of that day is wanted.';
COMMENT ON COLUMN reporting.unpriced_settlements.last_price IS
  'Its latest price, of another day or of after the close; NULL when there is none.';
COMMENT ON COLUMN reporting.unpriced_settlements.last_price_at IS 'When that was.';
COMMENT ON COLUMN reporting.unpriced_settlements.owner IS 'Whose portfolio it is.';
