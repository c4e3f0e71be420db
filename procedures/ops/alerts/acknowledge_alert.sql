-- writes ops.alerts; errors TR808, TR809
CREATE OR REPLACE FUNCTION ops.acknowledge_alert(alert_id bigint, at timestamptz DEFAULT clock_timestamp())
RETURNS ops.alerts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_alert ops.alerts := internal.find_alert(acknowledge_alert.alert_id);
BEGIN
  PERFORM internal.require_event_time(acknowledge_alert.at);
  UPDATE ops.alerts AS a
     SET state = 'acknowledged', acknowledged_at = acknowledge_alert.at, acknowledged_by = ops.actor()
   WHERE a.alert_id = v_alert.alert_id AND a.state <> 'acknowledged';
  SELECT a.* INTO v_alert FROM ops.alerts AS a WHERE a.alert_id = v_alert.alert_id;
  RETURN v_alert;
END
$$;
COMMENT ON FUNCTION ops.acknowledge_alert(bigint, timestamptz) IS
  'Says that who acts looks after an alert: it escalates no more. Again changes nothing. Errors TR249, TR808, TR809.';
REVOKE ALL ON FUNCTION ops.acknowledge_alert(bigint, timestamptz) FROM PUBLIC;
