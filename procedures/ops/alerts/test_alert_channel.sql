-- writes ops.notifications; errors TR807, TR812
CREATE OR REPLACE FUNCTION ops.test_alert_channel(name text)
RETURNS uuid
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_channel ops.alert_channels := internal.find_alert_channel(test_alert_channel.name);
  v_id      uuid := gen_random_uuid();
  v_at      timestamptz := internal.clock();
BEGIN
  IF (SELECT count(*) FROM ops.notifications AS n
       WHERE n.channel_id = v_channel.channel_id AND n.event = 'test'
         AND n.created_at > v_at - interval '1 minute') >= 5 THEN
    RAISE EXCEPTION 'too many tests of a channel'
      USING ERRCODE = 'TR807', DETAIL = format('%s has had five in a minute.', v_channel.name), HINT = 'Wait a minute.';
  END IF;
  INSERT INTO ops.notifications
    (notification_id, channel_id, owner, event, payload, created_at, next_attempt_at, delivered_at)
  VALUES (v_id, v_channel.channel_id, v_channel.owner, 'test',
          jsonb_build_object('id', v_id, 'event', 'test', 'rule', 'test', 'severity', 'info', 'subject', v_channel.name,
                             'detail', 'A test of this channel.', 'at', internal.iso_time(v_at)),
          v_at, CASE WHEN v_channel.kind <> 'in_app' THEN v_at END, CASE WHEN v_channel.kind = 'in_app' THEN v_at END);
  RETURN v_id;
END
$$;
COMMENT ON FUNCTION ops.test_alert_channel(text) IS
  'Puts a notification into the outbox that says that it is a test, and returns its identifier; a runner delivers it. '
  'Errors TR807, TR812.';
REVOKE ALL ON FUNCTION ops.test_alert_channel(text) FROM PUBLIC;
