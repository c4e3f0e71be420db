-- writes ops.epochs, ops.runners, ops.leases
CREATE OR REPLACE FUNCTION ops.begin_epoch(force boolean DEFAULT false)
RETURNS ops.epochs
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_current ops.current_epoch;
  v_epoch   ops.epochs;
BEGIN
  SELECT * INTO v_current FROM ops.current_epoch;
  IF v_current.is_current IS NOT TRUE OR begin_epoch.force IS TRUE
     -- pg_upgrade keeps transaction ids and rows as they are, and makes a new cluster.
     OR v_current.system_identifier <> (SELECT c.system_identifier FROM pg_control_system() AS c) THEN
    PERFORM internal.begin_epoch(v_current.epoch);
  END IF;
  SELECT * INTO v_epoch FROM ops.epochs AS e ORDER BY e.epoch DESC LIMIT 1;
  RETURN v_epoch;
END
$$;
COMMENT ON FUNCTION ops.begin_epoch(boolean) IS
  'Lets the journal go on in a new epoch if the database has come to another server or timeline, and returns the last '
  'one. Starting a runner and bourse migrate do it; without them the first transaction does. force: also if nothing '
  'tells, as when a copy of the files was put back without recovery.';
REVOKE ALL ON FUNCTION ops.begin_epoch(boolean) FROM PUBLIC;
