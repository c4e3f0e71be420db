-- locks ledger.portfolio_clocks; errors TR211
CREATE OR REPLACE FUNCTION internal.lock_clocks(p_portfolio_ids int[])
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_found int;
  v_until timestamptz;
BEGIN
  SELECT count(*), min(k.marked_until) INTO v_found, v_until
    FROM (SELECT b.marked_until FROM ledger.portfolio_clocks AS b
           WHERE b.portfolio_id = ANY (p_portfolio_ids)
           ORDER BY b.portfolio_id FOR NO KEY UPDATE) AS k;
  IF v_found < cardinality(p_portfolio_ids) THEN
    RAISE EXCEPTION 'unknown portfolio among %', p_portfolio_ids
      USING ERRCODE = 'TR211', DETAIL = format('%s of them have clocks.', v_found),
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
  RETURN v_until;
END
$$;
COMMENT ON FUNCTION internal.lock_clocks(int[]) IS
  'Locks portfolios, each of them named once, in the order of their identifiers, until the transaction ends, and '
  'returns when the first day begins that is not marked yet (internal.mark_periods). Their clocks move '
  'when something is written (internal.write_orders, internal.write_fills, internal.lock_portfolio). Error TR211.';
