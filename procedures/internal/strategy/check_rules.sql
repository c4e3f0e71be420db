-- reads pg_proc, pg_roles, pg_namespace; calls ta.check_strategy of the extension bourse, where it is installed
CREATE OR REPLACE FUNCTION internal.check_rules(
  p_type strategy.strategy_type, p_timeframe interval, p_parameters jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  -- It runs with the rights of the door: nobody else can have put it there.
  v_parser regproc := (SELECT p.oid::regproc
                         FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
                        WHERE p.oid = to_regprocedure('ta.check_strategy(text, interval, text)')
                          AND (r.rolsuper
                               OR r.oid = (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'internal')));
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
