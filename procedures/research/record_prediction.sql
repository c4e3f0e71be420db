-- locks ledger.portfolio_clocks; writes research.models, research.predictions; rings doorbells; errors TR101, TR103,
-- TR249, TR524, TR525
CREATE OR REPLACE FUNCTION research.record_prediction(
  model text, symbol text, at timestamptz, value float8, confidence float8 DEFAULT NULL)
RETURNS research.predictions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_prediction research.predictions;
BEGIN
  PERFORM internal.record_predictions(ARRAY[record_prediction.model], ARRAY[record_prediction.symbol],
                                      ARRAY[record_prediction.at], ARRAY[record_prediction.value],
                                      ARRAY[record_prediction.confidence]);
  SELECT p.* INTO v_prediction
    FROM internal.put_models(ARRAY[record_prediction.model]) AS m JOIN research.predictions AS p USING (model_id)
   WHERE p.instrument_id = market.instrument_id(record_prediction.symbol)
     AND p.at = record_prediction.at;
  RETURN v_prediction;
END
$$;
COMMENT ON FUNCTION research.record_prediction(text, text, timestamptz, float8, float8) IS
  'Records what a model says of an instrument from a time on; rules read it as prediction(''model'', 1h). The same '
  'again changes nothing, another value for the same time is refused. Runners whose agents use the model hear of it at '
  'once. Errors TR101, TR103, TR249, TR524, TR525.';
REVOKE ALL ON FUNCTION research.record_prediction(text, text, timestamptz, float8, float8) FROM PUBLIC;
