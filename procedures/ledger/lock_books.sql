-- writes ledger.books; errors TR211
CREATE OR REPLACE FUNCTION ledger.lock_books(p_portfolio_ids int[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int;
BEGIN
  FOR v_portfolio_id IN SELECT DISTINCT p FROM unnest(p_portfolio_ids) AS p ORDER BY 1 LOOP
    PERFORM ledger.lock_book(v_portfolio_id);
  END LOOP;
END
$$;
COMMENT ON FUNCTION ledger.lock_books(int[]) IS
  'Locks several portfolios in the order of their identifiers: calls in array form begin with it, so that two of them never wait for each other. Error TR211.';
REVOKE ALL ON FUNCTION ledger.lock_books(int[]) FROM PUBLIC;
