-- writes ops.consumers; after a restore ops.epochs; errors TR602
CREATE OR REPLACE FUNCTION ops.add_consumer(name text, from_start boolean DEFAULT true)
RETURNS ops.consumers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_consumer ops.consumers;
BEGIN
  IF add_consumer.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' IS NOT TRUE THEN
    RAISE EXCEPTION 'no consumer can have this name'
      USING ERRCODE = 'TR602',
            DETAIL = format('name is %s.', coalesce(quote_literal(left(add_consumer.name, 64)), 'NULL')),
            HINT = 'A name begins with a letter or digit and has up to 63 letters, digits, dots, dashes and '
                   'underscores.';
  END IF;
  PERFORM internal.stream_xid();
  INSERT INTO ops.consumers AS c (name, stream_xid)
  VALUES (add_consumer.name,
          CASE WHEN add_consumer.from_start THEN '0'::xid8 ELSE ops.journal_end() END)
  ON CONFLICT ON CONSTRAINT consumers_pkey DO NOTHING
  RETURNING * INTO v_consumer;
  IF NOT FOUND THEN
    SELECT * INTO v_consumer FROM ops.consumers AS c
     WHERE c.owner = (SELECT ops.actor()) AND c.name = add_consumer.name;
  END IF;
  RETURN v_consumer;
END
$$;
COMMENT ON FUNCTION ops.add_consumer(text, boolean) IS
  'Registers a reader of the journal of one''s own, at its start or at what is written from now on; a reader that '
  'exists keeps its position. Error TR602.';
REVOKE ALL ON FUNCTION ops.add_consumer(text, boolean) FROM PUBLIC;
