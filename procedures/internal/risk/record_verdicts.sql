-- writes risk.breaches, risk.halts, risk.locks, risk.peaks, ops.events; the caller holds the book's lock
CREATE OR REPLACE FUNCTION internal.record_verdicts(p_decision internal.order_decision)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  IF p_decision.verdicts IS NOT NULL THEN
    PERFORM risk.record_breaches(p_decision.order_row, p_decision.exchange_id, p_decision.verdicts);
  END IF;
  IF (p_decision.peak).portfolio_id IS NOT NULL THEN
    INSERT INTO risk.peaks AS k (portfolio_id, profit, since, bucket)
    VALUES ((p_decision.peak).portfolio_id, (p_decision.peak).profit, (p_decision.peak).since, (p_decision.peak).bucket)
    ON CONFLICT ON CONSTRAINT peaks_pkey DO UPDATE SET profit = EXCLUDED.profit, bucket = EXCLUDED.bucket;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.record_verdicts(internal.order_decision) IS
  'Keeps the rules that an order broke, does what their actions say beyond refusing it, and remembers the highest profit of its portfolio.';
