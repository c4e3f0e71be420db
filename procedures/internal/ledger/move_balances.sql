-- writes ledger.balances; the caller holds the portfolio's lock and writes the transfer; errors TR412
CREATE OR REPLACE FUNCTION internal.move_balances(
  p_portfolio_id int, p_debit_id smallint, p_credit_id smallint, p_posted numeric, p_pending numeric)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_found int;
BEGIN
  UPDATE ledger.balances AS b
     SET debits_posted = b.debits_posted + CASE b.account_id WHEN p_debit_id THEN p_posted ELSE 0 END,
         debits_pending = b.debits_pending + CASE b.account_id WHEN p_debit_id THEN p_pending ELSE 0 END,
         credits_posted = b.credits_posted + CASE b.account_id WHEN p_credit_id THEN p_posted ELSE 0 END,
         credits_pending = b.credits_pending + CASE b.account_id WHEN p_credit_id THEN p_pending ELSE 0 END
   WHERE b.portfolio_id = p_portfolio_id AND b.account_id IN (p_debit_id, p_credit_id);
  GET DIAGNOSTICS v_found = ROW_COUNT;
  IF v_found <> 2 THEN
    PERFORM internal.missing_balance(ARRAY[p_portfolio_id::bigint << 16 | p_debit_id,
                                           p_portfolio_id::bigint << 16 | p_credit_id]);
  END IF;
END
$$;
COMMENT ON FUNCTION internal.move_balances(int, smallint, smallint, numeric, numeric) IS
  'Books on both accounts of a transfer what it posts and what it makes pending (negative: frees). Error TR412.';
