-- locks ledger.portfolio_clocks, as far as nobody else does
CREATE OR REPLACE FUNCTION ledger.lock_free_portfolios(p_portfolio_ids int[])
RETURNS SETOF int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN QUERY
    SELECT b.portfolio_id FROM ledger.portfolio_clocks AS b
     WHERE b.portfolio_id = ANY (p_portfolio_ids)
     ORDER BY b.portfolio_id
       FOR UPDATE SKIP LOCKED;
END
$$;
COMMENT ON FUNCTION ledger.lock_free_portfolios(int[]) IS
  'Which of these portfolios no other transaction has locked, without waiting; those are locked until this transaction '
  'ends.';
REVOKE ALL ON FUNCTION ledger.lock_free_portfolios(int[]) FROM PUBLIC;
