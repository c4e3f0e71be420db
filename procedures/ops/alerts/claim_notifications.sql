-- locks and writes ops.notifications; reads ops.alert_channels, ops.alert_settings, identity.broker_connections;
-- errors TR604
CREATE OR REPLACE FUNCTION ops.claim_notifications(max_rows int DEFAULT 50)
RETURNS TABLE (notification_id uuid, channel_id int, channel text, kind ops.channel_kind, address text, payload jsonb,
               attempt int, connection_id uuid, owner text, broker text, url text, key_id text, credentials bytea,
               is_of_staff boolean)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_settings ops.alert_settings := (SELECT s FROM ops.alert_settings AS s);
  v_at       timestamptz := internal.clock();
BEGIN
  IF (claim_notifications.max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'one claims 1 to 1,000 notifications'
      USING ERRCODE = 'TR604', DETAIL = format('max_rows is %s.', coalesce(claim_notifications.max_rows::text, 'NULL')),
            HINT = 'Leave it out.';
  END IF;
  -- Whoever tried these said nothing, too often.
  UPDATE ops.notifications AS n
     SET dead_at = v_at, next_attempt_at = NULL, error = coalesce(n.error, 'nobody said what became of it')
   WHERE n.next_attempt_at <= v_at AND n.attempts >= v_settings.attempts;
  RETURN QUERY
    WITH due AS (
      SELECT n.notification_id
        FROM ops.alert_channels AS c
        -- A few of each channel, so that one that does not answer keeps no other waiting.
        CROSS JOIN LATERAL (
          SELECT o.notification_id, o.next_attempt_at FROM ops.notifications AS o
           WHERE o.channel_id = c.channel_id AND o.next_attempt_at <= v_at
           ORDER BY o.next_attempt_at LIMIT 10 FOR UPDATE SKIP LOCKED) AS n
       ORDER BY n.next_attempt_at LIMIT claim_notifications.max_rows),
    claimed AS (
      UPDATE ops.notifications AS n SET attempts = n.attempts + 1, next_attempt_at = v_at + v_settings.answer_within
        FROM due WHERE due.notification_id = n.notification_id RETURNING n.*)
    SELECT n.notification_id, c.channel_id, c.name, c.kind, c.address, n.payload, n.attempts, b.connection_id, b.owner,
           b.broker, b.url, b.key_id, b.credentials,
           coalesce(internal.owner_role(c.owner) IN ('admin', 'runner'), false)
      FROM claimed AS n
      JOIN ops.alert_channels AS c USING (channel_id)
      LEFT JOIN identity.broker_connections AS b USING (connection_id)
     ORDER BY n.created_at, n.notification_id;
END
$$;
COMMENT ON FUNCTION ops.claim_notifications(int) IS
  'Notifications that are to be tried now, at most 10 of each channel, with the sealed secret of its connection, and '
  'whether its owner serves the whole house. Each is nobody else''s for answer_within of ops.alert_settings: until '
  'then ops.note_delivery says what became of it. Error TR604.';
REVOKE ALL ON FUNCTION ops.claim_notifications(int) FROM PUBLIC;
