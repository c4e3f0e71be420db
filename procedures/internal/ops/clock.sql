-- reads the clock
CREATE OR REPLACE FUNCTION internal.clock()
RETURNS timestamptz
LANGUAGE sql VOLATILE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT clock_timestamp()
$$;
COMMENT ON FUNCTION internal.clock() IS
  'What the clock says, to measure how long something takes; never an event time.';
