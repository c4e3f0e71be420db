-- locks a row of ops.alerts; errors TR808, TR809
CREATE OR REPLACE FUNCTION internal.find_alert(p_alert_id bigint)
RETURNS ops.alerts
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_alert ops.alerts;
BEGIN
  SELECT a.* INTO v_alert FROM ops.alerts AS a
   WHERE a.alert_id = p_alert_id
     AND (a.owner = ops.actor() OR identity.is_staff()
          OR a.owner IS NULL AND a.portfolio_id = ANY (identity.own_portfolios()))
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown alert %', coalesce(p_alert_id::text, 'NULL')
      USING ERRCODE = 'TR808', DETAIL = format('%s may see none of this number.', ops.actor()),
            HINT = 'ops.alerts lists them.';
  ELSIF v_alert.state = 'resolved' THEN
    RAISE EXCEPTION 'alert % is over', p_alert_id
      USING ERRCODE = 'TR809', DETAIL = format('Since %s.', v_alert.resolved_at),
            HINT = 'If it comes again it is another alert.';
  END IF;
  RETURN v_alert;
END
$$;
COMMENT ON FUNCTION internal.find_alert(bigint) IS
  'An alert that is not over, of who acts or of a portfolio that they may read; staff find all. Errors TR808, TR809.';
