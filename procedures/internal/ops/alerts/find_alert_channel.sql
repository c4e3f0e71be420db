-- reads ops.alert_channels; errors TR812
CREATE OR REPLACE FUNCTION internal.find_alert_channel(p_name text)
RETURNS ops.alert_channels
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_channel ops.alert_channels;
BEGIN
  SELECT c.* INTO v_channel FROM ops.alert_channels AS c
   WHERE (c.owner = ops.actor() AND c.name = p_name)
      OR (identity.actor_role() = 'admin' AND p_name = c.owner || '/' || c.name)
   ORDER BY c.owner = ops.actor() DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown channel of alerts "%"', coalesce(left(p_name, 100), 'NULL')
      USING ERRCODE = 'TR812', DETAIL = format('%s has none of this name.', ops.actor()),
            HINT = 'ops.alert_channels lists them; ops.set_alert_channel makes one.';
  END IF;
  RETURN v_channel;
END
$$;
COMMENT ON FUNCTION internal.find_alert_channel(text) IS
  'A channel of who acts by its name; administrators name any as owner/name. Error TR812.';
