-- How long orders took, step by step, by the clock.
CREATE OR REPLACE VIEW reporting.order_latency WITH (security_invoker = true) AS
SELECT o.submitted_at AS time, p.name AS portfolio, o.order_id, l.step,
       round(extract(epoch FROM l.until - l.since) * 1000, 3)::float8 AS milliseconds, a.name AS agent,
       o.client_order_id, p.owner
  FROM trading.orders AS o
  JOIN trading.portfolios AS p USING (portfolio_id)
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  LEFT JOIN LATERAL (
    SELECT g.recorded_at, g.instrument_id, g.at
      -- By the order's key, whatever else would give them in their order.
      FROM (SELECT n.* FROM strategy.signals AS n
             WHERE n.portfolio_id = o.portfolio_id AND n.client_order_id = o.client_order_id OFFSET 0) AS g
     WHERE g.agent_id = o.agent_id
       AND g.reason IS DISTINCT FROM 'stop' AND g.reason IS DISTINCT FROM 'take_profit'
     ORDER BY g.signal_no LIMIT 1) AS s ON true
  -- Of live ticks alone: those of files were received at no time. What a candle gave is not before it ended.
  LEFT JOIN LATERAL (
    SELECT greatest(t.received_at, s.at) AS known_at
      FROM market.last_tick(s.instrument_id, s.at) AS n
      CROSS JOIN LATERAL (
        SELECT m.received_at FROM market.ticks AS m
         WHERE m.ts = n.ts AND m.instrument_id = s.instrument_id AND m.seq = n.seq LIMIT 1) AS t
     WHERE t.received_at <= o.created_at AND s.recorded_at < s.at + interval '1 day') AS k ON true
  LEFT JOIN LATERAL (
    SELECT min(e.recorded_at) AS acknowledged_at FROM trading.order_events AS e
     WHERE e.portfolio_id = o.portfolio_id AND e.order_id = o.order_id
       AND (e.from_status = 'pending_submit' OR e.to_status = 'working')) AS e ON true
  LEFT JOIN LATERAL (
    SELECT min(f.recorded_at) AS filled_at FROM trading.fills AS f
     WHERE f.portfolio_id = o.portfolio_id AND f.order_id = o.order_id) AS f ON true
  CROSS JOIN LATERAL (VALUES
    ('tick_to_signal', k.known_at, s.recorded_at),
    ('signal_to_order', s.recorded_at, o.created_at),
    ('order_to_acknowledged', o.created_at, e.acknowledged_at),
    ('acknowledged_to_fill', e.acknowledged_at, f.filled_at),
    ('order', coalesce(k.known_at, least(s.recorded_at, o.created_at)), e.acknowledged_at))
    AS l (step, since, until)
 WHERE l.until >= l.since;
COMMENT ON VIEW reporting.order_latency IS
  'Clock times between the steps of each order, a row for each step whose both ends are known. A portfolio with a '
  'range of time is found by an index; strategy.why tells of one order.';
COMMENT ON COLUMN reporting.order_latency.time IS 'Event time of submission.';
COMMENT ON COLUMN reporting.order_latency.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN reporting.order_latency.order_id IS 'Number of the order in the portfolio.';
COMMENT ON COLUMN reporting.order_latency.step IS
  'tick_to_signal (from when a live tick was received, or the candle ended that it closed), signal_to_order, '
  'order_to_acknowledged, acknowledged_to_fill; order: from the first that is known of these until it is acknowledged, '
  'which reporting.latency_targets has a target for.';
COMMENT ON COLUMN reporting.order_latency.milliseconds IS 'Milliseconds between both, by the clock.';
COMMENT ON COLUMN reporting.order_latency.agent IS 'Agent that sent it; NULL for a person''s order.';
COMMENT ON COLUMN reporting.order_latency.client_order_id IS
  'What joins its signal, its fills, the journal and the log.';
COMMENT ON COLUMN reporting.order_latency.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW reporting.latency_targets WITH (security_invoker = true) AS
SELECT t.step, t.target_ms::float8 AS target_ms, t.description FROM ops.latency_targets AS t;
COMMENT ON VIEW reporting.latency_targets IS 'What latencies are compared with (ops.latency_targets).';
COMMENT ON COLUMN reporting.latency_targets.step IS
  'The step: order, query, or another one of reporting.order_latency.';
COMMENT ON COLUMN reporting.latency_targets.target_ms IS 'Milliseconds that it may take.';
COMMENT ON COLUMN reporting.latency_targets.description IS 'What is measured, in words.';
