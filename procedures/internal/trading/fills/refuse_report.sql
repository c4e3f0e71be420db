-- reads trading.orders, trading.fills, trading.portfolios; errors TR118, TR205, TR209, TR219
CREATE OR REPLACE FUNCTION internal.refuse_report(p_report internal.fill_report, p_decision internal.fill_decision)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_known trading.fills;
BEGIN
  CASE p_decision.fault
  WHEN 'order' THEN
    PERFORM internal.find_order(p_report.portfolio_id, p_report.order_id, p_report.client_order_id);  -- says so
  WHEN 'report' THEN
    RAISE EXCEPTION 'a fill needs a quantity and a price above zero with at most eight decimals, a time since the '
                    'portfolio was opened, a broker and an execution_id'
      USING ERRCODE = CASE WHEN p_report.price <= 0 THEN 'TR118' ELSE 'TR219' END,
            DETAIL = format('quantity %s, price %s, fee %s, at %s; the portfolio was opened at %s; broker %L, '
                            'execution_id %s.', p_report.quantity, p_report.price, p_report.fee, p_report.at,
                            (SELECT p.opened_at FROM trading.portfolios AS p
                              WHERE p.portfolio_id = p_report.portfolio_id), left(p_decision.at_broker, 40),
                            coalesce(quote_literal(left(p_report.execution_id, 40)), 'NULL')),
            HINT = 'Send what the broker reported; an execution_id has up to 256 printable characters and does not '
                   'begin with bust/.';
  WHEN 'execution' THEN
    SELECT * INTO v_known FROM trading.fills AS f
     WHERE f.portfolio_id = p_report.portfolio_id AND f.order_id = p_decision.target_id
       AND f.execution_id = p_report.execution_id;
    RAISE EXCEPTION 'execution_id "%" was used for another fill', p_report.execution_id
      USING ERRCODE = 'TR209',
            DETAIL = format('Fill %s of order %s at broker %s: %s at %s.', v_known.fill_id, v_known.order_id,
                            v_known.broker, trim_scale(v_known.quantity), trim_scale(v_known.price)),
            HINT = 'An execution counts once for an order; trading.correct_fill(...) corrects it.';
  END CASE;
END
$$;
COMMENT ON FUNCTION internal.refuse_report(internal.fill_report, internal.fill_decision) IS
  'Says what is wrong with the report of an execution: the fault that internal.decide_fills found. Errors TR118, '
  'TR205, TR209, TR219.';
