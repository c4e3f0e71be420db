-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances; errors TR249, TR401, TR403, TR412
CREATE OR REPLACE FUNCTION internal.post(
  p_portfolio_id int, p_currency text, p_debit ledger.account_kind, p_credit ledger.account_kind, p_amount numeric,
  p_kind ledger.transfer_kind, p_at timestamptz, p_reference text DEFAULT NULL, p_order_id bigint DEFAULT NULL,
  p_fill_id bigint DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_debit_id  smallint := internal.account_id(p_portfolio_id, p_currency, p_debit);
  v_credit_id smallint := internal.account_id(p_portfolio_id, p_currency, p_credit);
  v_transfer  ledger.transfers;
  v_free      numeric;
  v_amount    numeric := round(p_amount, 8);
BEGIN
  PERFORM internal.require_event_time(p_at);
  IF (v_amount > 0 AND v_amount < 1e20) IS NOT TRUE THEN
    RAISE EXCEPTION 'an amount must be positive'
      USING ERRCODE = 'TR403', DETAIL = format('The amount is %s.', coalesce(p_amount::text, 'NULL')),
            HINT = 'To move money the other way, swap the accounts.';
  END IF;
  PERFORM internal.lock_portfolio(p_portfolio_id);
  SELECT b.credits_posted - b.debits_posted - b.debits_pending INTO v_free
    FROM ledger.balances AS b
   WHERE b.portfolio_id = p_portfolio_id AND b.account_id = v_debit_id AND NOT b.may_overdraw;
  IF v_free < v_amount THEN
    RAISE EXCEPTION 'insufficient funds'
      USING ERRCODE = 'TR401',
            DETAIL = format('%s %s are available, %s are needed.', trim_scale(v_free), p_currency,
                            trim_scale(v_amount)),
            HINT = 'Deposit money, or cancel open buy orders, which hold cash.';
  END IF;
  UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = p_portfolio_id
  RETURNING next_transfer_id - 1 INTO v_transfer.transfer_id;
  PERFORM internal.move_balances(p_portfolio_id, v_debit_id, v_credit_id, v_amount, 0);
  INSERT INTO ledger.transfers
         (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id,
          fill_id, reference, at)
  VALUES (p_portfolio_id, v_transfer.transfer_id, v_debit_id, v_credit_id, v_amount, p_currency, p_kind, 'posted',
          p_order_id, p_fill_id, p_reference, p_at)
  RETURNING * INTO v_transfer;
  RETURN v_transfer;
END
$$;
COMMENT ON FUNCTION internal.post(
  int, text, ledger.account_kind, ledger.account_kind, numeric, ledger.transfer_kind, timestamptz, text, bigint,
  bigint) IS
  'Moves money between two accounts of a portfolio. Errors TR401, TR403, TR404, TR412.';
