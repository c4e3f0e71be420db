-- reads market.candles_1m and the like, market.ticks, market.bars, market.corporate_actions; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION market.candles(
  symbol text, resolution interval, "from" timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity',
  adjusted boolean DEFAULT false)
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8,
               ticks bigint, source text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF candles.adjusted THEN
    RETURN QUERY
      SELECT * FROM market.adjusted_candles(candles.symbol, candles.resolution, candles."from", candles.until);
  ELSE
    RETURN QUERY
      SELECT * FROM market.raw_candles(market.instrument_id(candles.symbol), candles.resolution, candles."from",
                                       candles.until);
  END IF;
END
$$;
COMMENT ON FUNCTION market.candles(text, interval, timestamptz, timestamptz, boolean) IS
  'Candles of any length whose start lies in the span, in order, the forming one included; buckets without trades are '
  'absent. As traded, or adjusted backwards for splits, dividends and symbol changes (see market.adjustment_factors). '
  'source: ticks; bars, or the vendor''s name; several of them joined by +. Errors TR101, TR103, TR104.';
