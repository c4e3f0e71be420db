-- writes strategy.strategies, strategy.strategy_versions, ops.events; errors TR502
CREATE OR REPLACE FUNCTION strategy.create_strategy(
  name text, type strategy.strategy_type, timeframe interval, parameters jsonb, description text DEFAULT NULL,
  at timestamptz DEFAULT now())
RETURNS strategy.strategy_versions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_strategy strategy.strategies;
  v_version  strategy.strategy_versions;
BEGIN
  IF (create_strategy.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' AND create_strategy.timeframe > interval '0'
      AND jsonb_typeof(create_strategy.parameters) = 'object'
      AND pg_column_size(create_strategy.parameters) <= 65536) IS NOT TRUE
     OR create_strategy.type IS NULL THEN
    RAISE EXCEPTION 'a strategy needs a name, a type, a positive timeframe, and its parameters as a JSON object'
      USING ERRCODE = 'TR502',
            DETAIL = format('name %L, timeframe %s, parameters %s.', create_strategy.name, create_strategy.timeframe,
                            left(create_strategy.parameters::text, 100)),
            HINT = 'For example '
                   'parameters => ''{"fast": 20, "slow": 50, "atr": 14, "atr_multiple": 3, "risk_percent": 1}''.';
  END IF;
  INSERT INTO strategy.strategies (name, type, description)
  VALUES (create_strategy.name, create_strategy.type, create_strategy.description)
  ON CONFLICT ON CONSTRAINT strategies_name_key DO NOTHING;
  SELECT * INTO v_strategy FROM strategy.strategies AS s WHERE s.name = create_strategy.name FOR UPDATE;
  IF v_strategy.type <> create_strategy.type THEN
    RAISE EXCEPTION 'strategy "%" is of another type', create_strategy.name
      USING ERRCODE = 'TR502', DETAIL = format('It is %s, asked for was %s.', v_strategy.type, create_strategy.type),
            HINT = 'Give the new strategy another name.';
  END IF;
  SELECT * INTO v_version FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = v_strategy.strategy_id
   ORDER BY v.version DESC
   LIMIT 1;
  IF FOUND AND v_version.timeframe = create_strategy.timeframe
     AND v_version.parameters = create_strategy.parameters THEN
    RETURN v_version;
  END IF;
  INSERT INTO strategy.strategy_versions (strategy_id, version, timeframe, parameters)
  VALUES (v_strategy.strategy_id, coalesce(v_version.version, 0) + 1, create_strategy.timeframe,
          create_strategy.parameters)
  RETURNING * INTO v_version;
  PERFORM internal.emit_event('strategy.versioned', create_strategy.at,
                         p_payload => jsonb_build_object('name', create_strategy.name, 'version', v_version.version));
  RETURN v_version;
END
$$;
COMMENT ON FUNCTION strategy.create_strategy(text, strategy.strategy_type, interval, jsonb, text, timestamptz) IS
  'Creates a strategy, or a new version of it when timeframe or parameters differ from its latest; the same again '
  'answers the latest version. An agent whose parameters TradingCore does not know goes to status error when the '
  'runner '
  'meets it. Error TR502.';
REVOKE ALL ON FUNCTION strategy.create_strategy(text, strategy.strategy_type, interval, jsonb, text, timestamptz)
  FROM PUBLIC;
