-- What SQL can see of the values that an agent gives to named parameters.
CREATE OR REPLACE FUNCTION internal.params_fault(p_parameters jsonb, p_params jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_known jsonb := coalesce(p_parameters -> 'params', '{}');
  v_fault text;
BEGIN
  IF jsonb_typeof(p_params) IS DISTINCT FROM 'object' THEN
    RETURN 'params are not a JSON object';
  ELSIF pg_column_size(p_params) > 65536 THEN
    RETURN format('params have %s bytes, and 65536 is the most', pg_column_size(p_params));
  END IF;
  SELECT CASE WHEN v_known ? e.key
              THEN format('%L is a %s in the version, and %s here', left(e.key, 60), jsonb_typeof(v_known -> e.key),
                          jsonb_typeof(e.value))
              ELSE format('the version has no parameter %L, it has %s', left(e.key, 60),
                          coalesce((SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(v_known) AS k),
                                   'none'))
         END
    INTO v_fault
    FROM jsonb_each(p_params) AS e
   WHERE (jsonb_typeof(e.value) IN ('number', 'string') AND jsonb_typeof(e.value) = jsonb_typeof(v_known -> e.key))
         IS NOT TRUE
   ORDER BY e.key LIMIT 1;
  RETURN v_fault;
END
$$;
COMMENT ON FUNCTION internal.params_fault(jsonb, jsonb) IS
  'What is wrong with an agent''s values for the named parameters of a version; NULL when nothing is.';
