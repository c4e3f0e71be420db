-- locks ledger.portfolio_clocks; writes risk.period_marks, trading.positions, trading.portfolio_values; errors TR211,
-- TR249
CREATE OR REPLACE FUNCTION trading.update_portfolio_value(portfolio text, at timestamptz DEFAULT now())
RETURNS trading.portfolio_values
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(update_portfolio_value.portfolio, 'trade');
BEGIN
  PERFORM internal.require_event_time(update_portfolio_value.at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  PERFORM internal.mark_periods(v_portfolio_id, update_portfolio_value.at);
  RETURN internal.revalue_portfolio(v_portfolio_id, update_portfolio_value.at);
END
$$;
COMMENT ON FUNCTION trading.update_portfolio_value(text, timestamptz) IS
  'Values a portfolio at the latest quotes and returns the valuation. Errors TR211, TR249.';
REVOKE ALL ON FUNCTION trading.update_portfolio_value(text, timestamptz) FROM PUBLIC;
