-- writes risk.breaches, risk.halts, risk.locks, risk.peaks, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.record_verdicts(p_order internal.order_terms, p_decision internal.order_decision)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_rules internal.rule_result := p_decision.rules;
  v_peak  risk.peaks := v_rules.peak;
BEGIN
  IF v_rules.verdicts IS NOT NULL THEN
    PERFORM internal.record_breaches(p_order.portfolio_id, p_decision.number, p_order.agent_id, p_order.at,
                                     p_decision.exchange_id, v_rules.verdicts);
  END IF;
  IF v_peak.portfolio_id IS NOT NULL THEN
    INSERT INTO risk.peaks AS k (portfolio_id, profit, since, bucket)
    VALUES (v_peak.portfolio_id, v_peak.profit, v_peak.since, v_peak.bucket)
    ON CONFLICT ON CONSTRAINT peaks_pkey DO UPDATE SET profit = EXCLUDED.profit, bucket = EXCLUDED.bucket;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.record_verdicts(internal.order_terms, internal.order_decision) IS
  'Keeps the rules that an order broke, does what their actions say beyond refusing it, and remembers the highest '
  'profit of its portfolio.';
