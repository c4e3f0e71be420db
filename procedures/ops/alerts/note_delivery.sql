-- writes ops.notifications; reads ops.alert_settings
CREATE OR REPLACE FUNCTION ops.note_delivery(notification_id uuid, error text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_settings ops.alert_settings := (SELECT s FROM ops.alert_settings AS s);
  v_at       timestamptz := internal.clock();
BEGIN
  UPDATE ops.notifications AS n
     SET delivered_at = CASE WHEN note_delivery.error IS NULL THEN v_at END,
         dead_at = CASE WHEN note_delivery.error IS NOT NULL AND n.attempts >= v_settings.attempts THEN v_at END,
         next_attempt_at = CASE WHEN note_delivery.error IS NOT NULL AND n.attempts < v_settings.attempts
                                THEN v_at + v_settings.first_delay * power(6, n.attempts - 1) END,
         error = left(note_delivery.error, 500)
   WHERE n.notification_id = note_delivery.notification_id AND n.delivered_at IS NULL
     AND (n.dead_at IS NULL OR note_delivery.error IS NULL);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION ops.note_delivery(uuid, text) IS
  'Says that a notification was accepted (error NULL), or why not: then it is tried again after a while, or is a dead '
  'letter after the last attempt. False: it had been delivered, or there is none.';
REVOKE ALL ON FUNCTION ops.note_delivery(uuid, text) FROM PUBLIC;
