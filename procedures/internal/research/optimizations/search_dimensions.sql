-- reads nothing; errors TR540
CREATE OR REPLACE FUNCTION internal.search_dimensions(p_parameters jsonb, p_known jsonb)
RETURNS internal.search_dimension[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_dimensions internal.search_dimension[] := '{}'::internal.search_dimension[];
  v_dimension  internal.search_dimension;
  v_entry      record;
  v_fault      text;
BEGIN
  IF jsonb_typeof(p_parameters) IS DISTINCT FROM 'object' OR p_parameters = '{}'
     OR (SELECT count(*) FROM jsonb_object_keys(p_parameters)) > 16 THEN
    RAISE EXCEPTION 'the parameters of an optimization are a JSON object'
      USING ERRCODE = 'TR540', DETAIL = format('They are %s.', coalesce(left(p_parameters::text, 100), 'NULL')),
            HINT = 'Name 1 to 16, such as {"fast": {"from": 5, "to": 20, "step": 5}, "slow": [50, 100, 200]}.';
  END IF;
  FOR v_entry IN SELECT e.key, e.value FROM jsonb_each(p_parameters) AS e ORDER BY e.key COLLATE "C" LOOP
    v_dimension := NULL;
    v_dimension.name := v_entry.key;
    v_dimension.is_log := v_entry.value ->> 'scale' = 'log';
    v_fault := CASE
      WHEN NOT p_known ? v_entry.key
        THEN format('the version has no such parameter, it has %s',
                    coalesce((SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(p_known) AS k), 'none'))
      WHEN jsonb_typeof(v_entry.value) = 'array' THEN
        CASE WHEN jsonb_array_length(v_entry.value) NOT BETWEEN 1 AND 100000 THEN 'a list has 1 to 100,000 values'
             WHEN EXISTS (SELECT FROM jsonb_array_elements(v_entry.value) AS v
                           WHERE jsonb_typeof(v) <> jsonb_typeof(p_known -> v_entry.key) OR length(v::text) > 100)
               THEN format('a value of it is a %s', jsonb_typeof(p_known -> v_entry.key))
             WHEN (SELECT count(DISTINCT v) <> count(*) FROM jsonb_array_elements(v_entry.value) AS v)
               THEN 'a list names each value once' END
      WHEN jsonb_typeof(p_known -> v_entry.key) <> 'number' THEN 'a parameter that is a text has a list of values'
      WHEN jsonb_typeof(v_entry.value) <> 'object'
           OR EXISTS (SELECT FROM jsonb_each(v_entry.value) AS m
                       WHERE NOT (m.key IN ('from', 'to', 'step')
                                  AND m.value #>> '{}' ~ '^-?[0-9]{1,12}(\.[0-9]{1,8})?$'
                                  AND jsonb_typeof(m.value) = 'number'
                                  OR m.key = 'scale' AND m.value IN ('"linear"', '"log"')))
           OR NOT v_entry.value ?& '{from,to}'
        THEN 'it is a list of values, or from, to, and perhaps step and scale (linear or log), numbers with at most '
             'eight decimals'
      END;
    IF v_fault IS NULL AND jsonb_typeof(v_entry.value) = 'array' THEN
      v_dimension.choices := v_entry.value;
      v_dimension.size := jsonb_array_length(v_entry.value);
    ELSIF v_fault IS NULL THEN
      v_dimension.low := (v_entry.value ->> 'from')::numeric;
      v_dimension.high := (v_entry.value ->> 'to')::numeric;
      v_dimension.step := (v_entry.value ->> 'step')::numeric;
      v_fault := CASE WHEN v_dimension.low > v_dimension.high THEN 'from is above to'
                      WHEN v_dimension.step <= 0 THEN 'a step is above zero'
                      WHEN v_dimension.is_log AND v_dimension.low <= 0 THEN 'a scale of ratios begins above zero' END;
      v_dimension.size := floor((v_dimension.high - v_dimension.low) / nullif(v_dimension.step, 0)) + 1;
    END IF;
    IF v_fault IS NOT NULL THEN
      RAISE EXCEPTION 'an optimization cannot have this parameter: %', left(v_entry.key, 64)
        USING ERRCODE = 'TR540',
              DETAIL = format('%s is %s: %s.', left(v_entry.key, 64), left(v_entry.value::text, 100), v_fault),
              HINT = 'docs/optimisation.md shows what can be searched.';
    END IF;
    v_dimensions := v_dimensions || v_dimension;
  END LOOP;
  RETURN v_dimensions;
END
$$;
COMMENT ON FUNCTION internal.search_dimensions(jsonb, jsonb) IS
  'What an optimization searches, by the names of the parameters; p_known are those of the version with the values '
  'that it has. Error TR540.';
