-- reads identity.broker_connections, and locks it to seal anew
CREATE OR REPLACE FUNCTION identity.sealed_connections(to_rotate boolean DEFAULT false)
RETURNS SETOF identity.broker_connections
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF sealed_connections.to_rotate THEN
    -- What is set meanwhile waits, and is not written over with what was before.
    LOCK TABLE identity.broker_connections IN SHARE ROW EXCLUSIVE MODE;
  END IF;
  RETURN QUERY
    SELECT c.* FROM identity.broker_connections AS c
     WHERE c.owner = ops.actor() OR identity.actor_role() IN ('admin', 'runner')
     ORDER BY c.owner, c.name;
END
$$;
COMMENT ON FUNCTION identity.sealed_connections(boolean) IS
  'The connections of who acts, for runners and administrators all, with their sealed credentials: for the program '
  'that has the key. to_rotate keeps others from changing them until the transaction ends.';
REVOKE ALL ON FUNCTION identity.sealed_connections(boolean) FROM PUBLIC;
