-- reads what internal.decide_order reads, and risk.breaches; writes nothing; errors those of internal.decide_order for an order that is new
CREATE OR REPLACE FUNCTION internal.explain_order(p_order trading.orders, p_stop_loss numeric DEFAULT NULL)
RETURNS TABLE (rule text, scope risk.scope, figure numeric, bound numeric, action risk.action, verdict text, code text, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_order    trading.orders := p_order;
  v_fact     internal.order_facts := (internal.order_facts(ARRAY[p_order]))[1];
  v_position trading.positions := v_fact.position;
  v_decision internal.order_decision;
BEGIN
  IF v_order.status = 'new' THEN
    v_decision := internal.decide_order(v_order, v_fact, p_stop_loss, true);
  ELSE
    -- An order that is open already does not count twice, and one that is closed is judged as if it came again.
    v_position.quantity := coalesce(v_position.quantity, 0);
    v_position.open_buy_quantity := coalesce(v_position.open_buy_quantity, 0);
    v_position.open_sell_quantity := coalesce(v_position.open_sell_quantity, 0);
    IF v_order.closed_at IS NOT NULL THEN
      v_order.filled_quantity := 0;
    ELSE
      IF v_order.side = 'buy' THEN
        v_position.open_buy_quantity := greatest(v_position.open_buy_quantity - v_order.quantity + v_order.filled_quantity, 0);
      ELSE
        v_position.open_sell_quantity := greatest(v_position.open_sell_quantity - v_order.quantity + v_order.filled_quantity, 0);
      END IF;
      v_fact.available := v_fact.available + v_order.reserved;
    END IF;
    v_fact.position := v_position;
    v_decision := internal.judge_order(v_order, v_fact, p_stop_loss, true);
  END IF;

  -- What was recorded when it was submitted, and then what each rule says now.
  RETURN QUERY
    SELECT coalesce(b.metric::text, CASE WHEN b.scope IS NULL THEN 'lock' ELSE 'state' END), b.scope, b.figure, b.bound, b.action,
           'at submission: ' || CASE b.action WHEN 'warn' THEN 'warned' ELSE 'rejected' END, b.code, b.reason
      FROM risk.breaches AS b
     WHERE b.portfolio_id = p_order.portfolio_id AND b.order_id = p_order.order_id AND p_order.status <> 'new'
     ORDER BY b.number;
  IF NOT EXISTS (SELECT FROM unnest(v_decision.verdicts) AS v WHERE v.rule = 'state') THEN
    RETURN QUERY SELECT 'state', NULL::risk.scope, NULL::numeric, NULL::numeric, NULL::risk.action, 'passes', NULL::text, 'active';
  END IF;
  RETURN QUERY
    SELECT v.rule, v.scope, v.figure, v.bound, v.action,
           CASE WHEN v.is_breach THEN CASE v.action WHEN 'warn' THEN 'warns' ELSE 'rejects' END
                WHEN (v_decision.order_row).opening_quantity = 0 AND v.rule <> 'price_collar' THEN 'passes: only reduces'
                WHEN v.figure IS NULL THEN 'passes: does not concern it' ELSE 'passes' END,
           CASE WHEN v.is_breach THEN v.code END, v.reason
      FROM unnest(v_decision.verdicts) AS v;
  -- What no rule says: the market, holdings or funds refuse it.
  IF (v_decision.order_row).reason_code NOT LIKE 'TR3%' THEN
    RETURN QUERY SELECT 'order', NULL::risk.scope, NULL::numeric, NULL::numeric, NULL::risk.action, 'rejects',
                        (v_decision.order_row).reason_code, (v_decision.order_row).reason;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.explain_order(trading.orders, numeric) IS
  'What the decision about an order says of each rule that concerns it, and of what refuses it besides; before that the breaches that were recorded when it was submitted.';
