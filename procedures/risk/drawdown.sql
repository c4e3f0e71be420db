-- reads trading.portfolio_snapshots; writes risk.peaks when p_keep
CREATE OR REPLACE FUNCTION risk.drawdown(p_portfolio_id int, p_profit numeric, p_deposits numeric, p_at timestamptz, p_keep boolean)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_peak numeric := risk.peak(p_portfolio_id, p_profit, p_at, p_keep);
BEGIN
  RETURN (v_peak - p_profit) * 100 / nullif(greatest(v_peak + p_deposits, 0), 0);
END
$$;
COMMENT ON FUNCTION risk.drawdown(int, numeric, numeric, timestamptz, boolean) IS
  'Percent by which a portfolio is below the equity that it would have at its highest profit with today''s deposits. p_profit and p_deposits are those of risk.profit.';
REVOKE ALL ON FUNCTION risk.drawdown(int, numeric, numeric, timestamptz, boolean) FROM PUBLIC;
