-- writes ledger.books, ledger.transfers, ledger.reservations, ledger.balances; the caller holds the book's lock and has checked the funds
CREATE OR REPLACE FUNCTION ledger.reserve(p_portfolio_id int, p_currency text, p_amount numeric, p_order_id bigint, p_at timestamptz, p_reserved_for ledger.account_kind)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_cash_id     smallint := ledger.account_id(p_portfolio_id, p_currency, 'cash');
  v_for_id      smallint := ledger.account_id(p_portfolio_id, p_currency, p_reserved_for);
  v_transfer_id bigint;
BEGIN
  UPDATE ledger.books SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = p_portfolio_id
  RETURNING next_transfer_id - 1 INTO v_transfer_id;
  INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, order_id, at)
  VALUES (p_portfolio_id, v_transfer_id, v_cash_id, v_for_id, p_amount, p_currency, 'reservation', 'pending', p_order_id, p_at);
  INSERT INTO ledger.reservations (portfolio_id, transfer_id, remaining) VALUES (p_portfolio_id, v_transfer_id, p_amount);
  UPDATE ledger.balances
     SET debits_pending = debits_pending + CASE account_id WHEN v_cash_id THEN p_amount ELSE 0 END,
         credits_pending = credits_pending + CASE account_id WHEN v_for_id THEN p_amount ELSE 0 END
   WHERE portfolio_id = p_portfolio_id AND account_id IN (v_cash_id, v_for_id);
  RETURN v_transfer_id;
END
$$;
COMMENT ON FUNCTION ledger.reserve(int, text, numeric, bigint, timestamptz, ledger.account_kind) IS
  'Reserves cash for an order as a pending transfer to the account that will receive it, and returns its number. The CHECK on the balance refuses what is not there.';
REVOKE ALL ON FUNCTION ledger.reserve(int, text, numeric, bigint, timestamptz, ledger.account_kind) FROM PUBLIC;
