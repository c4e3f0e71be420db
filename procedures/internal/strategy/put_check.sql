-- writes strategy.strategy_versions, ops.events; errors TR249
CREATE OR REPLACE FUNCTION internal.put_check(
  p_strategy_id int, p_version int, p_status strategy.check_status, p_error text, p_explanation text,
  p_normalized jsonb, p_models text[], p_at timestamptz)
RETURNS strategy.strategy_versions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_version strategy.strategy_versions;
BEGIN
  PERFORM internal.require_event_time(p_at);
  UPDATE strategy.strategy_versions AS v
     SET status = p_status, error = p_error, explanation = p_explanation, normalized = p_normalized,
         models = p_models, checked_at = p_at
   WHERE v.strategy_id = p_strategy_id AND v.version = p_version AND v.status = 'unchecked'
  RETURNING * INTO v_version;
  IF FOUND THEN
    PERFORM internal.emit_event('strategy.' || p_status, p_at,
                                p_payload => jsonb_strip_nulls(jsonb_build_object(
                                  'name', (SELECT s.name FROM strategy.strategies AS s
                                            WHERE s.strategy_id = p_strategy_id),
                                  'version', p_version, 'error', p_error)));
  ELSE
    SELECT * INTO v_version FROM strategy.strategy_versions AS v
     WHERE v.strategy_id = p_strategy_id AND v.version = p_version;
  END IF;
  RETURN v_version;
END
$$;
COMMENT ON FUNCTION internal.put_check(int, int, strategy.check_status, text, text, jsonb, text[], timestamptz) IS
  'Records what a check of a version has found. The first one counts: a version that was checked already stays as it '
  'is. Error TR249.';

CREATE OR REPLACE FUNCTION internal.put_check(p_strategy_id int, p_version int, p_check jsonb, p_at timestamptz)
RETURNS strategy.strategy_versions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_error text := p_check ->> 'error' || coalesce(' (' || (p_check ->> 'detail') || ')', '');
BEGIN
  RETURN internal.put_check(
    p_strategy_id, p_version, CASE WHEN v_error IS NULL THEN 'checked' ELSE 'refused' END::strategy.check_status,
    v_error, p_check ->> 'explanation', nullif(p_check -> 'normalized', 'null'),
    ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(p_check -> 'models', 'null'), '[]'))), p_at);
END
$$;
COMMENT ON FUNCTION internal.put_check(int, int, jsonb, timestamptz) IS
  'The same of what internal.check_rules has answered. Error TR249.';
