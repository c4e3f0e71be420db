-- locks ledger.portfolio_clocks; errors TR211, 55P03 (lock_not_available)
CREATE OR REPLACE FUNCTION ledger.lock_portfolios(p_portfolio_ids int[], p_patience interval DEFAULT NULL)
RETURNS SETOF bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_clock   ledger.portfolio_clocks;
  v_found   int := 0;
  v_timeout text := current_setting('lock_timeout');
BEGIN
  IF p_patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM p_patience) * 1000)::int::text, true);
  END IF;
  FOR v_clock IN
    SELECT b.*
    FROM ledger.portfolio_clocks AS b
    WHERE b.portfolio_id = ANY (p_portfolio_ids)
    ORDER BY b.portfolio_id
    FOR UPDATE
    LOOP
    v_found := v_found + 1;
    RETURN NEXT v_clock.transitions;
  END LOOP;
  IF p_patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', v_timeout, true);
  END IF;
  IF v_found < (SELECT count(DISTINCT p) FROM unnest(p_portfolio_ids) AS p) THEN
    RAISE EXCEPTION 'unknown portfolio among %', p_portfolio_ids
      USING ERRCODE = 'TR211', DETAIL = format('%s of them were found.', v_found),
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
END
$$;
COMMENT ON FUNCTION ledger.lock_portfolios(int[], interval) IS
  'Locks portfolios until the transaction ends, without moving their clocks, and returns their numbers of transitions '
  'in the order of the identifiers: who remembers other ones has missed one. Waits at most p_patience for each '
  'portfolio (NULL: as long as it takes; then lock_not_available). Error TR211.';
REVOKE ALL ON FUNCTION ledger.lock_portfolios(int[], interval) FROM PUBLIC;
