-- writes ledger.portfolio_clocks, ledger.transfers, ledger.holds, ledger.balances; the caller holds the portfolio's
-- lock
CREATE OR REPLACE FUNCTION internal.release_hold(
  p_portfolio_id int, p_transfer_id bigint, p_keep numeric, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_amount numeric;
BEGIN
  SELECT r.remaining - p_keep INTO v_amount FROM ledger.holds AS r
   WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = p_transfer_id FOR UPDATE;
  IF v_amount IS NULL OR v_amount <= 0 THEN
    RETURN 0;
  END IF;
  PERFORM internal.draw_hold(p_portfolio_id, p_transfer_id, v_amount);
  WITH clock AS (
    UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = p_portfolio_id
    RETURNING next_transfer_id - 1 AS transfer_id)
  INSERT INTO ledger.transfers
         (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, pending_id,
          order_id, at)
  SELECT t.portfolio_id, clock.transfer_id, t.debit_account_id, t.credit_account_id, v_amount, t.currency, t.kind,
         'voided', t.transfer_id, t.order_id, p_at
    FROM ledger.transfers AS t CROSS JOIN clock
   WHERE t.portfolio_id = p_portfolio_id AND t.transfer_id = p_transfer_id;
  RETURN v_amount;
END
$$;
COMMENT ON FUNCTION internal.release_hold(int, bigint, numeric, timestamptz) IS
  'Voids what of held money is above the amount to keep, and returns how much that was; 0 when no more is held, or it '
  'is used up.';
