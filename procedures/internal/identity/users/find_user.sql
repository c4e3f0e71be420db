-- reads identity.users; errors TR726
CREATE OR REPLACE FUNCTION internal.find_user(p_username text)
RETURNS identity.users
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_user identity.users;
BEGIN
  SELECT u.* INTO v_user FROM identity.users AS u
   WHERE lower(u.username) = lower(p_username) AND u.deleted_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no user has this name'
      USING ERRCODE = 'TR726',
            DETAIL = format('username is %s.', coalesce(quote_literal(left(p_username, 64)), 'NULL')),
            HINT = 'Users are made by identity.create_user, or by bourse user add; a login role is none.';
  END IF;
  RETURN v_user;
END
$$;
COMMENT ON FUNCTION internal.find_user(text) IS 'The user of this name who has not been deleted. Error TR726.';
