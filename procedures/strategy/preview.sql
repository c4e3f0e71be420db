-- reads strategy.strategies, strategy.strategy_versions, candles, predictions; errors TR101, TR103, TR104, TR501,
-- TR502, TR510, TR526, TR755
CREATE OR REPLACE FUNCTION strategy.preview(
  strategy text, symbol text, "from" timestamptz, until timestamptz, at timestamptz DEFAULT now(),
  params jsonb DEFAULT '{}')
RETURNS TABLE (bucket timestamptz, close float8, action text, operands jsonb)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_version strategy.strategy_versions := internal.with_params(
    internal.named_version(preview.strategy), preview.params);
  v_type    strategy.strategy_type;
  v_report  jsonb;
BEGIN
  PERFORM internal.require_capacity('query');
  SELECT s.type INTO v_type FROM strategy.strategies AS s WHERE s.strategy_id = v_version.strategy_id;
  v_report := internal.report_rules(
    v_type, v_version.timeframe, v_version.parameters,
    format('preview %s --symbol %s --from ... --until ...', preview.strategy, preview.symbol));
  RETURN QUERY
    SELECT * FROM internal.preview_rules(v_type, v_version.timeframe, v_version.parameters, v_report, preview.symbol,
                                         preview."from", preview.until, preview.at);
END
$$;
COMMENT ON FUNCTION strategy.preview(text, text, timestamptz, timestamptz, timestamptz, jsonb) IS
  'What a strategy (its latest version, or name@version) would have done on an instrument, a row for each candle that '
  'begins at "from" or later and before until and has closed by at: its start, its close, action (buy; sell: opens a '
  'short; exit; NULL: nothing) and operands, what its rules compared, by their text in the normal form, null while '
  'they are not known. It is flat at the start, enters only when flat and leaves only when in, at the closes of '
  'candles as they were traded (market.candles); stops and targets that rest at a broker do not act. Candles before '
  '"from" warm it up, ten times as many as it needs to begin where there are so many. With timeframe 0 each tick is a '
  'candle. params are values of one''s own for $names, as an agent may have them. Needs the extension bourse: else '
  '"bourse strategy preview" shows the same rows. Errors TR101, TR103, TR104, TR501, TR502, TR510, TR526.';
REVOKE ALL ON FUNCTION strategy.preview(text, text, timestamptz, timestamptz, timestamptz, jsonb) FROM PUBLIC;
