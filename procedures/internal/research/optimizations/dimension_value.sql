CREATE OR REPLACE FUNCTION internal.dimension_value(p_dimension internal.search_dimension, p_place float8)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE
    WHEN (p_dimension).choices IS NOT NULL THEN (p_dimension).choices -> floor(p_place * (p_dimension).size)::int
    WHEN (p_dimension).size IS NULL
      THEN to_jsonb(trim_scale(round(least(greatest(n.value::numeric, (p_dimension).low), (p_dimension).high), 8)))
    ELSE to_jsonb(trim_scale((p_dimension).low + (p_dimension).step * least(
           CASE WHEN (p_dimension).is_log
                THEN round((n.value::numeric - (p_dimension).low) / (p_dimension).step)
                ELSE floor(p_place * (p_dimension).size)::numeric END, (p_dimension).size - 1))) END
    FROM (SELECT CASE WHEN (p_dimension).is_log
                      THEN (p_dimension).low::float8
                           * power(((p_dimension).high / (p_dimension).low)::float8, p_place)
                      ELSE (p_dimension).low::float8
                           + ((p_dimension).high - (p_dimension).low)::float8 * p_place END AS value) AS n
$$;
COMMENT ON FUNCTION internal.dimension_value(internal.search_dimension, float8) IS
  'The value of a parameter at a place between 0 (the first or lowest one) and below 1, as JSON: every value of a '
  'list or of steps has its equal share of the places.';
