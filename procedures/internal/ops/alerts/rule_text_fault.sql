-- reads the catalogue
CREATE OR REPLACE FUNCTION internal.rule_text_fault(p_rule ops.alert_rules)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_report jsonb;
BEGIN
  IF p_rule.kind <> 'price' OR p_rule.comparison IS NOT NULL THEN
    RETURN NULL;
  END IF;
  v_report := internal.check_rules('custom', p_rule.timeframe, jsonb_build_object('entry', p_rule.condition));
  RETURN CASE WHEN v_report IS NULL
              THEN 'without the extension bourse the rule of a price is close, one of < <= > >=, and a number'
              ELSE nullif(left(concat_ws(': ', v_report ->> 'error', v_report ->> 'detail'), 1000), '') END;
END
$$;
COMMENT ON FUNCTION internal.rule_text_fault(ops.alert_rules) IS
  'Why the text of a rule of prices cannot be evaluated here; NULL: it can.';
