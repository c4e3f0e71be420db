-- writes what internal.raise_cash and internal.revalue_portfolio write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.fund_fill(p_reports internal.fill_report[], p_decision internal.fill_decision)
RETURNS internal.fill_decision[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_report   internal.fill_report := p_reports[1];
  v_currency text;
  v_advanced numeric;
  v_decision internal.fill_decision;
BEGIN
  SELECT i.currency INTO v_currency FROM market.instruments AS i WHERE i.instrument_id = p_decision.instrument_id;
  v_advanced := internal.raise_cash(v_report.portfolio_id, v_currency, p_decision.lacking, NULL,
                                    format('execution %s of order %s: %s', v_report.execution_id, p_decision.target_id,
                                           p_decision.reason), v_report.at, p_decision.target_id);
  IF v_advanced > 0 THEN
    PERFORM internal.revalue_portfolio(v_report.portfolio_id, v_report.at);
  END IF;
  v_decision := (internal.decide_fills(p_reports))[1];
  IF v_decision.code IS NULL THEN
    v_decision.objections := v_decision.objections
      || ROW ('TR401', format('%s; %s', p_decision.reason,
                              CASE v_advanced WHEN 0 THEN 'open orders gave up the rest'
                                              ELSE format('%s were advanced as capital', trim_scale(v_advanced)) END)
             )::internal.objection;
  END IF;
  RETURN ARRAY[v_decision];
END
$$;
COMMENT ON FUNCTION internal.fund_fill(internal.fill_report[], internal.fill_decision) IS
  'Finds the cash that a fact lacks (p_decision.lacking), and decides it again: what a broker has done is paid, by the '
  'reservations of other orders or else by the broker. p_reports is that one report.';
