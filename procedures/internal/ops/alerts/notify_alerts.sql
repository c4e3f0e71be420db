-- reads ops.alert_rules, ops.alert_channels, ops.alert_settings, trading.portfolios; writes ops.alerts,
-- ops.notifications
CREATE OR REPLACE FUNCTION internal.notify_alerts(p_resolved bigint[], p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_settings ops.alert_settings := (SELECT s FROM ops.alert_settings AS s);
BEGIN
  WITH due AS (
    SELECT a, r.channels, r.description, n.event, p.owner AS portfolio_owner, p.name AS portfolio,
           internal.quiet_until(r.quiet_from, r.quiet_until, r.quiet_zone, p_at) AS quiet_until
      FROM ops.alerts AS a
      JOIN ops.alert_rules AS r USING (rule_id)
      LEFT JOIN trading.portfolios AS p USING (portfolio_id)
      CROSS JOIN LATERAL (
        SELECT CASE WHEN a.state = 'open' AND a.notified_at IS NULL THEN 'opened'
                    WHEN a.state = 'open' AND a.escalated_at IS NULL AND a.opened_at <= p_at - r.escalate_after
                      THEN 'escalated' END) AS n (event)
     WHERE a.state <> 'resolved' AND n.event IS NOT NULL
    UNION ALL
    -- It is over; whoever was told of it is told that.
    SELECT a, r.channels, r.description, 'resolved', p.owner, p.name, NULL
      FROM ops.alerts AS a
      JOIN ops.alert_rules AS r USING (rule_id)
      LEFT JOIN trading.portfolios AS p USING (portfolio_id)
     WHERE a.alert_id = ANY (p_resolved) AND a.notified_at IS NOT NULL AND (a.silenced_until > p_at) IS NOT TRUE),
  told AS (
    SELECT (d.a).*, d.event, d.channels, d.description, d.portfolio_owner, d.portfolio FROM due AS d
     WHERE d.quiet_until IS NULL),
  written AS (
    INSERT INTO ops.notifications
      (notification_id, channel_id, owner, alert_id, event, payload, created_at, next_attempt_at, delivered_at)
    SELECT i.id, c.channel_id, c.owner, t.alert_id, t.event,
           jsonb_build_object(
             'id', i.id, 'event', t.event, 'alert_id', t.alert_id, 'rule', t.rule, 'owner', t.owner,
             'severity', t.severity, 'subject', t.subject, 'portfolio', t.portfolio, 'value', t.value,
             'detail', t.detail, 'description', t.description, 'opened_at', internal.iso_time(t.opened_at),
             'resolved_at', internal.iso_time(t.resolved_at), 'at', internal.iso_time(p_at)),
           p_at, CASE WHEN c.kind <> 'in_app' THEN p_at END, CASE WHEN c.kind = 'in_app' THEN p_at END
      FROM told AS t
      JOIN ops.alert_channels AS c
        ON c.enabled AND (c.owner = t.owner OR t.owner IS NULL AND (c.is_for_house OR c.owner = t.portfolio_owner))
       AND (t.event = 'escalated'
            OR c.least_severity <= t.severity
               AND (t.channels IS NULL OR c.name = ANY (t.channels) OR t.owner IS NULL AND NOT c.is_for_house))
      CROSS JOIN LATERAL (
        SELECT md5(format('%s/%s/%s/%s', t.alert_id, extract(epoch FROM t.opened_at), t.event, c.channel_id))::uuid)
        AS i (id)
    ON CONFLICT ON CONSTRAINT notifications_pkey DO NOTHING)
  UPDATE ops.alerts AS a
     SET notified_at = CASE t.event WHEN 'opened' THEN p_at ELSE a.notified_at END,
         escalated_at = CASE t.event WHEN 'escalated' THEN p_at ELSE a.escalated_at END
    FROM told AS t WHERE t.alert_id = a.alert_id AND t.event <> 'resolved';
  -- Old ones go, and those beyond what a channel keeps, delivered or not.
  DELETE FROM ops.notifications AS n USING ops.alert_channels AS c
   WHERE n.channel_id = c.channel_id
     AND (n.created_at < p_at - v_settings.keep_letters
          OR (n.created_at, n.notification_id) < (
               SELECT o.created_at, o.notification_id FROM ops.notifications AS o WHERE o.channel_id = c.channel_id
                ORDER BY o.created_at DESC, o.notification_id DESC OFFSET v_settings.rows_per_channel - 1 LIMIT 1));
END
$$;
COMMENT ON FUNCTION internal.notify_alerts(bigint[], timestamptz) IS
  'Writes notifications of alerts that are open and of which nobody was told, of those that nobody has acknowledged in '
  'time, and of those that have just ended; not in quiet hours, after which what is still open is told. Keeps the '
  'outbox within its bounds.';
