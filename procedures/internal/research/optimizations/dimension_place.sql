CREATE OR REPLACE FUNCTION internal.dimension_place(p_dimension internal.search_dimension, p_value jsonb)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE
    WHEN (p_dimension).choices IS NOT NULL
      THEN (SELECT (c.place - 0.5) / (p_dimension).size
              FROM jsonb_array_elements((p_dimension).choices) WITH ORDINALITY AS c (value, place)
             WHERE c.value = p_value)
    WHEN (p_dimension).low = (p_dimension).high THEN 0.5
    WHEN (p_dimension).is_log
      THEN ln((n.value / (p_dimension).low)::float8) / ln(((p_dimension).high / (p_dimension).low)::float8)
    WHEN (p_dimension).size IS NULL
      THEN ((n.value - (p_dimension).low) / ((p_dimension).high - (p_dimension).low))::float8
    ELSE (((n.value - (p_dimension).low) / (p_dimension).step + 0.5) / (p_dimension).size)::float8 END
    FROM (SELECT CASE WHEN (p_dimension).choices IS NULL THEN (p_value #>> '{}')::numeric END AS value) AS n
$$;
COMMENT ON FUNCTION internal.dimension_place(internal.search_dimension, jsonb) IS
  'Where the value of a parameter is between 0 and 1: what internal.dimension_value makes the value of.';
