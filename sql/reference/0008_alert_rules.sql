-- Rules of alerts that everybody should have. What they ask comes with each installation; bounds, times, severity and
-- whether they are enabled are as administrators have set them.
INSERT INTO ops.alert_rules AS r
  (owner, name, kind, condition, source, measure, comparison, bound, filter, for_duration, severity, cooldown,
   escalate_after, evaluate_every, is_slow, description)
VALUES
  (NULL, 'drawdown', 'threshold', NULL, 'portfolio_value', 'drawdown', '<=', -0.2, '{}', '0', 'critical', '1 hour',
   '15 minutes', '30 seconds', false,
   'The return of a portfolio is this far below its highest. Look at what it holds; risk.halt stops what opens more.'),
  (NULL, 'daily_loss', 'sql',
   $q$SELECT u.owner || '/' || u.portfolio AS portfolio, format('%s/%s %s', u.owner, u.portfolio, u."limit") AS subject,
             u.share AS value, format('%s of %s', u.used, u.bound) AS detail
        FROM reporting.limit_use AS u
       WHERE u.metric IN ('daily_loss', 'daily_loss_share') AND u.share >= $1$q$,
   NULL, NULL, NULL, 0.8, '{}', '0', 'warning', '10 minutes', NULL, '30 seconds', false,
   'So much of a limit of the day''s loss is used, after which orders are refused.'),
  (NULL, 'rejected_orders', 'sql',
   $q$SELECT j.owner || '/' || j.portfolio AS portfolio, j.owner || '/' || j.portfolio AS subject,
             sum(j.orders) AS value, string_agg(DISTINCT j.code, ', ') AS detail
        FROM reporting.rejects_by_code AS j
       WHERE j.time > now() - interval '5 minutes'
       GROUP BY j.owner, j.portfolio HAVING sum(j.orders) >= $1$q$,
   NULL, NULL, NULL, 10, '{}', '0', 'warning', '10 minutes', NULL, '10 seconds', false,
   'So many orders of a portfolio were rejected within five minutes; detail has the codes.'),
  (NULL, 'stale_feed', 'sql',
   $q$SELECT f.feed AS subject, f.age_seconds AS value, format('last event at %s', f.last_event_at) AS detail
        FROM reporting.feed_health AS f
       WHERE f.portfolio IS NULL AND f.age_seconds BETWEEN $1 AND 7 * 86400
         AND EXISTS (
           SELECT FROM (SELECT DISTINCT i.exchange_id FROM market.feed_positions AS n
                          JOIN market.instruments AS i USING (instrument_id)
                         WHERE n.feed = f.feed AND i.is_active) AS x,
                       (SELECT now() - interval '5 minutes' AS before) AS t
            -- A session began more than five minutes ago, and goes on.
            WHERE market.session_close(x.exchange_id, t.before) <= market.session_open(x.exchange_id, t.before)
              AND market.session_close(x.exchange_id, t.before) = market.session_close(x.exchange_id, now()))$q$,
   NULL, NULL, NULL, 120, '{}', '0', 'critical', '0', '15 minutes', '5 seconds', false,
   'A live feed has brought nothing for so many seconds, though a market that it brings is open.'),
  (NULL, 'silent_runner', 'sql',
   $q$SELECT r.name || ' on ' || r.host AS subject, r.age_seconds AS value, r.state AS detail
        FROM (SELECT DISTINCT ON (n.name, n.host) n.* FROM reporting.runners AS n
               ORDER BY n.name, n.host, n.runner_id DESC) AS r
       WHERE (r.state = 'killed' OR r.state = 'running' AND r.age_seconds >= $1) AND r.age_seconds < 7 * 86400$q$,
   NULL, NULL, NULL, 60, '{}', '10 seconds', 'critical', '0', '15 minutes', '0', false,
   'A runner has ended without saying so, or gives no sign of life: nobody matches orders or asks agents.'),
  (NULL, 'blocked_portfolio', 'threshold', NULL, 'blocked_portfolios', 'seconds', '>=', 30, '{}', '0', 'warning', '0',
   '15 minutes', '5 seconds', false,
   'Another session keeps a portfolio locked, so that nobody trades it: ops.blocked_portfolios() names its process.'),
  (NULL, 'unreconciled_order', 'sql',
   $q$SELECT format('%s/%s order %s', p.owner, p.name, o.order_id) AS subject, p.owner || '/' || p.name AS portfolio,
             extract(epoch FROM now() - o.updated_at) AS value, o.status::text AS detail
        FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)
       WHERE o.closed_at IS NULL AND o.status IN ('unknown', 'pending_submit', 'pending_cancel')
         AND o.updated_at < now() - make_interval(secs => $1)$q$,
   NULL, NULL, NULL, 60, '{}', '0', 'critical', '0', '15 minutes', '5 seconds', false,
   'A broker has not said for so many seconds what became of an order. Ask it, and report (trading.report_order).'),
  (NULL, 'unpriced_settlement', 'sql',
   $q$SELECT format('%s/%s %s', u.owner, u.portfolio, u.symbol) AS subject, u.owner || '/' || u.portfolio AS portfolio,
             u.quantity AS value, format('no price of %s on %s', u.price_of, u.day) AS detail
        FROM reporting.unpriced_settlements AS u$q$,
   NULL, NULL, NULL, NULL, '{}', '0', 'critical', '0', NULL, '30 seconds', false,
   'A contract could not be settled for want of a price: store it, or settle by hand (trading.settle_futures).'),
  (NULL, 'invariant_violation', 'sql',
   $q$SELECT v.invariant AS subject, count(*) AS value, min(v.detail) AS detail FROM ops.check_invariants() AS v
       GROUP BY v.invariant$q$,
   NULL, NULL, NULL, NULL, '{}', '0', 'critical', '0', '15 minutes', '6 hours', true,
   'The books contradict themselves. Stop trading, keep a copy, and find out: ops.check_invariants().'),
  (NULL, 'latency', 'sql',
   $q$SELECT format('%s/%s %s', l.owner, l.portfolio, l.step) AS subject, l.owner || '/' || l.portfolio AS portfolio,
             max(l.milliseconds) AS value, format('%s orders above %s ms', count(*), min(t.target_ms)) AS detail
        FROM reporting.order_latency AS l JOIN reporting.latency_targets AS t USING (step)
       WHERE l.time > now() - interval '5 minutes' AND l.milliseconds > t.target_ms
       GROUP BY l.owner, l.portfolio, l.step HAVING count(*) >= $1$q$,
   NULL, NULL, NULL, 3, '{}', '0', 'warning', '10 minutes', NULL, '10 seconds', false,
   'So many orders within five minutes took longer than their target (reporting.latency_targets).'),
  (NULL, 'replication_lag', 'threshold', NULL, 'replication', 'lag_seconds', '>=', 30, '{}', '30 seconds', 'warning',
   '0', NULL, '5 seconds', false, 'A copy of the server is so many seconds behind.'),
  (NULL, 'replication_slot', 'threshold', NULL, 'replication', 'lag_bytes', '>=', 10e9, '{"kind": "slot"}', '0',
   'critical', '0', NULL, '30 seconds', false,
   'A replication slot keeps so many bytes of WAL, until the disk is full: let its reader go on, or drop it.'),
  (NULL, 'disk', 'sql',
   $q$SELECT g.subject, g.value, format('%s %% free', round((100 * g.value)::numeric, 1)) AS detail FROM ops.gauges AS g
       WHERE g.metric = 'disk_free' AND g.value < $1 AND g.reported_at > now() - interval '1 hour'$q$,
   NULL, NULL, NULL, 0.1, '{}', '0', 'critical', '0', '15 minutes', '5 seconds', false,
   'The disk of the server is nearly full. Runners report it where they run on the same machine.')
ON CONFLICT (owner, name) DO UPDATE
  SET kind = EXCLUDED.kind, condition = EXCLUDED.condition, source = EXCLUDED.source, measure = EXCLUDED.measure,
      comparison = EXCLUDED.comparison, filter = EXCLUDED.filter, is_slow = EXCLUDED.is_slow,
      description = EXCLUDED.description;
