-- writes identity.api_keys; errors TR729
CREATE OR REPLACE FUNCTION identity.revoke_api_key(name text, username text DEFAULT NULL)
RETURNS identity.api_keys
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_key identity.api_keys;
BEGIN
  UPDATE identity.api_keys AS k SET revoked_at = internal.clock()
   WHERE k.name = revoke_api_key.name AND k.revoked_at IS NULL
     AND k.owner = coalesce(revoke_api_key.username, ops.actor())
     AND (k.owner = ops.actor() OR identity.actor_role() = 'admin')
  RETURNING * INTO v_key;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no API key of yours has this name'
      USING ERRCODE = 'TR729',
            DETAIL = format('name is %L, username is %L.', left(revoke_api_key.name, 64),
                            left(revoke_api_key.username, 64)),
            HINT = 'SELECT * FROM identity.api_keys WHERE revoked_at IS NULL shows them.';
  END IF;
  RETURN v_key;
END
$$;
COMMENT ON FUNCTION identity.revoke_api_key(text, text) IS
  'Revokes an API key of one''s own; administrators name the user. Error TR729.';
REVOKE ALL ON FUNCTION identity.revoke_api_key(text, text) FROM PUBLIC;
