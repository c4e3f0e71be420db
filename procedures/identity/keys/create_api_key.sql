-- reads identity.acting, identity.tiers; writes identity.api_keys, identity.secrets; errors TR701, TR726, TR729, TR731
CREATE OR REPLACE FUNCTION identity.create_api_key(name text, scopes text[], expires_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at    timestamptz := internal.clock();
  v_user  identity.users := internal.require_login();
  -- What the user may do by the token that this is asked with.
  v_most  text[] := (SELECT array_agg(s) FROM unnest(internal.role_scopes(v_user.role)::text[]) AS s
                      WHERE s = ANY (SELECT unnest(a.scopes) FROM identity.acting AS a
                                      WHERE a.pid = pg_backend_pid() AND a.xid = pg_current_xact_id_if_assigned()));
  v_fault text := CASE
    WHEN (length(create_api_key.name) BETWEEN 1 AND 63) IS NOT TRUE THEN 'name'
    WHEN EXISTS (SELECT FROM identity.api_keys AS k WHERE k.owner = v_user.username AND k.name = create_api_key.name
                                                      AND k.revoked_at IS NULL) THEN 'known name'
    WHEN (cardinality(create_api_key.scopes) > 0 AND create_api_key.scopes <@ v_most) IS NOT TRUE THEN 'scopes'
    WHEN create_api_key.expires_at <= v_at OR NOT isfinite(create_api_key.expires_at) THEN 'expires_at' END;
  v_key   identity.api_keys;
BEGIN
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'no API key can have %', CASE v_fault WHEN 'scopes' THEN 'these scopes' WHEN 'expires_at'
                                                  THEN 'this end' ELSE 'this name' END
      USING ERRCODE = 'TR729',
            DETAIL = left(format('name is %L, scopes is %L, expires_at is %L.', left(create_api_key.name, 64),
                                 create_api_key.scopes, create_api_key.expires_at), 300),
            HINT = CASE v_fault WHEN 'name' THEN 'A name has 1 to 63 characters.'
                                WHEN 'known name' THEN 'Revoke the key of this name first, or choose another name.'
                                WHEN 'scopes' THEN format('Some of %s, which is what you may do yourself.',
                                                          array_to_string(v_most, ', '))
                                ELSE 'It lies in the future; NULL: until the key is revoked.' END;
  END IF;
  PERFORM internal.require_tier('api_keys', v_user.username);
  INSERT INTO identity.api_keys (user_id, owner, name, scopes, created_at, expires_at)
  VALUES (v_user.user_id, v_user.username, create_api_key.name,
          ARRAY(SELECT DISTINCT s FROM unnest(create_api_key.scopes::identity.scope[]) AS s ORDER BY 1), v_at,
          create_api_key.expires_at)
  RETURNING * INTO v_key;
  RETURN internal.new_secret('api_key', v_user.user_id, NULL, p_key_id => v_key.key_id);
END
$$;
COMMENT ON FUNCTION identity.create_api_key(text, text[], timestamptz) IS
  'A key with which a program acts for the user who acts now, by identity.use_token, within these scopes (read, trade, '
  'research, admin; not more than one''s own) and until expires_at (NULL: until it is revoked). It is shown this once: '
  'the database keeps its hash. Errors TR701, TR726, TR729, TR731.';
REVOKE ALL ON FUNCTION identity.create_api_key(text, text[], timestamptz) FROM PUBLIC;
