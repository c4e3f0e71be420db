-- reads ledger.accounts, ledger.balances
CREATE OR REPLACE FUNCTION ledger.available(p_portfolio_id int, p_currency text)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT b.credits_posted - b.debits_posted - b.debits_pending
      FROM ledger.accounts AS a
      JOIN ledger.balances AS b USING (portfolio_id, account_id)
     WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_currency AND a.kind = 'cash'
  );
END
$$;
COMMENT ON FUNCTION ledger.available(int, text) IS
  'Cash in this currency that is neither spent nor reserved; NULL when the portfolio has no account in it.';
