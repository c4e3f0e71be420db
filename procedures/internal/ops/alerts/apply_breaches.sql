-- reads ops.alert_rules, trading.portfolios; writes ops.pending_alerts, ops.alerts
CREATE OR REPLACE FUNCTION internal.apply_breaches(
  p_breaches internal.breach[], p_evaluated int[], p_at timestamptz, p_settings ops.alert_settings)
RETURNS TABLE (alert_id bigint, event text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  -- What has to be so for a while.
  INSERT INTO ops.pending_alerts (rule_id, subject, since)
  SELECT b.rule_id, b.subject, p_at
    FROM unnest(p_breaches) AS b JOIN ops.alert_rules AS r USING (rule_id)
   WHERE r.for_duration > '0' AND NOT b.is_failure
  ON CONFLICT ON CONSTRAINT pending_alerts_pkey DO NOTHING;
  DELETE FROM ops.pending_alerts AS p
   WHERE p.rule_id = ANY (p_evaluated)
     AND NOT EXISTS (SELECT FROM unnest(p_breaches) AS b WHERE (b.rule_id, b.subject) = (p.rule_id, p.subject));
  -- What is open goes on.
  UPDATE ops.alerts AS a SET last_seen_at = p_at, value = b.value, detail = b.detail
    FROM unnest(p_breaches) AS b
   WHERE a.rule_id = b.rule_id AND a.subject = b.subject AND a.state <> 'resolved'
     AND (a.last_seen_at < p_at - interval '1 minute' OR (a.value, a.detail) IS DISTINCT FROM (b.value, b.detail));
  -- The unique index is the last word: an incident is one row, whoever evaluates.
  RETURN QUERY
    INSERT INTO ops.alerts
      (rule_id, subject, owner, rule, severity, portfolio_id, value, detail, opened_at, last_seen_at)
    SELECT r.rule_id, b.subject, r.owner, r.name, r.severity,
           CASE WHEN r.owner IS NULL THEN (SELECT n.portfolio_id FROM trading.portfolios AS n
                                            WHERE n.owner || '/' || n.name = b.portfolio) END,
           b.value, b.detail, p_at, p_at
      FROM unnest(p_breaches) AS b
      JOIN ops.alert_rules AS r USING (rule_id)
      LEFT JOIN ops.pending_alerts AS p ON p.rule_id = b.rule_id AND p.subject = b.subject
     WHERE (b.is_failure OR r.for_duration = '0' OR p.since <= p_at - r.for_duration)
       AND NOT EXISTS (SELECT FROM ops.alerts AS o
                        WHERE o.rule_id = b.rule_id AND o.subject = b.subject AND o.state = 'resolved'
                          AND o.resolved_at > p_at - r.cooldown)
    ON CONFLICT (rule_id, subject) WHERE state <> 'resolved' DO NOTHING
    RETURNING ops.alerts.alert_id, 'opened';
  -- What an evaluation did not find any more is over.
  RETURN QUERY
    UPDATE ops.alerts AS a SET state = 'resolved', resolved_at = p_at
     WHERE a.rule_id = ANY (p_evaluated) AND a.state <> 'resolved'
       AND NOT EXISTS (SELECT FROM unnest(p_breaches) AS b WHERE (b.rule_id, b.subject) = (a.rule_id, a.subject))
    RETURNING a.alert_id, 'resolved';
  IF FOUND THEN
    DELETE FROM ops.alerts AS a USING ops.alert_rules AS r
     WHERE r.rule_id = ANY (p_evaluated) AND a.rule_id = r.rule_id AND a.state = 'resolved'
       AND a.resolved_at < greatest(
             p_at - p_settings.keep_alerts,
             (SELECT o.resolved_at FROM ops.alerts AS o WHERE o.rule_id = r.rule_id AND o.state = 'resolved'
               ORDER BY o.resolved_at DESC OFFSET p_settings.alerts_per_rule LIMIT 1));
  END IF;
  UPDATE ops.alerts AS a SET state = 'open' WHERE a.state = 'silenced' AND a.silenced_until <= p_at;
END
$$;
COMMENT ON FUNCTION internal.apply_breaches(internal.breach[], int[], timestamptz, ops.alert_settings) IS
  'Opens an alert for what was found and has none, ends those of evaluated rules that were found no more, and returns '
  'both. Rules that failed end nothing.';
