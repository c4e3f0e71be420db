-- reads trading.portfolio_snapshots, market.exchanges
CREATE OR REPLACE FUNCTION internal.loss(
  p_portfolio_id int, p_metric risk.metric, p_exchange_id int, p_profit numeric, p_deposits numeric, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_start  timestamptz := internal.period_start(p_exchange_id, p_at, p_metric IN ('weekly_loss', 'weekly_loss_share'));
  v_before trading.portfolio_snapshots;
  v_lost   numeric;
BEGIN
  SELECT * INTO v_before FROM trading.portfolio_snapshots AS s
   WHERE s.portfolio_id = p_portfolio_id AND s.bucket < v_start AND s.at < v_start ORDER BY s.bucket DESC LIMIT 1;
  IF NOT FOUND THEN  -- nothing was earned before
    v_before.equity := p_deposits;
    v_before.net_deposits := p_deposits;
  END IF;
  v_lost := greatest(v_before.equity - v_before.net_deposits - p_profit, 0);
  RETURN CASE WHEN p_metric IN ('daily_loss', 'weekly_loss') THEN v_lost
              ELSE v_lost * 100 / nullif(greatest(v_before.equity, 0), 0) END;
END
$$;
COMMENT ON FUNCTION internal.loss(int, risk.metric, int, numeric, numeric, timestamptz) IS
  'What a portfolio lost since the day or week began, against the last snapshot before it: money, or percent of the '
  'equity then. p_profit and p_deposits are those of internal.profit.';
