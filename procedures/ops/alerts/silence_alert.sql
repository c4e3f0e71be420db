-- writes ops.alerts; errors TR808, TR809, TR810
CREATE OR REPLACE FUNCTION ops.silence_alert(alert_id bigint, until timestamptz)
RETURNS ops.alerts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_alert ops.alerts := internal.find_alert(silence_alert.alert_id);
BEGIN
  IF (silence_alert.until BETWEEN v_alert.opened_at AND v_alert.opened_at + interval '366 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'an alert is silenced until a time within a year'
      USING ERRCODE = 'TR810', DETAIL = format('Until %s.', coalesce(silence_alert.until::text, 'NULL')),
            HINT = 'For good: turn its rule off (ops.enable_alert_rule).';
  END IF;
  UPDATE ops.alerts AS a SET state = 'silenced', silenced_until = silence_alert.until, silenced_by = ops.actor()
   WHERE a.alert_id = v_alert.alert_id RETURNING * INTO v_alert;
  RETURN v_alert;
END
$$;
COMMENT ON FUNCTION ops.silence_alert(bigint, timestamptz) IS
  'Tells nobody of an alert until a time; then it is open again, if it is not over. Errors TR808, TR809, TR810.';
REVOKE ALL ON FUNCTION ops.silence_alert(bigint, timestamptz) FROM PUBLIC;
