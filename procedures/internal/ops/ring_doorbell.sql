-- reads ops.leases; locks: tries a shared advisory lock until commit; notifies only a sleeping runner
CREATE OR REPLACE FUNCTION internal.ring_doorbell(p_portfolio_id int DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_runner_id int;
BEGIN
  -- The runner's own session does not ring for itself.
  IF current_setting('bourse.runner', true) = 'on' THEN
    RETURN;
  END IF;
  -- A runner holds the exclusive lock only while it sleeps. Granted: it is awake and looks again before it sleeps.
  -- Refused: wake it. NOTIFY serialises commits, so it is not sent when nobody needs it.
  IF p_portfolio_id IS NOT NULL THEN
    SELECT l.runner_id INTO v_runner_id FROM ops.leases AS l WHERE l.portfolio_id = p_portfolio_id;
    IF FOUND AND NOT pg_try_advisory_xact_lock_shared(1114599794, v_runner_id) THEN
      PERFORM pg_notify('bourse', '');
    END IF;
    RETURN;
  END IF;
  FOR v_runner_id IN SELECT DISTINCT l.runner_id FROM ops.leases AS l LOOP
    IF NOT pg_try_advisory_xact_lock_shared(1114599794, v_runner_id) THEN
      PERFORM pg_notify('bourse', '');
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.ring_doorbell(int) IS
  'Wakes the runner of this portfolio (NULL: every runner) if it sleeps. The notification carries no data: tables are '
  'the truth.';
