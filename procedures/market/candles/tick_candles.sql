-- reads market.tick_candles_1m and the like
CREATE OR REPLACE FUNCTION market.tick_candles(
  p_instrument_id int, p_minutes int, p_from timestamptz, p_until timestamptz)
RETURNS TABLE (bucket timestamptz, open float8, high float8, low float8, close float8, volume float8, vwap float8,
               ticks bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  CASE p_minutes
    WHEN 1 THEN RETURN QUERY
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, c.vwap, c.ticks FROM market.tick_candles_1m AS c
       WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_from AND c.bucket < p_until ORDER BY c.bucket;
    WHEN 5 THEN RETURN QUERY
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, c.vwap, c.ticks FROM market.tick_candles_5m AS c
       WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_from AND c.bucket < p_until ORDER BY c.bucket;
    WHEN 15 THEN RETURN QUERY
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, c.vwap, c.ticks FROM market.tick_candles_15m AS c
       WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_from AND c.bucket < p_until ORDER BY c.bucket;
    WHEN 60 THEN RETURN QUERY
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, c.vwap, c.ticks FROM market.tick_candles_1h AS c
       WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_from AND c.bucket < p_until ORDER BY c.bucket;
    WHEN 1440 THEN RETURN QUERY
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, c.vwap, c.ticks FROM market.tick_candles_1d AS c
       WHERE c.instrument_id = p_instrument_id AND c.bucket >= p_from AND c.bucket < p_until ORDER BY c.bucket;
  END CASE;
END
$$;
COMMENT ON FUNCTION market.tick_candles(int, int, timestamptz, timestamptz) IS
  'Candles of ticks alone of one instrument and length (1, 5, 15, 60 or 1440 minutes), whatever bars there are, from '
  'one bucket to another, in order.';
