-- AFTER INSERT on market.ticks, once per statement: no transition table, so that COPY stays in batches
CREATE OR REPLACE FUNCTION market.tg_ticks__ring_doorbell()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM ops.ring_doorbell();
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION market.tg_ticks__ring_doorbell() IS 'Wakes sleeping runners when somebody else stores ticks.';
CREATE OR REPLACE TRIGGER ring_doorbell AFTER INSERT ON market.ticks
  FOR EACH STATEMENT EXECUTE FUNCTION market.tg_ticks__ring_doorbell();
COMMENT ON TRIGGER ring_doorbell ON market.ticks IS 'One ring per statement, whatever its size.';
