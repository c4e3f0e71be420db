-- reads risk.period_marks, ledger.portfolio_clocks, trading.portfolio_snapshots, market.exchanges and what
-- internal.performance reads
CREATE OR REPLACE FUNCTION internal.result_before(
  p_portfolio_id int, p_currency text, p_metric risk.metric, p_exchange_id int, p_at timestamptz)
RETURNS internal.portfolio_result
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_start  timestamptz := internal.period_start(p_exchange_id, p_at, p_metric IN ('weekly_loss', 'weekly_loss_share'));
  v_before internal.portfolio_result;
BEGIN
  SELECT m.profit, m.index INTO v_before.profit, v_before.index FROM risk.period_marks AS m
   WHERE m.portfolio_id = p_portfolio_id AND m.at = v_start;
  IF NOT FOUND THEN
    IF v_start >= (SELECT k.marked_until FROM ledger.portfolio_clocks AS k WHERE k.portfolio_id = p_portfolio_id) THEN
      -- Nothing was booked since: only prices and rates have moved.
      v_before := internal.performance(p_portfolio_id, p_currency, v_start, v_start);
    ELSE  -- it began before the portfolio or its exchange was known
      SELECT s.equity - s.net_deposits, s.index INTO v_before.profit, v_before.index
        FROM trading.portfolio_snapshots AS s
       WHERE s.portfolio_id = p_portfolio_id AND s.at <= v_start
       ORDER BY s.at DESC LIMIT 1;
    END IF;
  END IF;
  v_before.profit := coalesce(v_before.profit, 0);
  v_before.index := coalesce(v_before.index, 1);
  RETURN v_before;
END
$$;
COMMENT ON FUNCTION internal.result_before(int, text, risk.metric, int, timestamptz) IS
  'What a portfolio had made, and its index, when the day or week of an exchange began that a limit of losses counts '
  'from.';
