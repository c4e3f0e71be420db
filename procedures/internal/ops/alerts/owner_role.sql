-- reads identity.users, pg_roles
CREATE OR REPLACE FUNCTION internal.owner_role(p_owner text)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_role text;
BEGIN
  SELECT u.role::text INTO v_role FROM identity.users AS u
   WHERE u.username = p_owner AND u.deleted_at IS NULL AND u.disabled_at IS NULL;
  IF FOUND THEN
    RETURN v_role;
  END IF;
  -- Superusers are members of every group.
  RETURN (SELECT substr(g.rolname, 8) FROM pg_roles AS r JOIN pg_roles AS g ON pg_has_role(r.oid, g.oid, 'USAGE')
           WHERE r.rolname = p_owner AND r.rolcanlogin
             AND g.rolname IN ('bourse_admin', 'bourse_runner', 'bourse_trader', 'bourse_analyst', 'bourse_investor',
                               'bourse_dashboard')
           ORDER BY array_position('{bourse_admin,bourse_runner,bourse_trader,bourse_analyst,bourse_investor}'::text[],
                                   g.rolname::text)
           LIMIT 1);
END
$$;
COMMENT ON FUNCTION internal.owner_role(text) IS
  'What a user or login role may be now, without a token: of several groups of a login the one that may do most. NULL: '
  'there is none of this name, or it may not log in.';
