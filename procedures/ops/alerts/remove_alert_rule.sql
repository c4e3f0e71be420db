-- writes ops.alert_rules, ops.alerts, ops.pending_alerts, ops.rule_states, ops.audit_log; errors TR802
CREATE OR REPLACE FUNCTION ops.remove_alert_rule(name text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_rule ops.alert_rules := internal.find_alert_rule(remove_alert_rule.name);
BEGIN
  IF v_rule.owner IS NULL THEN
    RAISE EXCEPTION 'a rule of the house comes back with the next installation'
      USING ERRCODE = 'TR802', DETAIL = format('%s is one.', v_rule.name),
            HINT = format('Turn it off: SELECT ops.enable_alert_rule(''house/%s'', false).', v_rule.name);
  END IF;
  DELETE FROM ops.alert_rules AS r WHERE r.rule_id = v_rule.rule_id;
END
$$;
COMMENT ON FUNCTION ops.remove_alert_rule(text) IS
  'Removes a rule of who acts with all alerts that it has opened; administrators name that of somebody else as '
  'owner/name. Error TR802.';
REVOKE ALL ON FUNCTION ops.remove_alert_rule(text) FROM PUBLIC;
