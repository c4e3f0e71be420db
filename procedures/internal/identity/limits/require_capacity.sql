-- locks: an advisory lock until the transaction ends; reads identity.acting, identity.rate_limits; writes
-- identity.token_buckets; errors TR755
CREATE OR REPLACE FUNCTION internal.require_capacity(p_bucket text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_actor text;
  v_limit identity.rate_limits;
  v_next  timestamptz;
BEGIN
  IF identity.actor_role() IN ('admin', 'runner') THEN
    RETURN;
  END IF;
  v_actor := ops.actor() || coalesce((SELECT '/key ' || a.key_id FROM identity.acting AS a
                                       WHERE a.pid = pg_backend_pid() AND a.xid = pg_current_xact_id_if_assigned()
                                         AND a.server_started = pg_postmaster_start_time()), '');
  SELECT * INTO v_limit FROM identity.rate_limits AS r WHERE r.bucket = p_bucket;
  IF NOT internal.take_place(p_bucket, v_actor) THEN
    RAISE EXCEPTION 'too much at once'
      USING ERRCODE = 'TR755',
            DETAIL = format('%s may run %s of bucket %s at the same time.', v_actor, v_limit.concurrent, p_bucket),
            HINT = 'Wait for one of them to end, or ask an administrator: identity.rate_limits.';
  END IF;
  IF v_limit.capacity IS NOT NULL AND NOT pg_is_in_recovery() THEN
    v_next := internal.take_token(p_bucket, v_actor);
    IF v_next IS NOT NULL THEN
      RAISE EXCEPTION 'too many calls'
        USING ERRCODE = 'TR755',
              DETAIL = format('%s may ask %s times at once for bucket %s, and once more each %s; the next time at %s.',
                              v_actor, v_limit.capacity, p_bucket, v_limit.refill, v_next),
              HINT = 'Wait, or ask an administrator: identity.rate_limits.';
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.require_capacity(text) IS
  'Refuses who has asked too often, or has too much running; administrators and runners never. Error TR755.';
