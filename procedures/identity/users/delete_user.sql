-- writes identity.users, identity.sessions, identity.api_keys, identity.outbox; errors TR701, TR726
CREATE OR REPLACE FUNCTION identity.delete_user(username text)
RETURNS identity.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at   timestamptz := internal.clock();
  v_user identity.users;
BEGIN
  PERFORM internal.require_admin('delete users');
  v_user := internal.find_user(delete_user.username);
  UPDATE identity.users AS u SET deleted_at = v_at WHERE u.user_id = v_user.user_id RETURNING * INTO v_user;
  PERFORM internal.end_sessions(v_user.user_id, 'deleted', v_at);
  UPDATE identity.api_keys AS k SET revoked_at = v_at WHERE k.user_id = v_user.user_id AND k.revoked_at IS NULL;
  DELETE FROM identity.outbox AS o WHERE o.user_id = v_user.user_id AND o.sent_at IS NULL;
  RETURN v_user;
END
$$;
COMMENT ON FUNCTION identity.delete_user(text) IS
  'Deletes a user: the sessions end, API keys are revoked, and nobody gets the name again. The row stays, and what the '
  'user owned. Errors TR701, TR726.';
REVOKE ALL ON FUNCTION identity.delete_user(text) FROM PUBLIC;
