-- reads strategy.strategies; errors TR510, TR526
CREATE OR REPLACE FUNCTION internal.report_rules(
  p_type strategy.strategy_type, p_timeframe interval, p_parameters jsonb, p_command text)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_report jsonb := internal.check_rules(p_type, p_timeframe, p_parameters);
BEGIN
  IF v_report IS NULL THEN
    RAISE EXCEPTION 'rules are parsed by the extension bourse, which is not installed in this database'
      USING ERRCODE = 'TR526', DETAIL = 'There is no function ta.check_strategy(text, interval, text).',
            HINT = format('Use the program: bourse strategy %s; or CREATE EXTENSION bourse (version 1.2 or later).',
                          p_command);
  ELSIF v_report ->> 'error' IS NOT NULL THEN
    RAISE EXCEPTION '%', v_report ->> 'error'
      USING ERRCODE = 'TR510', DETAIL = coalesce(v_report ->> 'detail', 'It concerns the strategy as a whole.'),
            HINT = 'docs/rules.md lists what rules can say.';
  END IF;
  RETURN v_report;
END
$$;
COMMENT ON FUNCTION internal.report_rules(strategy.strategy_type, interval, jsonb, text) IS
  'What the extension''s parser says of rules that can run (internal.check_rules). p_command is what the program does '
  'instead where the extension is not installed. Errors TR510, TR526.';
