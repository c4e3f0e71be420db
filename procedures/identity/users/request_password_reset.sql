-- reads identity.users; writes identity.secrets, identity.outbox, identity.token_buckets, ops.audit_log
CREATE OR REPLACE FUNCTION identity.request_password_reset(email text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_begun timestamptz := internal.clock();
  v_email text := lower(left(coalesce(request_password_reset.email, ''), 254));
  v_user  identity.users;
BEGIN
  -- Too many letters to one address are a nuisance, whoever asks.
  IF internal.take_token('reset', v_email) IS NULL THEN
    SELECT u.* INTO v_user FROM identity.users AS u
     WHERE lower(u.email) = v_email AND u.deleted_at IS NULL AND u.disabled_at IS NULL;
    IF FOUND THEN
      PERFORM internal.write_letter(v_user, 'reset_password', internal.clock());
    END IF;
    PERFORM internal.audit('password.reset_requested', v_email);
  END IF;
  -- How long it takes tells nobody whether there was a letter to write.
  PERFORM pg_sleep(0.1 - extract(epoch FROM internal.clock() - v_begun)::float8);
END
$$;
COMMENT ON FUNCTION identity.request_password_reset(text) IS
  'Puts a letter with a token for identity.reset_password into the outbox, if a user has this address, and if there '
  'were not too many (bucket reset of identity.rate_limits). Neither the answer nor its time, a tenth of a second, '
  'says which.';
REVOKE ALL ON FUNCTION identity.request_password_reset(text) FROM PUBLIC;
