-- writes identity.api_keys, unless another transaction is about to
CREATE OR REPLACE FUNCTION internal.note_key_use(p_key_id int, p_at timestamptz)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
  UPDATE identity.api_keys AS k SET last_used_at = p_at
    FROM (SELECT o.key_id FROM identity.api_keys AS o
           WHERE o.key_id = p_key_id AND (o.last_used_at < p_at - interval '1 minute' OR o.last_used_at IS NULL)
             FOR UPDATE SKIP LOCKED) AS o
   WHERE k.key_id = o.key_id
$$;
COMMENT ON FUNCTION internal.note_key_use(int, timestamptz) IS
  'Notes that an API key was used, at most once a minute and without waiting for anybody.';
