-- locks: tries a shared advisory lock until commit; notifies only a sleeping runner
CREATE OR REPLACE FUNCTION ops.ring_doorbell(p_portfolio_id int DEFAULT 0)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- A runner holds the exclusive lock only while it sleeps. Granted: it is awake and looks again before it sleeps. Refused: wake it.
  -- NOTIFY serialises commits, so it is not sent when nobody needs it. The runner's own session does not ring for itself.
  IF current_setting('bourse.runner', true) IS DISTINCT FROM 'on' AND NOT pg_try_advisory_xact_lock_shared(1114599794, p_portfolio_id) THEN
    PERFORM pg_notify('bourse', p_portfolio_id::text);
  END IF;
END
$$;
COMMENT ON FUNCTION ops.ring_doorbell(int) IS
  'Wakes the runner of this portfolio (0: every runner) if it sleeps. The notification carries no data: tables are the truth.';
REVOKE ALL ON FUNCTION ops.ring_doorbell(int) FROM PUBLIC;
