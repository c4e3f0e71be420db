-- reads market.exchanges
CREATE OR REPLACE FUNCTION market.candle_bucket(ts timestamptz, minutes int, exchange_id int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange market.exchanges;
BEGIN
  IF candle_bucket.minutes IN (1, 5, 15) THEN
    RETURN date_bin(candle_bucket.minutes * interval '1 minute', candle_bucket.ts, '2000-01-01Z');
  END IF;
  SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.exchange_id = candle_bucket.exchange_id;
  RETURN CASE candle_bucket.minutes
    WHEN 60 THEN
      date_bin('1 hour', candle_bucket.ts, timestamptz '2000-01-01Z' + v_exchange.hour_offset * interval '1 minute')
    WHEN 1440 THEN
      (date_trunc('day', (candle_bucket.ts AT TIME ZONE v_exchange.time_zone) - v_exchange.day_starts)
       + v_exchange.day_starts) AT TIME ZONE v_exchange.time_zone
  END;
END
$$;
COMMENT ON FUNCTION market.candle_bucket(timestamptz, int, int) IS
  'Start of the kept candle of 1, 5, 15, 60 or 1440 minutes (a trading day) that this time falls into on this '
  'exchange; NULL for another length.';
