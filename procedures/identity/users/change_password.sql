-- reads identity.credentials, identity.acting; writes as internal.put_password, identity.login_failures; locks the
-- name's row of identity.login_failures; errors TR701, TR726, TR727
CREATE OR REPLACE FUNCTION identity.change_password(old_password text, new_password text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at   timestamptz := internal.clock();
  v_user identity.users := internal.require_login();
  v_code text;
BEGIN
  v_code := internal.lock_name(lower(v_user.username), v_at);
  IF v_code IS NULL AND NOT internal.password_is_right(change_password.old_password, (
       SELECT c.password_hash FROM identity.credentials AS c WHERE c.user_id = v_user.user_id)) THEN
    v_code := 'TR716';
    PERFORM internal.count_failure(lower(v_user.username), v_at);
  END IF;
  IF v_code IS NULL THEN
    PERFORM internal.put_password(v_user, change_password.new_password, 'password.changed', v_at,
                                  p_except => (SELECT a.session_id FROM identity.acting AS a
                                                WHERE a.pid = pg_backend_pid()));
  END IF;
  RETURN v_code;
END
$$;
COMMENT ON FUNCTION identity.change_password(text, text) IS
  'Changes the password of the user who acts, and ends the other sessions. NULL when it is done, else why not: TR716 '
  'the old password is wrong, TR717 the name is locked; commit it, it was counted. Errors TR701, TR726, TR727.';
REVOKE ALL ON FUNCTION identity.change_password(text, text) FROM PUBLIC;
