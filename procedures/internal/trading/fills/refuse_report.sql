-- reads trading.orders, trading.fills; errors TR205, TR209, TR219
CREATE OR REPLACE FUNCTION internal.refuse_report(p_report internal.fill_report, p_fault text, p_broker text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_known trading.fills;
BEGIN
  CASE p_fault
  WHEN 'order' THEN
    PERFORM internal.find_order(p_report.portfolio_id, p_report.order_id, p_report.client_order_id);  -- says so
  WHEN 'report' THEN
    RAISE EXCEPTION 'a fill needs a positive quantity and price, a time, a broker and an execution_id'
      USING ERRCODE = 'TR219',
            DETAIL = format('quantity %s, price %s, fee %s, at %s, broker %L.', p_report.quantity, p_report.price,
                            p_report.fee, p_report.at, p_broker), HINT = 'Send what the broker reported.';
  WHEN 'execution' THEN
    SELECT * INTO v_known FROM trading.fills AS f
     WHERE f.portfolio_id = p_report.portfolio_id AND f.broker = p_broker AND f.execution_id = p_report.execution_id;
    RAISE EXCEPTION 'execution_id "%" was used for another fill', p_report.execution_id
      USING ERRCODE = 'TR209',
            DETAIL = format('Fill %s of order %s: %s at %s.', v_known.fill_id, v_known.order_id,
                            trim_scale(v_known.quantity), trim_scale(v_known.price)),
                            HINT = 'An execution counts once.';
  END CASE;
END
$$;
COMMENT ON FUNCTION internal.refuse_report(internal.fill_report, text, text) IS
  'Says what is wrong with the report of an execution: the fault that internal.decide_fills found. Errors TR205, '
  'TR209, TR219.';
