-- calls ta.check_strategy of the extension bourse, where it is installed
CREATE OR REPLACE FUNCTION internal.check_rules(
  p_type strategy.strategy_type, p_timeframe interval, p_parameters jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_parser regproc := internal.engine_function('ta.check_strategy(text, interval, text)');
  v_result text;
BEGIN
  IF v_parser IS NULL THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT %s($1, $2, $3)', v_parser) INTO v_result
    USING p_type::text, p_timeframe, p_parameters::text;
  RETURN v_result::jsonb;
END
$$;
COMMENT ON FUNCTION internal.check_rules(strategy.strategy_type, interval, jsonb) IS
  'What the extension''s parser says of the parameters of a strategy: error and detail (null when they can run), '
  'explanation, normalized, models. NULL where the extension is not installed: then the program or a runner checks.';
