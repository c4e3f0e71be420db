-- reads strategy.strategies, market.instruments; errors TR101, TR103, TR502, TR510
CREATE OR REPLACE FUNCTION internal.with_params(p_version strategy.strategy_versions, p_params jsonb)
RETURNS strategy.strategy_versions
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_fault text := internal.params_fault(p_version.parameters, p_params);
  v_check jsonb;
BEGIN
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'the parameters do not fit the version'
      USING ERRCODE = 'TR502', DETAIL = v_fault || '.',
            HINT = 'params => ''{"fast": 10}'' gives another value to $fast of the version''s rules.';
  ELSIF p_params = '{}' THEN
    RETURN p_version;
  END IF;
  PERFORM market.instrument_id(e.value #>> '{}') FROM jsonb_each(p_params) AS e
    WHERE jsonb_typeof(e.value) = 'string';
  p_version.parameters := jsonb_set(p_version.parameters, '{params}', p_version.parameters -> 'params' || p_params);
  v_check := internal.check_rules(
    (SELECT s.type FROM strategy.strategies AS s WHERE s.strategy_id = p_version.strategy_id), p_version.timeframe,
    p_version.parameters);
  IF v_check ->> 'error' IS NOT NULL THEN
    RAISE EXCEPTION '%', v_check ->> 'error'
      USING ERRCODE = 'TR510', DETAIL = coalesce(v_check ->> 'detail', 'With these params.'),
            HINT = 'strategy.explain(...) says what the parameter is used for.';
  END IF;
  -- What was found out about the version is not about these values.
  p_version.explanation := NULL;
  RETURN p_version;
END
$$;
COMMENT ON FUNCTION internal.with_params(strategy.strategy_versions, jsonb) IS
  'A version with values of one''s own for its named parameters; values that cannot be are refused. Errors TR101, '
  'TR103, TR502, TR510.';
