-- writes identity.login_failures, whose row of the name the caller has locked
CREATE OR REPLACE FUNCTION internal.count_failure(p_name text, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_settings identity.settings := (SELECT s FROM identity.settings AS s);
BEGIN
  UPDATE identity.login_failures AS f
     SET failures = CASE WHEN n.failures >= v_settings.failures_to_lock THEN 0 ELSE n.failures END,
         locked_until = CASE WHEN n.failures >= v_settings.failures_to_lock THEN p_at + v_settings.lockout END,
         last_failed_at = p_at
    FROM (SELECT CASE WHEN o.last_failed_at < p_at - v_settings.lockout THEN 1 ELSE o.failures + 1 END AS failures
            FROM identity.login_failures AS o WHERE o.name = p_name) AS n
   WHERE f.name = p_name;
  -- Names that were tried long ago are forgotten, those that are being tried are passed over.
  DELETE FROM identity.login_failures AS f
   USING (SELECT o.name FROM identity.login_failures AS o
           WHERE o.last_failed_at < p_at - v_settings.lockout - interval '1 day'
           ORDER BY o.last_failed_at LIMIT 100 FOR UPDATE SKIP LOCKED) AS o
   WHERE f.name = o.name;
END
$$;
COMMENT ON FUNCTION internal.count_failure(text, timestamptz) IS
  'Counts a failed login by this name, and locks the name when there were too many in a row.';
