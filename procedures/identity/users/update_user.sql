-- writes identity.users, identity.sessions, identity.outbox; errors TR701, TR725, TR726
CREATE OR REPLACE FUNCTION identity.update_user(
  username text, email text DEFAULT NULL, role text DEFAULT NULL, tier text DEFAULT NULL, profile jsonb DEFAULT NULL,
  settings jsonb DEFAULT NULL, disabled boolean DEFAULT NULL)
RETURNS identity.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_at   timestamptz := internal.clock();
  v_old  identity.users;
  v_user identity.users;
BEGIN
  -- One's own address, profile and settings everybody may change.
  IF lower(update_user.username) IS DISTINCT FROM lower(ops.actor())
     OR num_nonnulls(update_user.role, update_user.tier, update_user.disabled) > 0 THEN
    PERFORM internal.require_admin('change users');
  END IF;
  v_old := internal.find_user(update_user.username);
  PERFORM internal.refuse_user(v_old.user_id, v_old.username, coalesce(update_user.email, v_old.email),
                               coalesce(update_user.role, v_old.role::text), coalesce(update_user.tier, v_old.tier));
  PERFORM internal.refuse_document('profile', update_user.profile),
          internal.refuse_document('settings', update_user.settings);
  UPDATE identity.users AS u
     SET email             = coalesce(update_user.email, u.email),
         email_verified_at = CASE WHEN update_user.email <> u.email THEN NULL ELSE u.email_verified_at END,
         role              = coalesce(update_user.role::identity.role, u.role),
         tier              = coalesce(update_user.tier, u.tier),
         profile           = coalesce(update_user.profile, u.profile),
         settings          = coalesce(update_user.settings, u.settings),
         disabled_at       = CASE update_user.disabled WHEN true THEN coalesce(u.disabled_at, v_at)
                                                       WHEN false THEN NULL ELSE u.disabled_at END
   WHERE u.user_id = v_old.user_id
  RETURNING * INTO v_user;
  IF update_user.disabled THEN
    PERFORM internal.end_sessions(v_user.user_id, 'disabled', v_at);
  END IF;
  IF v_user.email IS DISTINCT FROM v_old.email THEN
    PERFORM internal.write_letter(v_user, 'verify_email', v_at);
  END IF;
  RETURN v_user;
END
$$;
COMMENT ON FUNCTION identity.update_user(text, text, text, text, jsonb, jsonb, boolean) IS
  'Changes a user; NULL leaves a term as it is. Users change address, profile and settings of their own, everything '
  'else is for administrators. disabled ends the sessions and lets nobody log in, nor use an API key. A role counts '
  'at once, for tokens that are out, too. Errors TR701, TR725, TR726.';
REVOKE ALL ON FUNCTION identity.update_user(text, text, text, text, jsonb, jsonb, boolean) FROM PUBLIC;
