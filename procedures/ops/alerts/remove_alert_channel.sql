-- writes ops.alert_channels, ops.notifications, ops.audit_log; errors TR812
CREATE OR REPLACE FUNCTION ops.remove_alert_channel(name text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM ops.alert_channels AS c
   WHERE c.channel_id = (internal.find_alert_channel(remove_alert_channel.name)).channel_id;
END
$$;
COMMENT ON FUNCTION ops.remove_alert_channel(text) IS
  'Removes a channel of who acts, with its notifications; administrators name that of somebody else as owner/name. '
  'Error TR812.';
REVOKE ALL ON FUNCTION ops.remove_alert_channel(text) FROM PUBLIC;
