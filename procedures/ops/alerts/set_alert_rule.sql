-- reads market.instruments, pg_extension; writes ops.alert_rules, ops.audit_log; errors TR101, TR103, TR701, TR801,
-- TR807
CREATE OR REPLACE FUNCTION ops.set_alert_rule(
  name text, condition text DEFAULT NULL, kind ops.rule_kind DEFAULT 'sql', symbol text DEFAULT NULL,
  timeframe interval DEFAULT '0', source text DEFAULT NULL, measure text DEFAULT NULL, comparison text DEFAULT NULL,
  bound float8 DEFAULT NULL, filter jsonb DEFAULT '{}', lookback interval DEFAULT '1 day',
  for_duration interval DEFAULT '0', severity ops.severity DEFAULT 'warning', cooldown interval DEFAULT '0',
  quiet_from time DEFAULT NULL, quiet_until time DEFAULT NULL, quiet_zone text DEFAULT 'UTC',
  escalate_after interval DEFAULT NULL, evaluate_every interval DEFAULT '0', channels text[] DEFAULT NULL,
  description text DEFAULT NULL, enabled boolean DEFAULT true)
RETURNS ops.alert_rules
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_rule  ops.alert_rules;
  v_parts text[] := CASE WHEN set_alert_rule.kind = 'price'
                         THEN internal.price_comparison(set_alert_rule.condition) END;
  v_fault text;
BEGIN
  v_rule.owner := ops.actor();
  v_rule.name := set_alert_rule.name;
  v_rule.kind := set_alert_rule.kind;
  v_rule.condition := set_alert_rule.condition;
  v_rule.source := left(set_alert_rule.source, 63);
  v_rule.measure := left(set_alert_rule.measure, 63);
  v_rule.comparison := coalesce(v_parts[1], set_alert_rule.comparison);
  v_rule.bound := coalesce(v_parts[2]::float8, set_alert_rule.bound);
  v_rule.filter := set_alert_rule.filter;
  v_rule.instrument_id := CASE WHEN set_alert_rule.symbol IS NOT NULL
                               THEN market.instrument_id(set_alert_rule.symbol) END;
  v_rule.timeframe := set_alert_rule.timeframe;
  v_rule.lookback := set_alert_rule.lookback;
  v_rule.for_duration := set_alert_rule.for_duration;
  v_rule.severity := set_alert_rule.severity;
  v_rule.cooldown := set_alert_rule.cooldown;
  v_rule.quiet_from := set_alert_rule.quiet_from;
  v_rule.quiet_until := set_alert_rule.quiet_until;
  v_rule.quiet_zone := set_alert_rule.quiet_zone;
  v_rule.escalate_after := set_alert_rule.escalate_after;
  v_rule.evaluate_every := set_alert_rule.evaluate_every;
  v_rule.channels := set_alert_rule.channels;
  v_rule.description := set_alert_rule.description;
  v_rule.enabled := set_alert_rule.enabled;
  v_fault := coalesce(
    CASE WHEN set_alert_rule.kind = 'price' AND num_nonnulls(set_alert_rule.comparison, set_alert_rule.bound) > 0
         THEN 'the comparison of a price is in its condition' END,
    internal.rule_fault(v_rule), internal.rule_text_fault(v_rule));
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'no rule of alerts can be like that'
      USING ERRCODE = 'TR801', DETAIL = v_fault || '.', HINT = 'docs/alerts.md shows rules of each kind.';
  ELSIF (SELECT count(*) FROM ops.alert_rules AS r WHERE r.owner = v_rule.owner AND r.name <> v_rule.name) >= 500 THEN
    RAISE EXCEPTION 'too many rules of alerts'
      USING ERRCODE = 'TR807', DETAIL = format('%s has 500.', v_rule.owner),
            HINT = 'ops.remove_alert_rule removes one; one rule can return many subjects.';
  END IF;
  INSERT INTO ops.alert_rules AS r
    (owner, name, kind, condition, source, measure, comparison, bound, filter, instrument_id, timeframe, lookback,
     for_duration, severity, cooldown, quiet_from, quiet_until, quiet_zone, escalate_after, evaluate_every, channels,
     description, enabled)
  VALUES (v_rule.owner, v_rule.name, v_rule.kind, v_rule.condition, v_rule.source, v_rule.measure, v_rule.comparison,
          v_rule.bound, v_rule.filter, v_rule.instrument_id, v_rule.timeframe, v_rule.lookback, v_rule.for_duration,
          v_rule.severity, v_rule.cooldown, v_rule.quiet_from, v_rule.quiet_until, v_rule.quiet_zone,
          v_rule.escalate_after, v_rule.evaluate_every, v_rule.channels, v_rule.description, v_rule.enabled)
  ON CONFLICT (owner, name) DO UPDATE
     SET kind = EXCLUDED.kind, condition = EXCLUDED.condition, source = EXCLUDED.source, measure = EXCLUDED.measure,
         comparison = EXCLUDED.comparison, bound = EXCLUDED.bound, filter = EXCLUDED.filter,
         instrument_id = EXCLUDED.instrument_id, timeframe = EXCLUDED.timeframe, lookback = EXCLUDED.lookback,
         for_duration = EXCLUDED.for_duration, severity = EXCLUDED.severity, cooldown = EXCLUDED.cooldown,
         quiet_from = EXCLUDED.quiet_from, quiet_until = EXCLUDED.quiet_until, quiet_zone = EXCLUDED.quiet_zone,
         escalate_after = EXCLUDED.escalate_after, evaluate_every = EXCLUDED.evaluate_every,
         channels = EXCLUDED.channels, description = EXCLUDED.description, enabled = EXCLUDED.enabled
  RETURNING * INTO v_rule;
  RETURN v_rule;
END
$$;
COMMENT ON FUNCTION ops.set_alert_rule(
  text, text, ops.rule_kind, text, interval, text, text, text, float8, jsonb, interval, interval, ops.severity,
  interval, time, time, text, interval, interval, text[], text, boolean) IS
  'Makes a rule of alerts of who acts, or replaces the one of this name: the columns of ops.alert_rules say what the '
  'terms mean. symbol is the instrument of a rule of prices, such as close > 200. Errors TR101, TR103, TR801, TR807.';
REVOKE ALL ON FUNCTION ops.set_alert_rule(
  text, text, ops.rule_kind, text, interval, text, text, text, float8, jsonb, interval, interval, ops.severity,
  interval, time, time, text, interval, interval, text[], text, boolean) FROM PUBLIC;
