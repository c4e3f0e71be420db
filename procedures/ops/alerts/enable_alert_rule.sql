-- writes ops.alert_rules, ops.audit_log; errors TR802
CREATE OR REPLACE FUNCTION ops.enable_alert_rule(name text, enabled boolean DEFAULT true)
RETURNS ops.alert_rules
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_rule ops.alert_rules := internal.find_alert_rule(enable_alert_rule.name);
BEGIN
  UPDATE ops.alert_rules AS r SET enabled = coalesce(enable_alert_rule.enabled, r.enabled)
   WHERE r.rule_id = v_rule.rule_id RETURNING * INTO v_rule;
  RETURN v_rule;
END
$$;
COMMENT ON FUNCTION ops.enable_alert_rule(text, boolean) IS
  'Turns a rule of who acts on, or off: what it had opened is over then. Administrators name one of the house as '
  'house/name, and that of somebody else as owner/name. Error TR802.';
REVOKE ALL ON FUNCTION ops.enable_alert_rule(text, boolean) FROM PUBLIC;
