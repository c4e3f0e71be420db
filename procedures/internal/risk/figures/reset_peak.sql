-- reads trading.portfolios and what internal.performance reads; writes trading.portfolio_values
CREATE OR REPLACE FUNCTION internal.reset_peak(p_portfolio_id int, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  UPDATE trading.portfolio_values AS v
     SET limit_peak = (internal.performance(p.portfolio_id, p.currency, p_at)).index
    FROM trading.portfolios AS p
   WHERE p.portfolio_id = p_portfolio_id AND v.portfolio_id = p.portfolio_id;
END
$$;
COMMENT ON FUNCTION internal.reset_peak(int, timestamptz) IS
  'Lets the drawdown limits of a portfolio count anew from its index at this time.';
