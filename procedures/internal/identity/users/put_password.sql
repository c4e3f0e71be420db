-- writes identity.credentials, identity.sessions, identity.secrets, identity.login_failures; errors TR727
CREATE OR REPLACE FUNCTION internal.put_password(
  p_user identity.users, p_password text, p_act text, p_at timestamptz, p_except uuid DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- There is none after the restore of a dump that an administrator made.
  INSERT INTO identity.credentials (user_id, password_hash, password_changed_at)
  VALUES (p_user.user_id, internal.password_hash(p_password), p_at)
  ON CONFLICT ON CONSTRAINT credentials_pkey DO UPDATE
    SET password_hash = EXCLUDED.password_hash, password_changed_at = EXCLUDED.password_changed_at;
  -- Whoever knew the old one is out, and letters that would set another are void.
  PERFORM internal.end_sessions(p_user.user_id, 'password', p_at, p_except => p_except);
  DELETE FROM identity.secrets AS s WHERE s.user_id = p_user.user_id AND s.kind = 'reset_password';
  DELETE FROM identity.outbox AS o WHERE o.user_id = p_user.user_id AND o.kind = 'reset_password' AND o.sent_at IS NULL;
  DELETE FROM identity.login_failures AS f WHERE f.name = lower(p_user.username);
  PERFORM internal.audit(p_act, p_user.username);
END
$$;
COMMENT ON FUNCTION internal.put_password(identity.users, text, text, timestamptz, uuid) IS
  'Gives a user a new password and ends the sessions, but for one. Error TR727.';
