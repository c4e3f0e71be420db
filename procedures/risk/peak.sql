-- reads trading.portfolio_snapshots; writes risk.peaks when p_keep
CREATE OR REPLACE FUNCTION risk.peak(p_portfolio_id int, p_profit numeric, p_at timestamptz, p_keep boolean)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_known  risk.peaks;
  v_peak   numeric;
  v_bucket timestamptz;
BEGIN
  SELECT * INTO v_known FROM risk.peaks AS k WHERE k.portfolio_id = p_portfolio_id;
  -- The last snapshot that was looked at may have been taken anew since. Nothing was earned yet when the portfolio was opened.
  SELECT greatest(v_known.profit, max(s.equity - s.net_deposits), p_profit, CASE WHEN v_known.profit IS NULL THEN 0 END),
         coalesce(max(s.bucket), v_known.bucket, '-infinity')
    INTO v_peak, v_bucket
    FROM trading.portfolio_snapshots AS s
   WHERE s.portfolio_id = p_portfolio_id AND s.bucket >= coalesce(v_known.bucket, '-infinity') AND s.at >= coalesce(v_known.since, '-infinity') AND s.at <= p_at;
  IF p_keep AND (v_peak, v_bucket) IS DISTINCT FROM (v_known.profit, v_known.bucket) THEN
    INSERT INTO risk.peaks AS k (portfolio_id, profit, since, bucket)
    VALUES (p_portfolio_id, v_peak, coalesce(v_known.since, '-infinity'), v_bucket)
    ON CONFLICT ON CONSTRAINT peaks_pkey DO UPDATE SET profit = EXCLUDED.profit, bucket = EXCLUDED.bucket;
  END IF;
  RETURN v_peak;
END
$$;
COMMENT ON FUNCTION risk.peak(int, numeric, timestamptz, boolean) IS
  'Highest profit of a portfolio in its snapshots and now, since its opening or since a person released its drawdown.';
REVOKE ALL ON FUNCTION risk.peak(int, numeric, timestamptz, boolean) FROM PUBLIC;
