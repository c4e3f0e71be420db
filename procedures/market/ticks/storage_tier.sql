-- reads the catalogue
CREATE OR REPLACE FUNCTION market.storage_tier()
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE (SELECT c.relkind FROM pg_class AS c WHERE c.oid = 'market.ticks'::regclass)
         WHEN 'p' THEN 'plain' ELSE 'timescaledb' END;
END
$$;
COMMENT ON FUNCTION market.storage_tier() IS
  'How ticks are stored: plain (daily partitions, candles of our own) or timescaledb (a hypertable).';
