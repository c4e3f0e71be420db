-- reads research.models, research.predictions
CREATE OR REPLACE FUNCTION strategy.predictions_at(p_instrument_id int, p_at timestamptz, p_models jsonb)
RETURNS float8[]
LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(
    SELECT coalesce((SELECT p.value
                       FROM research.predictions AS p
                      WHERE p.model_id = (SELECT strategy.model_id(q.entry ->> 'model'))
                        AND p.instrument_id = p_instrument_id AND p.at <= p_at
                        AND p.at >= (p_at AT TIME ZONE 'UTC' - (q.entry ->> 'maximum_age')::interval) AT TIME ZONE 'UTC'
                      ORDER BY p.at DESC LIMIT 1), 'NaN')
      FROM jsonb_array_elements(p_models) WITH ORDINALITY AS q (entry, place) ORDER BY q.place);
END
$$;
COMMENT ON FUNCTION strategy.predictions_at(int, timestamptz, jsonb) IS
  'What models, one''s own or else the house''s, have foreseen of an instrument by a time, in the order of the list '
  '[{"model": …, "maximum_age": …}]: the latest prediction that is no older; NaN when there is none.';
