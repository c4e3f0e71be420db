-- locks and writes identity.outbox; reads ops.alert_settings
CREATE OR REPLACE FUNCTION identity.claim_letters()
RETURNS TABLE (message_id bigint, kind text, email text, username text, token text, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_settings ops.alert_settings := (SELECT s FROM ops.alert_settings AS s);
  v_at       timestamptz := internal.clock();
BEGIN
  -- A token that counts no more is of no use to anybody, and letters that were sent are kept for a while.
  DELETE FROM identity.outbox AS o
   WHERE o.expires_at <= v_at AND o.sent_at IS NULL OR o.sent_at < v_at - v_settings.keep_letters;
  RETURN QUERY
    WITH due AS (
      SELECT o.message_id FROM identity.outbox AS o
       WHERE o.sent_at IS NULL AND o.next_attempt_at <= v_at ORDER BY o.message_id LIMIT 20 FOR UPDATE SKIP LOCKED),
    claimed AS (
      -- Each attempt waits longer than the one before it, an hour at most: until the token counts no more.
      UPDATE identity.outbox AS o
         SET attempts = o.attempts + 1,
             next_attempt_at = v_at + least(interval '1 hour', greatest(
               v_settings.answer_within, v_settings.first_delay * power(2, least(o.attempts, 20))))
        FROM due WHERE due.message_id = o.message_id RETURNING o.*)
    SELECT c.message_id, c.kind::text, c.email, u.username, c.token, c.expires_at
      FROM claimed AS c JOIN identity.users AS u USING (user_id) ORDER BY c.message_id;
END
$$;
COMMENT ON FUNCTION identity.claim_letters() IS
  'Letters with tokens that are to be sent now, at most 20: whoever sends them says so by identity.letter_sent, else '
  'they are tried again, ever more rarely, until the token counts no more. Letters of no more use are removed.';
REVOKE ALL ON FUNCTION identity.claim_letters() FROM PUBLIC;
