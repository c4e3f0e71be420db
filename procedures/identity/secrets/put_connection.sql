-- writes identity.broker_connections, identity.connection_portfolios, ops.audit_log; errors TR211, TR701, TR702,
-- TR752, TR754
CREATE OR REPLACE FUNCTION identity.put_connection(
  connection_id uuid, name text, broker text, url text, key_id text, credentials bytea,
  portfolios text[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_fault text := CASE
    WHEN put_connection.connection_id IS NULL THEN 'connection_id is missing'
    WHEN (put_connection.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$') IS NOT TRUE
      THEN 'a name begins with a letter or digit and has up to 63 letters, digits, dots, dashes and underscores'
    WHEN (put_connection.broker ~ '^[a-z][a-z0-9_-]{0,30}$') IS NOT TRUE
      THEN 'a broker is a word of small letters, such as mock'
    WHEN length(put_connection.url) > 500
         OR put_connection.url
            !~ '^((https|wss)://|(http|ws)://(localhost|127\.0\.0\.1|\[::1\])([:/]|$))[^[:space:]@]*$'
      THEN 'a url begins with https:// or wss:// and has no credentials in it'
    WHEN (put_connection.key_id ~ '^[0-9a-f]{16}$') IS NOT TRUE
         OR (octet_length(put_connection.credentials) BETWEEN 30 AND 65565) IS NOT TRUE
      THEN 'the credentials are not sealed'
    WHEN cardinality(put_connection.portfolios) > 1000 THEN 'more than 1,000 portfolios' END;
BEGIN
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'no broker connection can be like that'
      USING ERRCODE = 'TR752', DETAIL = v_fault || '.', HINT = 'bourse secrets set seals credentials and stores them.';
  END IF;
  INSERT INTO identity.broker_connections AS c (connection_id, name, broker, url, key_id, credentials)
  VALUES (put_connection.connection_id, put_connection.name, put_connection.broker, put_connection.url,
          put_connection.key_id, put_connection.credentials)
  ON CONFLICT ON CONSTRAINT broker_connections_owner_name_key DO UPDATE
    SET broker = EXCLUDED.broker, url = EXCLUDED.url, key_id = EXCLUDED.key_id, credentials = EXCLUDED.credentials,
        rotated_at = DEFAULT
    WHERE c.connection_id = EXCLUDED.connection_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'connection "%" was made by somebody else meanwhile', put_connection.name
      USING ERRCODE = 'TR754', DETAIL = 'Credentials open for the connection only that they were sealed for.',
            HINT = 'Repeat it: the new one is then read first.';
  END IF;
  IF put_connection.portfolios IS NOT NULL THEN
    DELETE FROM identity.connection_portfolios AS p WHERE p.connection_id = put_connection.connection_id;
    INSERT INTO identity.connection_portfolios (portfolio_id, connection_id)
    SELECT DISTINCT trading.portfolio_id(n, 'trade'), put_connection.connection_id
      FROM unnest(put_connection.portfolios) AS n
    ON CONFLICT ON CONSTRAINT connection_portfolios_pkey DO UPDATE SET connection_id = EXCLUDED.connection_id;
    -- Whom a portfolio is shown to may trade it, not say by whose account.
    IF EXISTS (SELECT FROM identity.connection_portfolios AS n JOIN trading.portfolios AS p USING (portfolio_id)
                WHERE n.connection_id = put_connection.connection_id AND p.owner <> ops.actor()) THEN
      RAISE EXCEPTION 'a connection is for portfolios of its owner'
        USING ERRCODE = 'TR752', DETAIL = format('The connection is of %s, a portfolio is not.', ops.actor()),
              HINT = 'Its owner sets the connection of a portfolio.';
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION identity.put_connection(uuid, text, text, text, text, bytea, text[]) IS
  'Stores a connection of who acts, or new credentials for it. portfolios are the ones of the owner that trade by it; '
  'NULL leaves them as they are. Errors TR211, TR701, TR702, '
  'TR752, TR754.';
REVOKE ALL ON FUNCTION identity.put_connection(uuid, text, text, text, text, bytea, text[]) FROM PUBLIC;
