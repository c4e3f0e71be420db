-- In the place of ticks/tick_target.sql: reads timescaledb_information.chunks. VOLATILE, in order to see the chunk that
-- its own statement has made.
CREATE OR REPLACE FUNCTION market.tick_target(day date)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT format('%I.%I', c.chunk_schema, c.chunk_name)
            FROM timescaledb_information.chunks AS c
           WHERE c.hypertable_schema = 'market' AND c.hypertable_name = 'ticks'
             AND c.range_start <= tick_target.day::timestamp AT TIME ZONE 'UTC'
             AND c.range_end >= (tick_target.day + 1)::timestamp AT TIME ZONE 'UTC');
END
$$;
COMMENT ON FUNCTION market.tick_target(date) IS
  'The table into which whoever has looked at each tick of this day (UTC) copies them: here the chunk of the '
  'hypertable, past the triggers of market.ticks. Sorted by instrument, time and sequence they go straight into its '
  'columnstore. NULL where market.ensure_tick_partitions has made none.';
REVOKE ALL ON FUNCTION market.tick_target(date) FROM PUBLIC;
