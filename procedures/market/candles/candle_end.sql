-- reads market.exchanges
CREATE OR REPLACE FUNCTION market.candle_end(ts timestamptz, minutes int, exchange_id int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange market.exchanges;
BEGIN
  IF candle_end.minutes <> 1440 THEN
    RETURN market.candle_bucket(candle_end.ts, candle_end.minutes, candle_end.exchange_id)
           + candle_end.minutes * interval '1 minute';
  END IF;
  -- A day has 23 or 25 hours when the clocks change.
  SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.exchange_id = candle_end.exchange_id;
  RETURN (date_trunc('day', (candle_end.ts AT TIME ZONE v_exchange.time_zone) - v_exchange.day_starts)
          + interval '1 day' + v_exchange.day_starts)
         AT TIME ZONE v_exchange.time_zone;
END
$$;
COMMENT ON FUNCTION market.candle_end(timestamptz, int, int) IS
  'End of the kept candle of 1, 5, 15, 60 or 1440 minutes (a trading day) that this time falls into on this exchange; '
  'NULL for another length.';
