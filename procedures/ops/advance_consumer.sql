-- writes ops.consumers; after a restore ops.epochs; errors TR602, TR603
CREATE OR REPLACE FUNCTION ops.advance_consumer(consumer text, stream_xid xid8, event_id bigint)
RETURNS ops.consumers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_consumer ops.consumers;
BEGIN
  PERFORM internal.stream_xid();
  SELECT * INTO v_consumer FROM ops.consumers AS c
   WHERE c.owner = (SELECT ops.actor()) AND c.name = advance_consumer.consumer
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown consumer "%"', advance_consumer.consumer
      USING ERRCODE = 'TR602', DETAIL = format('%s has no reader of this name.', ops.actor()),
            HINT = 'Register it with ops.add_consumer(...).';
  END IF;
  IF ((advance_consumer.stream_xid, advance_consumer.event_id) >= (v_consumer.stream_xid, v_consumer.event_id)
      AND advance_consumer.stream_xid < ops.journal_end() AND advance_consumer.event_id IS NOT NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'consumer "%" cannot move there', advance_consumer.consumer
      USING ERRCODE = 'TR603',
            DETAIL = format('It stands at (%s, %s); asked for was (%s, %s).', v_consumer.stream_xid,
                            v_consumer.event_id, advance_consumer.stream_xid, advance_consumer.event_id),
            HINT = 'A position moves forward only, and only to events that ops.read_events gave.';
  END IF;
  UPDATE ops.consumers AS c
     SET stream_xid = advance_consumer.stream_xid, event_id = advance_consumer.event_id, advanced_at = clock_timestamp()
   WHERE c.owner = v_consumer.owner AND c.name = v_consumer.name
  RETURNING * INTO v_consumer;
  RETURN v_consumer;
END
$$;
COMMENT ON FUNCTION ops.advance_consumer(text, xid8, bigint) IS
  'Moves a consumer behind the event with this key; done in the transaction that deals with the events, each counts '
  'once. Errors TR602, TR603.';
REVOKE ALL ON FUNCTION ops.advance_consumer(text, xid8, bigint) FROM PUBLIC;
