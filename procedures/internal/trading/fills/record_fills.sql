-- locks ledger.portfolio_clocks; writes what internal.write_fills writes, the orders that depend on those that
-- filled, ops.events; errors TR205, TR209, TR211, TR219, and unless p_drop TR208, TR210, TR220, TR247-TR249, TR401
CREATE OR REPLACE FUNCTION internal.record_fills(p_reports internal.fill_report[], p_drop boolean)
RETURNS internal.fill_result[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_results    internal.fill_result[];
  v_portfolios int[] := CASE cardinality(p_reports) WHEN 1 THEN ARRAY[p_reports[1].portfolio_id] END;
  v_reports    internal.fill_report[] := p_reports;
  v_decisions  internal.fill_decision[];
  v_decision   internal.fill_decision;
  v_fills      trading.fills[];
  v_done       int := 0;
  v_size       int := 500;
  v_count      int;
  v_until      timestamptz;
BEGIN
  IF cardinality(p_reports) <> 1 THEN
    v_portfolios := ARRAY(SELECT DISTINCT r.portfolio_id FROM unnest(p_reports) AS r);
  END IF;
  v_until := internal.lock_clocks(v_portfolios);
  FOR n IN 1 .. cardinality(p_reports) LOOP
    IF p_reports[n].at > v_until THEN
      PERFORM internal.mark_periods(p_reports[n].portfolio_id, p_reports[n].at);
    END IF;
  END LOOP;
  v_count := 1;
  LOOP
    IF cardinality(p_reports) = 1 THEN
      v_decisions := internal.decide_fills(p_reports);
    ELSE
      EXIT WHEN v_done >= cardinality(p_reports);
      v_reports := p_reports[v_done + 1 : v_done + v_size];
      v_decisions := internal.standing_fills(v_reports, internal.decide_fills(v_reports,
                                                                              internal.fills_ahead(v_reports)));
      v_count := cardinality(v_decisions);
      -- Where fills are alone or refused, the next ones may be, too.
      v_size := CASE WHEN v_count < cardinality(v_reports) THEN 8 ELSE least(4 * v_size, 500) END;
      v_reports := v_reports[: v_count];
    END IF;
    v_decision := v_decisions[v_count];
    IF v_decision.lacking IS NOT NULL THEN  -- alone, the first
      v_decisions := internal.fund_fill(v_reports, v_decision);
      v_decision := v_decisions[1];
    END IF;
    IF v_decision.fault IS NOT NULL THEN
      PERFORM internal.refuse_report(v_reports[v_count], v_decision);
    ELSIF v_decision.is_known OR v_decision.code IS NOT NULL THEN
      IF v_count > 1 THEN
        v_results := v_results || internal.fill_results(internal.write_fills(v_reports[: v_count - 1],
                                                                             v_decisions[: v_count - 1]));
      END IF;
      IF v_decision.is_known THEN
        v_results := v_results || internal.fill_results(ARRAY(
          SELECT f FROM trading.fills AS f WHERE f.portfolio_id = (v_reports[v_count]).portfolio_id
            AND f.order_id = v_decision.target_id AND f.execution_id = (v_reports[v_count]).execution_id));
      ELSE
        v_results := v_results || internal.drop_fill(v_reports[v_count], v_decision, p_drop);
      END IF;
    ELSE
      v_fills := internal.write_fills(v_reports, v_decisions);
      IF v_decision.objections IS NOT NULL THEN  -- alone
        PERFORM internal.follow_fill(v_fills[1]);
        PERFORM internal.record_objections(v_fills[1], v_decision.objections);
        v_results := v_results || internal.fill_results(v_fills, true);
      ELSIF cardinality(p_reports) = 1 AND NOT p_drop THEN
        v_results := ARRAY[ROW (v_fills[1], NULL, NULL, NULL, v_decision.is_linked
                                AND internal.follow_fill(v_fills[1]), NULL, NULL)::internal.fill_result];
      ELSIF v_decision.is_linked THEN
        v_results := v_results || internal.fill_results(v_fills, internal.follow_fill(v_fills[1]));
      ELSE
        v_results := v_results || internal.fill_results(v_fills);
      END IF;
    END IF;
    v_done := v_done + v_count;
    EXIT WHEN cardinality(p_reports) = 1;
  END LOOP;
  FOR n IN 1 .. cardinality(v_portfolios) LOOP
    PERFORM internal.ring_doorbell(v_portfolios[n]);
  END LOOP;
  RETURN v_results;
END
$$;
COMMENT ON FUNCTION internal.record_fills(internal.fill_report[], boolean) IS
  'Locks the portfolios of executions, keeps what they were worth where a day has begun since, decides one after the '
  'other, with the cash that the ones before leave, and writes them, and then what they mean for other orders. p_drop: '
  'one that cannot be booked is journaled as fill.refused and dropped (its order is cancelled when it is the cash that '
  'is missing); otherwise it is an error. One result for each, in their order; of a single one, not to be dropped, the '
  'fill alone. A fact that contradicts its order is booked, and what contradicts is kept. Errors TR118, TR205, TR208 '
  'to TR211, TR219, TR220, TR247 to TR249, TR401.';
