-- writes identity.login_failures and keeps the name's row locked: attempts by one name go one by one
CREATE OR REPLACE FUNCTION internal.lock_name(p_name text, p_at timestamptz)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_failures identity.login_failures;
BEGIN
  INSERT INTO identity.login_failures AS f (name, failures, last_failed_at) VALUES (p_name, 0, p_at)
  ON CONFLICT ON CONSTRAINT login_failures_pkey DO UPDATE SET failures = f.failures
  RETURNING * INTO v_failures;
  RETURN CASE WHEN v_failures.locked_until > p_at THEN 'TR717' END;
END
$$;
COMMENT ON FUNCTION internal.lock_name(text, timestamptz) IS
  'Lets nobody else try a password of this name until the transaction ends; TR717 when it is locked for longer.';
