-- writes risk.breaches, risk.halts, risk.locks, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.record_breaches(
  p_portfolio_id int, p_order_id bigint, p_agent_id int, p_at timestamptz, p_exchange_id int, p_verdicts risk.verdict[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_verdict risk.verdict;
  -- An order that waited for an approval or its parent is decided later, and one that grows again.
  v_before  int := (SELECT coalesce(max(b.number), 0)
                      FROM risk.breaches AS b
                     WHERE b.portfolio_id = p_portfolio_id AND b.order_id = p_order_id);
BEGIN
  INSERT INTO risk.breaches (portfolio_id, order_id, number, code, limit_id, scope, metric, action, figure, bound,
                             reason, at)
  SELECT p_portfolio_id, p_order_id, v_before + v.number, v.code, CASE WHEN v.rule <> 'lock' THEN v.limit_id END,
         v.scope, v.metric, v.action, v.figure, v.bound, v.reason, p_at
    FROM unnest(p_verdicts) WITH ORDINALITY AS v (code, rule, scope, limit_id, metric, figure, bound, action, is_breach,
                                                  reason, number);
  FOREACH v_verdict IN ARRAY p_verdicts LOOP
    IF v_verdict.action IN ('reduce_only', 'halt') THEN
      -- What one portfolio did strikes nobody else, also when the limit is the whole system's. A loss of the day or
      -- week ends with it.
      PERFORM internal.put_state(
        CASE v_verdict.action WHEN 'halt' THEN 'halted' ELSE 'reducing' END::risk.trading_state,
        CASE WHEN v_verdict.scope IN ('agent', 'strategy') THEN 'agent' ELSE 'portfolio' END::risk.scope,
        CASE WHEN v_verdict.scope IN ('agent', 'strategy') THEN p_agent_id ELSE p_portfolio_id END, NULL,
        v_verdict.reason, p_at,
        CASE WHEN v_verdict.action = 'halt' THEN NULL
             WHEN v_verdict.metric IN ('daily_loss', 'daily_loss_share')
               THEN internal.period_start(p_exchange_id,
                                          internal.period_start(p_exchange_id, p_at, false) + interval '36 hours',
                                          false)
             WHEN v_verdict.metric IN ('weekly_loss', 'weekly_loss_share')
               THEN internal.period_start(p_exchange_id,
                                          internal.period_start(p_exchange_id, p_at, true) + interval '180 hours',
                                          true) END,
        v_verdict.metric);
    ELSIF v_verdict.metric = 'drawdown' AND v_verdict.action = 'reject' THEN
      PERFORM internal.put_lock(p_portfolio_id, NULL, NULL, v_verdict.code, v_verdict.limit_id, v_verdict.reason, p_at,
                                'infinity');
    END IF;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.record_breaches(int, bigint, int, timestamptz, int, risk.verdict[]) IS
  'Keeps the rules that an order broke, and does what their actions say beyond refusing it.';
