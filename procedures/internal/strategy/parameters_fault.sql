-- What SQL can see of a strategy's parameters; the rules themselves are the parser's.
CREATE OR REPLACE FUNCTION internal.parameters_fault(p_type strategy.strategy_type, p_parameters jsonb)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_known text[] := ARRAY['entry', 'exit', 'short_entry', 'short_exit', 'sizing', 'exits', 'params', 'legs'];
  v_key   text;
BEGIN
  IF jsonb_typeof(p_parameters) IS DISTINCT FROM 'object' THEN
    RETURN 'parameters are not a JSON object';
  ELSIF pg_column_size(p_parameters) > 65536 THEN
    RETURN format('parameters have %s bytes, and 65536 is the most', pg_column_size(p_parameters));
  END IF;
  IF internal.is_figures(p_type, p_parameters) THEN
    v_known := ARRAY['fast', 'slow', 'atr', 'atr_multiple', 'risk_percent', 'sizing'];
  -- Rules of custom strategies may leave entries to outside programs.
  ELSIF p_type <> 'custom' AND NOT p_parameters ?| '{entry,short_entry}' THEN
    RETURN 'there is neither entry nor short_entry';
  END IF;
  SELECT k INTO v_key FROM jsonb_object_keys(p_parameters) AS k WHERE k <> ALL (v_known) ORDER BY k LIMIT 1;
  IF v_key IS NOT NULL THEN
    RETURN format('the key %L is unknown, known are %s', left(v_key, 60), array_to_string(v_known, ', '));
  END IF;
  SELECT e.key INTO v_key FROM jsonb_each(p_parameters) AS e
   WHERE e.key IN ('entry', 'exit', 'short_entry', 'short_exit') AND jsonb_typeof(e.value) NOT IN ('string', 'object')
      OR e.key IN ('sizing', 'params') AND jsonb_typeof(e.value) <> 'object'
      OR e.key IN ('exits', 'legs') AND jsonb_typeof(e.value) <> 'array'
      OR e.key IN ('fast', 'slow', 'atr', 'atr_multiple', 'risk_percent')
         AND NOT jsonb_path_exists(e.value, 'strict $ ? (@.type() == "number" && @ > 0)')
   ORDER BY e.key LIMIT 1;
  RETURN CASE WHEN v_key IN ('sizing', 'params') THEN format('%s is not a JSON object', v_key)
              WHEN v_key IN ('exits', 'legs') THEN format('%s is not a JSON array', v_key)
              WHEN v_key IN ('fast', 'slow', 'atr', 'atr_multiple', 'risk_percent') THEN
                format('%s is not a number above zero', v_key)
              WHEN v_key IS NOT NULL THEN format('%s is neither a text nor the JSON form of a rule', v_key) END;
END
$$;
COMMENT ON FUNCTION internal.parameters_fault(strategy.strategy_type, jsonb) IS
  'What is wrong with the shape of a strategy''s parameters; NULL when nothing is.';
