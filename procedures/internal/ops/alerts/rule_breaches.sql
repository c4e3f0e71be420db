-- reads what the rule's condition reads; errors: 57014 when somebody cancels
CREATE OR REPLACE FUNCTION internal.rule_breaches(
  p_rule ops.alert_rules, p_at timestamptz, p_limit int, OUT breaches internal.breach[], OUT code text, OUT error text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  breaches := ARRAY(
    SELECT (p_rule.rule_id, r.subject, min(r.portfolio), min(r.value), min(r.detail), false)::internal.breach
      FROM jsonb_to_recordset(
             internal.owner_rows(p_rule.owner, internal.rule_query(p_rule, p_at), p_rule.bound, p_limit))
           AS r (subject text, portfolio text, value float8, detail text)
     GROUP BY r.subject);
EXCEPTION
  WHEN query_canceled THEN
    IF internal.clock() - statement_timestamp() < nullif(current_setting('statement_timeout')::interval, '0') THEN
      RAISE;  -- it was not the time that had run out
    END IF;
    code := '57014';
    error := format('it took longer than statement_timeout (%s)', current_setting('statement_timeout'));
  WHEN OTHERS THEN
    -- Whatever is wrong with one rule, the others go on.
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, error = MESSAGE_TEXT;
    error := left(error, 500);
END
$$;
COMMENT ON FUNCTION internal.rule_breaches(ops.alert_rules, timestamptz, int) IS
  'What the condition of a rule finds, one of each subject; or the code and the words with which it failed.';
