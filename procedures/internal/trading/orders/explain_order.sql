-- reads what internal.decide_orders reads, and risk.breaches; writes nothing; errors those of internal.refuse_terms for
-- an order that is new
CREATE OR REPLACE FUNCTION internal.explain_order(p_order internal.order_terms)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text,
               reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_decision internal.order_decision := (internal.decide_orders(ARRAY[p_order], NULL, true))[1];
  v_rules    internal.rule_result := v_decision.rules;
BEGIN
  IF v_decision.fault IS NOT NULL THEN
    PERFORM internal.refuse_terms(p_order, v_decision.fault);
  END IF;
  -- What was recorded when it was submitted, and then what each rule says now.
  RETURN QUERY
    SELECT coalesce(b.metric::text, CASE WHEN b.scope IS NULL THEN 'lock' ELSE 'state' END), b.scope,
           trim_scale(b.figure), trim_scale(b.bound), b.action,
           'at submission: ' || CASE b.action WHEN 'warn' THEN 'warned' ELSE 'rejected' END, b.code, b.reason
      FROM risk.breaches AS b
     WHERE b.portfolio_id = p_order.portfolio_id AND b.order_id = p_order.order_id
     ORDER BY b.number;
  IF NOT EXISTS (SELECT FROM unnest(v_rules.verdicts) AS v WHERE v.rule = 'state') THEN
    RETURN QUERY SELECT 'state', NULL::risk.scope, NULL::numeric, NULL::numeric, NULL::risk.action, 'passes',
      NULL::text, 'active';
  END IF;
  RETURN QUERY
    SELECT v.rule, v.scope, trim_scale(v.figure), trim_scale(v.bound), v.action,
           CASE WHEN v.is_breach THEN CASE v.action WHEN 'warn' THEN 'warns' ELSE 'rejects' END
                WHEN v_decision.opening = 0 AND v.rule <> 'price_collar' THEN 'passes: only reduces'
                WHEN v.figure IS NULL THEN 'passes: does not concern it' ELSE 'passes' END,
           CASE WHEN v.is_breach THEN v.code END, v.reason
      FROM unnest(v_rules.verdicts) AS v;
  -- What no rule says: the market, holdings or funds refuse it.
  IF v_decision.code NOT LIKE 'TR3%' THEN
    RETURN QUERY SELECT 'order', NULL::risk.scope, NULL::numeric, NULL::numeric, NULL::risk.action, 'rejects',
                        v_decision.code, v_decision.reason;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.explain_order(internal.order_terms) IS
  'What the decision about an order says of each rule that concerns it, and of what refuses it besides; before that '
  'the breaches that were recorded when it was submitted.';
