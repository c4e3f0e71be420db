-- writes strategy.strategies, strategy.strategy_versions, ops.events; rings every doorbell; errors TR249, TR502, TR510
CREATE OR REPLACE FUNCTION strategy.create_strategy(
  name text, type strategy.strategy_type, timeframe interval, parameters jsonb, description text DEFAULT NULL,
  at timestamptz DEFAULT now())
RETURNS strategy.strategy_versions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_fault    text := internal.parameters_fault(create_strategy.type, create_strategy.parameters);
  v_check    jsonb;
  v_strategy strategy.strategies;
  v_version  strategy.strategy_versions;
BEGIN
  IF (create_strategy.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' AND create_strategy.timeframe >= interval '0'
      AND create_strategy.type IS NOT NULL AND length(coalesce(create_strategy.description, '')) <= 10000
      AND v_fault IS NULL) IS NOT TRUE THEN
    RAISE EXCEPTION 'a strategy needs a name, a type, a timeframe, and its rules as a JSON object'
      USING ERRCODE = 'TR502',
            DETAIL = format('name %L, type %s, timeframe %s: %s.', left(create_strategy.name, 64),
                            coalesce(create_strategy.type::text, 'NULL'),
                            coalesce(create_strategy.timeframe::text, 'NULL'),
                            coalesce(v_fault, 'one of these is missing or cannot be')),
            HINT = 'For example parameters => ''{"entry": "crosses_above(ema(close, 20), ema(close, 50))", '
                   '"exit": "crosses_below(ema(close, 20), ema(close, 50))", '
                   '"exits": [{"type": "atr_stop", "multiple": 3}]}''; timeframe 0 means every tick.';
  END IF;
  -- Figures without rules need no parser.
  v_check := coalesce(
    internal.check_rules(create_strategy.type, create_strategy.timeframe, create_strategy.parameters),
    CASE WHEN internal.is_figures(create_strategy.type, create_strategy.parameters) THEN jsonb '{}' END);
  IF v_check ->> 'error' IS NOT NULL THEN
    RAISE EXCEPTION '%', v_check ->> 'error'
      USING ERRCODE = 'TR510', DETAIL = coalesce(v_check ->> 'detail', format('Strategy %L.', create_strategy.name)),
            HINT = 'docs/rules.md lists what rules can say; strategy.preview(...) shows where one would have acted.';
  END IF;
  INSERT INTO strategy.strategies (name, type, description)
  VALUES (create_strategy.name, create_strategy.type, create_strategy.description)
  ON CONFLICT ON CONSTRAINT strategies_owner_name_key DO NOTHING;
  SELECT * INTO v_strategy FROM strategy.strategies AS s
   WHERE s.owner = (SELECT ops.actor()) AND s.name = create_strategy.name FOR UPDATE;
  IF v_strategy.type <> create_strategy.type THEN
    RAISE EXCEPTION 'strategy "%" is of another type', create_strategy.name
      USING ERRCODE = 'TR502', DETAIL = format('It is %s, asked for was %s.', v_strategy.type, create_strategy.type),
            HINT = 'Give the new strategy another name.';
  END IF;
  SELECT * INTO v_version FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = v_strategy.strategy_id
   ORDER BY v.version DESC
   LIMIT 1;
  IF NOT FOUND OR v_version.timeframe <> create_strategy.timeframe
     OR v_version.parameters <> create_strategy.parameters THEN
    INSERT INTO strategy.strategy_versions (strategy_id, version, timeframe, parameters)
    VALUES (v_strategy.strategy_id, coalesce(v_version.version, 0) + 1, create_strategy.timeframe,
            create_strategy.parameters)
    RETURNING * INTO v_version;
    PERFORM internal.emit_event('strategy.versioned', create_strategy.at,
                                p_payload => jsonb_build_object('name', create_strategy.name,
                                                                'version', v_version.version));
  END IF;
  IF v_check IS NOT NULL THEN
    v_version := internal.put_check(v_version.strategy_id, v_version.version, v_check, create_strategy.at);
  ELSIF v_version.status = 'unchecked' THEN
    PERFORM internal.ring_doorbell();
  END IF;
  RETURN v_version;
END
$$;
COMMENT ON FUNCTION strategy.create_strategy(text, strategy.strategy_type, interval, jsonb, text, timestamptz) IS
  'Creates a strategy, or a new version of it when timeframe or parameters differ from its latest; the same again '
  'answers the latest version. parameters hold entry, exit, short_entry and short_exit as rules (docs/rules.md), '
  'sizing, exits, params and legs; a trend strategy may hold the figures of its two averages instead. Where the '
  'extension is installed the rules are checked at once; else a version with rules is unchecked, and no agent starts '
  'on it, until a runner or "bourse strategy check" has looked at it. Errors TR249, TR502, TR510.';
REVOKE ALL ON FUNCTION strategy.create_strategy(text, strategy.strategy_type, interval, jsonb, text, timestamptz)
  FROM PUBLIC;
