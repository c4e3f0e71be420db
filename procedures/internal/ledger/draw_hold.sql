-- writes ledger.holds, ledger.balances; the caller writes the transfers that answer for the amount
CREATE OR REPLACE FUNCTION internal.draw_hold(p_portfolio_id int, p_transfer_id bigint, p_amount numeric)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_transfer  ledger.transfers;
  v_remaining numeric;
BEGIN
  SELECT r.remaining INTO v_remaining FROM ledger.holds AS r
   WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = p_transfer_id FOR UPDATE;
  IF (v_remaining >= p_amount AND p_amount > 0) IS NOT TRUE THEN
    RAISE EXCEPTION 'hold % cannot give %', p_transfer_id, p_amount
      USING ERRCODE = 'TR405', DETAIL = format('%s are left of it.', coalesce(v_remaining, 0)),
            HINT = 'Money that is held is posted or voided once.';
  END IF;
  IF v_remaining = p_amount THEN
    DELETE FROM ledger.holds WHERE portfolio_id = p_portfolio_id AND transfer_id = p_transfer_id;
  ELSE
    UPDATE ledger.holds
       SET remaining = remaining - p_amount
     WHERE portfolio_id = p_portfolio_id AND transfer_id = p_transfer_id;
  END IF;
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = p_portfolio_id AND t.transfer_id = p_transfer_id;
  PERFORM internal.move_balances(p_portfolio_id, v_transfer.debit_account_id, v_transfer.credit_account_id, 0,
                                 -p_amount);
END
$$;
COMMENT ON FUNCTION internal.draw_hold(int, bigint, numeric) IS
  'Takes an amount out of money that is held; its last part ends it. Error TR405 when it has less, or was used up.';
