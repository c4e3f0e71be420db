-- reads and locks ops.alert_rules; errors TR802
CREATE OR REPLACE FUNCTION internal.find_alert_rule(p_name text)
RETURNS ops.alert_rules
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rule ops.alert_rules;
BEGIN
  SELECT r.* INTO v_rule FROM ops.alert_rules AS r
   WHERE (r.owner = ops.actor() AND r.name = p_name)
      OR (identity.actor_role() = 'admin' AND p_name = coalesce(r.owner, 'house') || '/' || r.name)
   ORDER BY r.owner = ops.actor() DESC LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown rule of alerts "%"', coalesce(left(p_name, 100), 'NULL')
      USING ERRCODE = 'TR802', DETAIL = format('%s has none of this name.', ops.actor()),
            HINT = 'ops.alert_rules lists them; administrators name one of the house as house/name.';
  END IF;
  RETURN v_rule;
END
$$;
COMMENT ON FUNCTION internal.find_alert_rule(text) IS
  'A rule of who acts by its name; administrators name any as owner/name, one of the house as house/name. Error TR802.';
