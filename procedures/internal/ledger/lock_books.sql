-- locks ledger.books; errors TR211
CREATE OR REPLACE FUNCTION internal.lock_books(p_portfolio_ids int[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_found int;
BEGIN
  SELECT count(*) INTO v_found
    FROM (SELECT FROM ledger.books AS b WHERE b.portfolio_id = ANY (p_portfolio_ids) ORDER BY b.portfolio_id FOR NO KEY UPDATE) AS l;
  IF v_found < cardinality(p_portfolio_ids)
     AND EXISTS (SELECT FROM unnest(p_portfolio_ids) AS n (portfolio_id)
                  WHERE NOT EXISTS (SELECT FROM ledger.books AS b WHERE b.portfolio_id = n.portfolio_id)) THEN
    RAISE EXCEPTION 'unknown portfolio among %', p_portfolio_ids
      USING ERRCODE = 'TR211', DETAIL = format('%s of them have books.', v_found),
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.lock_books(int[]) IS
  'Locks portfolios, in the order of their identifiers, until the transaction ends. Their clocks move when something is written (internal.write_orders, internal.write_fills, ledger.lock_book). Error TR211.';
