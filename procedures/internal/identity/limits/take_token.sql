-- reads identity.rate_limits; writes identity.token_buckets
CREATE OR REPLACE FUNCTION internal.take_token(
  p_bucket text, p_actor text, p_at timestamptz DEFAULT clock_timestamp())
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_limit identity.rate_limits;
  v_left  identity.token_buckets;
BEGIN
  SELECT * INTO v_limit FROM identity.rate_limits AS r WHERE r.bucket = p_bucket AND r.capacity IS NOT NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- Names that never log in leave no rows for long.
  DELETE FROM identity.token_buckets AS b
   WHERE (b.bucket, b.actor) IN (SELECT o.bucket, o.actor
                                   FROM identity.token_buckets AS o JOIN identity.rate_limits AS r USING (bucket)
                                  WHERE o.refilled_at < p_at - r.capacity * r.refill AND o.actor <> p_actor
                                  ORDER BY o.refilled_at LIMIT 2 FOR UPDATE OF o SKIP LOCKED);
  INSERT INTO identity.token_buckets AS b (bucket, actor, tokens, refilled_at)
  VALUES (p_bucket, left(p_actor, 400), v_limit.capacity, p_at)
  ON CONFLICT ON CONSTRAINT token_buckets_pkey DO UPDATE
    SET tokens = least(v_limit.capacity,
                       b.tokens + greatest(extract(epoch FROM p_at - b.refilled_at), 0)
                                  / extract(epoch FROM v_limit.refill)),
        refilled_at = greatest(p_at, b.refilled_at)
  RETURNING * INTO v_left;
  IF v_left.tokens < 1 THEN
    RETURN v_left.refilled_at + (1 - v_left.tokens)::float8 * v_limit.refill;
  END IF;
  UPDATE identity.token_buckets AS b SET tokens = b.tokens - 1
   WHERE b.bucket = v_left.bucket AND b.actor = v_left.actor;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.take_token(text, text, timestamptz) IS
  'Takes a token of a bucket for somebody: NULL, or when the next one comes if none is left. Whoever takes two at the '
  'same time waits for the first transaction.';
