-- locks ledger.books; errors TR211
CREATE OR REPLACE FUNCTION ledger.hold_books(p_portfolio_ids int[])
RETURNS SETOF xid8
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_book  ledger.books;
  v_found int := 0;
BEGIN
  FOR v_book IN SELECT b.* FROM ledger.books AS b WHERE b.portfolio_id = ANY (p_portfolio_ids) ORDER BY b.portfolio_id FOR UPDATE LOOP
    v_found := v_found + 1;
    RETURN NEXT v_book.stream_xid;
  END LOOP;
  IF v_found < (SELECT count(DISTINCT p) FROM unnest(p_portfolio_ids) AS p) THEN
    RAISE EXCEPTION 'unknown portfolio among %', p_portfolio_ids
      USING ERRCODE = 'TR211', DETAIL = format('%s books were found.', v_found), HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
END
$$;
COMMENT ON FUNCTION ledger.hold_books(int[]) IS
  'Locks portfolios until the transaction ends, without moving their event clocks, and returns the clocks in the order of the identifiers: who remembers other ones has missed a transition. Error TR211.';
REVOKE ALL ON FUNCTION ledger.hold_books(int[]) FROM PUBLIC;
