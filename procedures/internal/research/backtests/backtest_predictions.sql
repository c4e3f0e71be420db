-- reads research.models, research.predictions
CREATE OR REPLACE FUNCTION internal.backtest_predictions(
  p_report jsonb, p_instrument_ids int[], p_from timestamptz, p_until timestamptz)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('model', p.name, 'instrument', p.instrument_id,
                                               'at', internal.microseconds(p.at), 'value', p.value)
                            ORDER BY p.at), '[]')
    FROM (SELECT DISTINCT r.model AS name, n.instrument_id, n.at, n.value
            FROM jsonb_to_recordset(p_report -> 'predictions') AS r (model text, maximum_age interval)
            JOIN research.predictions AS n ON n.model_id = strategy.model_id(r.model)
           WHERE n.instrument_id = ANY (p_instrument_ids) AND n.at >= p_from - r.maximum_age AND n.at <= p_until) AS p
$$;
COMMENT ON FUNCTION internal.backtest_predictions(jsonb, int[], timestamptz, timestamptz) IS
  'What models, one''s own or else the house''s, foresaw of the instruments of a backtest, as far as its rules may '
  'look at it.';
