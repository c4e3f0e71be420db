-- reads candles and predictions; errors TR101, TR103, TR104
CREATE OR REPLACE FUNCTION strategy.preview_columns(
  p_symbol text, p_timeframe interval, p_report jsonb, p_from timestamptz, p_until timestamptz, p_at timestamptz)
RETURNS TABLE (series int[], buckets timestamptz[], closes_at timestamptz[], open float8[], high float8[],
               low float8[], close float8[], volume float8[], minutes float8[], weekdays int[], opens_at timestamptz[],
               ends_at timestamptz[], predictions float8[])
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT array_agg(c.series), array_agg(c.bucket), array_agg(c.closes_at), array_agg(c.open), array_agg(c.high),
           array_agg(c.low), array_agg(c.close), array_agg(c.volume), array_agg(c.minutes), array_agg(c.weekday),
           array_agg(c.opens_at), array_agg(c.ends_at),
           coalesce(array_agg(c.predictions) FILTER (WHERE c.predictions IS NOT NULL), '{}')
      FROM strategy.preview_candles(p_symbol, p_timeframe, p_report, p_from, p_until, p_at) AS c;
END
$$;
COMMENT ON FUNCTION strategy.preview_columns(text, interval, jsonb, timestamptz, timestamptz, timestamptz) IS
  'What strategy.preview_candles gives, in columns: one row, of NULLs when there is no candle. Errors TR101, TR103, '
  'TR104.';
