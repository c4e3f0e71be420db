-- reads identity.settings, writes identity.secrets, identity.outbox
CREATE OR REPLACE FUNCTION internal.write_letter(p_user identity.users, p_kind identity.secret_kind, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_expires timestamptz := (SELECT p_at + CASE p_kind WHEN 'verify_email' THEN s.verification_lifetime
                                                      ELSE s.reset_lifetime END FROM identity.settings AS s);
BEGIN
  IF p_user.email IS NULL THEN
    RETURN;
  END IF;
  -- The last letter is the one that counts.
  DELETE FROM identity.secrets AS s WHERE s.user_id = p_user.user_id AND s.kind = p_kind;
  DELETE FROM identity.outbox AS o WHERE o.user_id = p_user.user_id AND o.kind = p_kind AND o.sent_at IS NULL;
  INSERT INTO identity.outbox (user_id, kind, email, token, created_at, expires_at)
  VALUES (p_user.user_id, p_kind, p_user.email,
          internal.new_secret(p_kind, p_user.user_id, v_expires,
                              p_email => CASE p_kind WHEN 'verify_email' THEN p_user.email END), p_at, v_expires);
END
$$;
COMMENT ON FUNCTION internal.write_letter(identity.users, identity.secret_kind, timestamptz) IS
  'Puts a letter with a new token into identity.outbox, in place of earlier ones; a user without an address gets none.';
