-- locks and writes identity.broker_connections; writes ops.audit_log; errors TR604, TR752, TR754
CREATE OR REPLACE FUNCTION identity.rotate_connections(connection_ids uuid[], credentials text[], key_id text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_left bigint;
BEGIN
  IF cardinality(rotate_connections.connection_ids) IS DISTINCT FROM cardinality(rotate_connections.credentials)
     OR cardinality(rotate_connections.connection_ids) > 100000 THEN
    RAISE EXCEPTION 'arrays of different lengths'
      USING ERRCODE = 'TR604', DETAIL = format('%s connections, %s credentials.',
                                               coalesce(cardinality(rotate_connections.connection_ids), 0),
                                               coalesce(cardinality(rotate_connections.credentials), 0)),
            HINT = 'Give as many credentials as connections.';
  ELSIF (rotate_connections.key_id ~ '^[0-9a-f]{16}$') IS NOT TRUE
        OR EXISTS (SELECT FROM unnest(rotate_connections.credentials) AS c
                    WHERE (c ~ '^([0-9a-f][0-9a-f])*$' AND length(c) BETWEEN 60 AND 131130) IS NOT TRUE) THEN
    RAISE EXCEPTION 'the credentials are not sealed'
      USING ERRCODE = 'TR752', DETAIL = format('Under key %s.', coalesce(left(rotate_connections.key_id, 16), 'NULL')),
            HINT = 'bourse secrets rotate seals them anew.';
  END IF;
  LOCK TABLE identity.broker_connections IN SHARE ROW EXCLUSIVE MODE;
  UPDATE identity.broker_connections AS c
     SET credentials = decode(n.credentials, 'hex'), key_id = rotate_connections.key_id, rotated_at = DEFAULT
    FROM unnest(rotate_connections.connection_ids, rotate_connections.credentials) AS n (connection_id, credentials)
   WHERE c.connection_id = n.connection_id;
  SELECT count(*) INTO v_left FROM identity.broker_connections AS c WHERE c.key_id <> rotate_connections.key_id;
  IF v_left > 0 THEN
    RAISE EXCEPTION 'not every connection was sealed anew'
      USING ERRCODE = 'TR754', DETAIL = format('%s would stay under another key.', v_left),
            HINT = 'Repeat it: bourse secrets rotate reads all of them and changes all or none.';
  END IF;
  RETURN cardinality(rotate_connections.connection_ids);
END
$$;
COMMENT ON FUNCTION identity.rotate_connections(uuid[], text[], text) IS
  'Replaces the sealed credentials (in hexadecimal) of all connections by those under another key, all or none. Errors '
  'TR604, TR752, TR754.';
REVOKE ALL ON FUNCTION identity.rotate_connections(uuid[], text[], text) FROM PUBLIC;
