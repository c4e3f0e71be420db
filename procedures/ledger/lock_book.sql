-- writes ledger.books: the first lock of every transition of a portfolio; errors TR211
CREATE OR REPLACE FUNCTION ledger.lock_book(p_portfolio_id int)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE ledger.books SET stream_xid = greatest(stream_xid, pg_current_xact_id()) WHERE portfolio_id = p_portfolio_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown portfolio %', p_portfolio_id
      USING ERRCODE = 'TR211', DETAIL = 'It has no book.', HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
END
$$;
COMMENT ON FUNCTION ledger.lock_book(int) IS
  'Locks the portfolio until the transaction ends and moves its event clock to this transaction. Every transition calls it before it looks. Error TR211.';
REVOKE ALL ON FUNCTION ledger.lock_book(int) FROM PUBLIC;
