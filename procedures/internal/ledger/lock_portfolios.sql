-- writes ledger.portfolio_clocks; errors TR211
CREATE OR REPLACE FUNCTION internal.lock_portfolios(p_portfolio_ids int[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int;
BEGIN
  FOR v_portfolio_id IN SELECT DISTINCT p FROM unnest(p_portfolio_ids) AS p ORDER BY 1 LOOP
    PERFORM internal.lock_portfolio(v_portfolio_id);
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.lock_portfolios(int[]) IS
  'Locks several portfolios in the order of their identifiers: calls in array form begin with it, so that two of them '
  'never wait for each other. Error TR211.';
