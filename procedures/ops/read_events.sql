-- reads ops.consumers, ops.events, ops.epochs; errors TR602
CREATE OR REPLACE FUNCTION ops.read_events(consumer text, max_events int DEFAULT 1000)
RETURNS SETOF ops.events
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_consumer ops.consumers;
  v_end      xid8 := ops.journal_end();
BEGIN
  SELECT * INTO v_consumer FROM ops.consumers AS c
   WHERE c.owner = (SELECT ops.actor()) AND c.name = read_events.consumer;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown consumer "%"', read_events.consumer
      USING ERRCODE = 'TR602', DETAIL = format('%s has no reader of this name.', ops.actor()),
            HINT = 'Register it with ops.add_consumer(...).';
  END IF;
  RETURN QUERY
    SELECT e.* FROM ops.events AS e
     WHERE (e.stream_xid, e.event_id) > (v_consumer.stream_xid, v_consumer.event_id)
       AND e.stream_xid < v_end
     ORDER BY e.stream_xid, e.event_id
     LIMIT least(greatest(read_events.max_events, 1), 100000);
END
$$;
COMMENT ON FUNCTION ops.read_events(text, int) IS
  'The next events after the consumer''s position, in commit order per portfolio; events of transactions above the '
  'oldest one still running wait. Events of portfolios that one may not read are passed over. Reading moves nothing: '
  'see ops.advance_consumer. Error TR602.';
