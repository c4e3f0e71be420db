-- reads ledger.balances; errors TR211, TR404
CREATE OR REPLACE FUNCTION trading.check_available_funds(portfolio text, amount numeric, currency text DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios;
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p
   WHERE p.portfolio_id = trading.portfolio_id(check_available_funds.portfolio);
  RETURN ledger.available(v_portfolio.portfolio_id,
                          coalesce(check_available_funds.currency,
                                   v_portfolio.currency)) >= check_available_funds.amount;
END
$$;
COMMENT ON FUNCTION trading.check_available_funds(text, numeric, text) IS
  'Whether this much cash is neither spent nor reserved; NULL when there is no account in the currency. The order '
  'trigger asks the same under the portfolio''s lock. Error TR211.';
