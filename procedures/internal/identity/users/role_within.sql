CREATE OR REPLACE FUNCTION internal.role_within(p_role identity.role, p_scopes identity.scope[])
RETURNS identity.role
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE WHEN p_role = 'admin' AND 'admin' = ANY (p_scopes)                          THEN 'admin'
              WHEN p_role = 'runner' AND 'trade' = ANY (p_scopes)                         THEN 'runner'
              WHEN p_role IN ('admin', 'trader') AND 'trade' = ANY (p_scopes)             THEN 'trader'
              WHEN p_role IN ('admin', 'trader', 'analyst') AND 'research' = ANY (p_scopes) THEN 'analyst'
              WHEN p_role = 'dashboard' AND 'read' = ANY (p_scopes)                       THEN 'dashboard'
              WHEN 'read' = ANY (p_scopes)                                                THEN 'investor'
         END::identity.role
$$;
COMMENT ON FUNCTION internal.role_within(identity.role, identity.scope[]) IS
  'What a user of this role is with a token of these scopes: an administrator whose token is for reading reads as an '
  'investor does. NULL: nothing.';
