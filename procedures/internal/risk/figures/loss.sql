-- reads what internal.result_before reads
CREATE OR REPLACE FUNCTION internal.loss(
  p_portfolio_id int, p_currency text, p_metric risk.metric, p_exchange_id int, p_now internal.portfolio_result,
  p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_before internal.portfolio_result := internal.result_before(p_portfolio_id, p_currency, p_metric, p_exchange_id,
                                                               p_at);
BEGIN
  RETURN CASE WHEN p_metric IN ('daily_loss', 'weekly_loss') THEN greatest(v_before.profit - p_now.profit, 0)
              WHEN v_before.index > 0 THEN greatest(1 - p_now.index / v_before.index, 0) * 100 END;
END
$$;
COMMENT ON FUNCTION internal.loss(
  int, text, risk.metric, int, internal.portfolio_result, timestamptz) IS
  'What a portfolio lost since the day or week of an exchange began: money, or percent of the index then, NULL when '
  'that was zero: who had lost everything. p_now is that of internal.performance.';
