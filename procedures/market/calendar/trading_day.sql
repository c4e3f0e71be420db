-- reads market.exchanges
CREATE OR REPLACE FUNCTION market.trading_day(exchange_id int, ts timestamptz)
RETURNS date
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT ((trading_day.ts AT TIME ZONE e.time_zone) - e.day_starts)::date
            FROM market.exchanges AS e
           WHERE e.exchange_id = trading_day.exchange_id);
END
$$;
COMMENT ON FUNCTION market.trading_day(int, timestamptz) IS 'The trading day of this exchange that a time belongs to.';
