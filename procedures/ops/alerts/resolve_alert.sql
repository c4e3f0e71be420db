-- writes ops.alerts; errors TR808, TR809
CREATE OR REPLACE FUNCTION ops.resolve_alert(alert_id bigint, at timestamptz DEFAULT clock_timestamp())
RETURNS ops.alerts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_alert ops.alerts := internal.find_alert(resolve_alert.alert_id);
BEGIN
  PERFORM internal.require_event_time(resolve_alert.at);
  UPDATE ops.alerts AS a SET state = 'resolved', resolved_at = resolve_alert.at, resolved_by = ops.actor()
   WHERE a.alert_id = v_alert.alert_id RETURNING * INTO v_alert;
  RETURN v_alert;
END
$$;
COMMENT ON FUNCTION ops.resolve_alert(bigint, timestamptz) IS
  'Says that an alert is over. If its condition still holds, the next evaluation after the cooldown opens another. '
  'Errors TR249, TR808, TR809.';
REVOKE ALL ON FUNCTION ops.resolve_alert(bigint, timestamptz) FROM PUBLIC;
