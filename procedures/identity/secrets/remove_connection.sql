-- writes identity.broker_connections, identity.connection_portfolios, ops.audit_log; errors TR753
CREATE OR REPLACE FUNCTION identity.remove_connection(name text, owner text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM identity.broker_connections AS c
   WHERE c.name = remove_connection.name AND c.owner = coalesce(remove_connection.owner, ops.actor())
     AND (c.owner = ops.actor() OR identity.actor_role() = 'admin');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown broker connection "%"', coalesce(left(remove_connection.name, 64), 'NULL')
      USING ERRCODE = 'TR753', DETAIL = 'You have no connection of this name.',
            HINT = 'bourse secrets list shows those there are.';
  END IF;
END
$$;
COMMENT ON FUNCTION identity.remove_connection(text, text) IS
  'Removes a connection of who acts, with its credentials; administrators name the owner of another''s. Error TR753.';
REVOKE ALL ON FUNCTION identity.remove_connection(text, text) FROM PUBLIC;
