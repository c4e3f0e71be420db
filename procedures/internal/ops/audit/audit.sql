-- writes ops.audit_log
-- The row joins the chain when the transaction commits: until then it keeps nobody waiting.
CREATE OR REPLACE FUNCTION internal.audit(
  p_act text, p_object text, p_before jsonb DEFAULT NULL, p_after jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  INSERT INTO ops.audit_log (act, object, before, after) VALUES (p_act, p_object, p_before, p_after);
END
$$;
COMMENT ON FUNCTION internal.audit(text, text, jsonb, jsonb) IS
  'The one writer of the audit: who acts and from where is added, and the row is chained at commit. What is secret is '
  'left out by the caller.';
