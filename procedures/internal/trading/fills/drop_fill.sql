-- writes ledger.portfolio_clocks, ops.events, trading.orders and what its triggers write; errors unless p_drop TR208,
-- TR210, TR220, TR247-TR249, TR401
CREATE OR REPLACE FUNCTION internal.drop_fill(
  p_report internal.fill_report, p_decision internal.fill_decision, p_drop boolean)
RETURNS internal.fill_result
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_result internal.fill_result;
  v_order  trading.orders := internal.find_order(p_report.portfolio_id, p_decision.target_id, NULL);
BEGIN
  IF NOT p_drop THEN
    RAISE EXCEPTION 'the fill was not booked: %', p_decision.reason
      USING ERRCODE = p_decision.code,
            DETAIL = format('Order %s, execution %s: %s at %s.', p_decision.target_id, p_report.execution_id,
                                                       p_report.quantity, p_report.price),
            HINT = CASE WHEN p_decision.code IN ('TR208', 'TR220', 'TR247', 'TR248', 'TR249')
                          THEN 'Compare it with the broker''s report. If the broker says so, it is a fact: '
                               'force => true books it and keeps what contradicts it.'
                        ELSE 'Compare the order with the broker''s report: SELECT * FROM trading.order_history.' END;
  END IF;
  PERFORM internal.lock_portfolio(p_report.portfolio_id);
  PERFORM internal.emit_event('fill.refused', p_report.at, p_report.portfolio_id, p_decision.instrument_id,
                              p_decision.target_id,
                              jsonb_build_object('client_order_id', v_order.client_order_id, 'code', p_decision.code,
                                                 'reason', p_decision.reason, 'quantity', p_report.quantity,
                                                 'price', p_report.price, 'execution_id', p_report.execution_id));
  IF p_decision.code = 'TR401' THEN
    -- An order that cannot be paid would fail again at every tick.
    v_order := internal.end_order(v_order, 'cancelled', p_decision.code, p_decision.reason, p_report.at);
  END IF;
  v_result.order_row := v_order;
  SELECT p.quantity, p.cost INTO v_result.position_quantity, v_result.position_cost FROM trading.positions AS p
   WHERE p.portfolio_id = v_order.portfolio_id AND p.instrument_id = v_order.instrument_id;
  v_result.links_changed := false;
  v_result.code := p_decision.code;
  v_result.reason := p_decision.reason;
  RETURN v_result;
END
$$;
COMMENT ON FUNCTION internal.drop_fill(internal.fill_report, internal.fill_decision, boolean) IS
  'What becomes of an execution that cannot be booked: dropped and journaled, or (p_drop false) an error with its '
  'code.';
