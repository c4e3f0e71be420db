-- locks: an advisory lock per place, until the transaction ends; reads identity.rate_limits
CREATE OR REPLACE FUNCTION internal.take_place(p_bucket text, p_actor text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_places int := (SELECT r.concurrent FROM identity.rate_limits AS r WHERE r.bucket = p_bucket);
BEGIN
  FOR n IN 1 .. coalesce(v_places, 0) LOOP
    IF pg_try_advisory_xact_lock(1114599798, hashtext(format('%s/%s/%s', p_bucket, n, p_actor))) THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN v_places IS NULL;
END
$$;
COMMENT ON FUNCTION internal.take_place(text, text) IS
  'Takes one of the places in which queries of a bucket run for somebody; false when all are taken. A transaction that '
  'has one keeps it. It writes nothing, so that it works on a standby too.';
