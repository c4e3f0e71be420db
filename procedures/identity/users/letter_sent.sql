-- writes identity.outbox
CREATE OR REPLACE FUNCTION identity.letter_sent(message_id bigint)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE identity.outbox AS o SET sent_at = internal.clock(), token = NULL
   WHERE o.message_id = letter_sent.message_id AND o.sent_at IS NULL;
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION identity.letter_sent(bigint) IS
  'Says that a letter of identity.outbox was sent: its token leaves the table. False: it had been said, or there is '
  'none.';
REVOKE ALL ON FUNCTION identity.letter_sent(bigint) FROM PUBLIC;
