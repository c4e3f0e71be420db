-- reads trading.portfolios; writes risk.peaks
CREATE OR REPLACE FUNCTION internal.reset_peak(p_portfolio_id int, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  INSERT INTO risk.peaks AS k (portfolio_id, profit, since, bucket)
  SELECT p.portfolio_id, r.profit, p_at, '-infinity'
    FROM trading.portfolios AS p CROSS JOIN LATERAL internal.profit(p.portfolio_id, p.currency, p_at) AS r
   WHERE p.portfolio_id = p_portfolio_id
  ON CONFLICT
    ON CONSTRAINT peaks_pkey DO UPDATE SET profit = EXCLUDED.profit, since = EXCLUDED.since, bucket = EXCLUDED.bucket;
END
$$;
COMMENT ON FUNCTION internal.reset_peak(int, timestamptz) IS
  'Lets the drawdown of a portfolio count anew from its equity at this time.';
