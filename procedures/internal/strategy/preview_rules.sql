-- reads candles and predictions; calls ta.preview_strategy of the extension bourse; errors TR101, TR103, TR104, TR510
CREATE OR REPLACE FUNCTION internal.preview_rules(
  p_type strategy.strategy_type, p_timeframe interval, p_parameters jsonb, p_report jsonb, p_symbol text,
  p_from timestamptz, p_until timestamptz, p_at timestamptz)
RETURNS TABLE (bucket timestamptz, close float8, action text, operands jsonb)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  -- The function is there once the extension is.
  v_query text := $query$
    SELECT p.*
      FROM strategy.preview_columns($4, $2, $5, $6, $7, $8) AS a
      CROSS JOIN LATERAL ta.preview_strategy(
        $1, $2, $3, a.series, a.buckets, a.closes_at, a.open, a.high, a.low, a.close, a.volume, a.minutes, a.weekdays,
        a.opens_at, a.ends_at, a.predictions, $6) AS p
    $query$;
BEGIN
  FOR bucket, close, action, operands IN
    EXECUTE v_query USING p_type::text, p_timeframe, p_parameters::text, p_symbol, p_report, p_from, p_until, p_at
  LOOP
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.preview_rules(
  strategy.strategy_type, interval, jsonb, jsonb, text, timestamptz, timestamptz, timestamptz) IS
  'What a strategy would have done on an instrument, by the extension: see strategy.preview. p_report is what '
  'internal.report_rules says of it. Errors TR101, TR103, TR104, TR510.';
