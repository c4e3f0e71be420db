-- reads pg_roles, identity.users, trading.portfolios
CREATE OR REPLACE FUNCTION internal.is_user(p_username text)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
BEGIN
  -- To others than staff nobody is known but themselves.
  RETURN coalesce(p_username = ops.actor()
                  OR identity.is_staff()
                     AND (EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p_username)
                          OR EXISTS (SELECT FROM identity.users AS u WHERE u.username = p_username)
                          OR EXISTS (SELECT FROM trading.portfolios AS p WHERE p.owner = p_username)), false);
END
$$;
COMMENT ON FUNCTION internal.is_user(text) IS
  'Whether there is a user or login role of this name, as far as who acts may know.';
