-- reads strategy.strategies, strategy.strategy_versions, market.instruments; errors TR101, TR103, TR501, TR502, TR510,
-- TR526
CREATE OR REPLACE FUNCTION strategy.explain(strategy text, params jsonb DEFAULT '{}')
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_version strategy.strategy_versions := internal.with_params(
    internal.named_version(explain.strategy), explain.params);
  v_type    strategy.strategy_type;
BEGIN
  SELECT s.type INTO v_type FROM strategy.strategies AS s WHERE s.strategy_id = v_version.strategy_id;
  -- In the words of today's parser, where there is one; else in those of the check.
  IF v_version.explanation IS NOT NULL
     AND internal.check_rules(v_type, v_version.timeframe, v_version.parameters) IS NULL THEN
    RETURN v_version.explanation;
  END IF;
  RETURN internal.report_rules(v_type, v_version.timeframe, v_version.parameters,
                               format('explain %s', explain.strategy)) ->> 'explanation';
END
$$;
COMMENT ON FUNCTION strategy.explain(text, jsonb) IS
  'The rules of a strategy (its latest version, or name@version) in plain words, with values of one''s own '
  'for $names. Without the extension bourse it knows what the program or a runner has checked ("bourse strategy '
  'check"). Errors TR101, TR103, TR501, TR502, TR510, TR526.';
REVOKE ALL ON FUNCTION strategy.explain(text, jsonb) FROM PUBLIC;
