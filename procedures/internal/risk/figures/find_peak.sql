-- reads risk.peaks, trading.portfolio_snapshots
CREATE OR REPLACE FUNCTION internal.find_peak(p_portfolio_id int, p_profit numeric, p_at timestamptz)
RETURNS risk.peaks
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_known risk.peaks;
  v_peak  risk.peaks;
BEGIN
  SELECT * INTO v_known FROM risk.peaks AS k WHERE k.portfolio_id = p_portfolio_id;
  -- The last snapshot that was looked at may have been taken anew since. Nothing was earned yet when the portfolio was
  -- opened.
  SELECT greatest(v_known.profit, max(s.equity - s.net_deposits), p_profit,
                  CASE WHEN v_known.profit IS NULL THEN 0 END),
         coalesce(max(s.bucket), v_known.bucket, '-infinity')
    INTO v_peak.profit, v_peak.bucket
    FROM trading.portfolio_snapshots AS s
   WHERE s.portfolio_id = p_portfolio_id AND s.bucket >= coalesce(v_known.bucket, '-infinity')
     AND s.at >= coalesce(v_known.since, '-infinity') AND s.at <= p_at;
  v_peak.since := coalesce(v_known.since, '-infinity');
  IF (v_peak.profit, v_peak.bucket) IS DISTINCT FROM (v_known.profit, v_known.bucket) THEN
    v_peak.portfolio_id := p_portfolio_id;
  END IF;
  RETURN v_peak;
END
$$;
COMMENT ON FUNCTION internal.find_peak(int, numeric, timestamptz) IS
  'Highest profit of a portfolio in its snapshots and now, since its opening or since a person released its drawdown: '
  'the row of risk.peaks that says so. Its portfolio_id is NULL when that row is there already.';
