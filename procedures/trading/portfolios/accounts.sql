-- reads ledger.accounts, ledger.balances, trading.portfolios
CREATE OR REPLACE FUNCTION trading.accounts(portfolio_ids int[])
RETURNS TABLE (portfolio_id int, cash numeric, available numeric, margin numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
-- Asked after each order of a runner: planning would take longer than the rows.
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT p.portfolio_id, b.credits_posted - b.debits_posted, b.credits_posted - b.debits_posted - b.debits_pending,
           coalesce(m.credits_posted - m.debits_posted, 0)
      FROM trading.portfolios AS p
      JOIN ledger.accounts AS a ON a.portfolio_id = p.portfolio_id AND a.currency = p.currency AND a.kind = 'cash'
      JOIN ledger.balances AS b ON b.portfolio_id = a.portfolio_id AND b.account_id = a.account_id
      LEFT JOIN ledger.accounts AS n
        ON n.portfolio_id = p.portfolio_id AND n.currency = p.currency AND n.kind = 'margin'
      LEFT JOIN ledger.balances AS m ON m.portfolio_id = n.portfolio_id AND m.account_id = n.account_id
     WHERE p.portfolio_id = ANY ($1);
END
$$;
COMMENT ON FUNCTION trading.accounts(int[]) IS
  'Cash of portfolios in their own currency: all that is posted, and what of it is not reserved; and the collateral '
  'that is posted for positions.';
