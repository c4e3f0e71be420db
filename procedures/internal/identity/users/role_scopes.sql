CREATE OR REPLACE FUNCTION internal.role_scopes(p_role identity.role)
RETURNS identity.scope[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE p_role WHEN 'admin'   THEN '{read,trade,research,admin}'
                     WHEN 'runner'  THEN '{read,trade}'
                     WHEN 'trader'  THEN '{read,trade,research}'
                     WHEN 'analyst' THEN '{read,research}'
                     ELSE '{read}' END::identity.scope[]
$$;
COMMENT ON FUNCTION internal.role_scopes(identity.role) IS 'The most that a user of this role may use a token for.';
