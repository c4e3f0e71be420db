-- writes ops.notifications; errors TR812
CREATE OR REPLACE FUNCTION ops.replay_notifications(channel text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_channel ops.alert_channels := internal.find_alert_channel(replay_notifications.channel);
  v_count   bigint;
BEGIN
  UPDATE ops.notifications AS n SET attempts = 0, dead_at = NULL, next_attempt_at = internal.clock()
   WHERE n.channel_id = v_channel.channel_id AND n.dead_at IS NOT NULL;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION ops.replay_notifications(text) IS
  'Tries all dead letters of a channel of who acts again, and returns how many there were; administrators name that of '
  'somebody else as owner/name. Error TR812.';
REVOKE ALL ON FUNCTION ops.replay_notifications(text) FROM PUBLIC;
