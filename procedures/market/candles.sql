-- reads market.candles_1m and the like, market.ticks, market.bars; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.candles(symbol text, resolution interval, "from" timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity')
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8, ticks bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY SELECT * FROM market.raw_candles(market.instrument_id(candles.symbol), candles.resolution, candles."from", candles.until);
END
$$;
COMMENT ON FUNCTION market.candles(text, interval, timestamptz, timestamptz) IS
  'Candles of any length whose start lies in the span, in order, the forming one included; buckets without trades are absent. Errors TR101, TR103, TR104.';
