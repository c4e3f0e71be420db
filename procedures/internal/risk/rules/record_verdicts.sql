-- writes risk.breaches, risk.halts, risk.locks, trading.portfolio_values, ops.events; the caller holds the
-- portfolio's lock
CREATE OR REPLACE FUNCTION internal.record_verdicts(p_order internal.order_terms, p_decision internal.order_decision)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rules internal.rule_result := p_decision.rules;
BEGIN
  IF v_rules.verdicts IS NOT NULL THEN
    PERFORM internal.record_breaches(p_order.portfolio_id, p_decision.number, p_order.agent_id, p_order.at,
                                     p_decision.exchange_id, v_rules.verdicts);
  END IF;
  IF v_rules.peak IS NOT NULL THEN
    UPDATE trading.portfolio_values SET limit_peak = greatest(limit_peak, v_rules.peak)
     WHERE portfolio_id = p_order.portfolio_id;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.record_verdicts(internal.order_terms, internal.order_decision) IS
  'Keeps the rules that an order broke, does what their actions say beyond refusing it, and remembers a new peak '
  'of its portfolio.';
