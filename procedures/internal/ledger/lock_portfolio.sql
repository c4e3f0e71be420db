-- writes ledger.portfolio_clocks: the first lock of every transition of a portfolio; errors TR211
CREATE OR REPLACE FUNCTION internal.lock_portfolio(p_portfolio_id int)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_stream_xid xid8 := internal.stream_xid();
BEGIN
  -- One with a higher id may have gone before this transaction: then the clock stays where it is.
  UPDATE ledger.portfolio_clocks AS k
     SET stream_xid = greatest(k.stream_xid, v_stream_xid), transitions = k.transitions + 1
   WHERE k.portfolio_id = p_portfolio_id AND k.stream_xid <> v_stream_xid;
  IF FOUND THEN
    RETURN;
  END IF;
  -- The clock is this transaction's already. A batch locks its portfolio often, and each new version of the row would
  -- have to be passed by all later look-ups of the same transaction.
  PERFORM FROM ledger.portfolio_clocks WHERE portfolio_id = p_portfolio_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown portfolio %', coalesce(p_portfolio_id::text, 'NULL')
      USING ERRCODE = 'TR211', DETAIL = 'It has no clock.',
            HINT = 'Create portfolios with trading.create_portfolio(...).';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.lock_portfolio(int) IS
  'Locks the portfolio until the transaction ends and moves its event clock to this transaction. Every transition '
  'calls it before it looks. Error TR211.';
