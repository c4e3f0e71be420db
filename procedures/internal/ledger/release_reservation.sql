-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances; the caller holds the portfolio's lock and writes
-- what the order still reserves
CREATE OR REPLACE FUNCTION internal.release_reservation(p_order trading.orders, p_amount numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_pending ledger.transfers;
BEGIN
  SELECT * INTO v_pending FROM ledger.transfers AS t
   WHERE t.portfolio_id = p_order.portfolio_id AND t.transfer_id = p_order.reservation_id;
  PERFORM internal.write_movements(ARRAY[ROW (p_order.portfolio_id, v_pending.debit_account_id,
                                              v_pending.credit_account_id, p_amount, v_pending.currency, v_pending.kind,
                                              NULL, 'voided', p_at, p_order.order_id, NULL, v_pending.transfer_id,
                                              v_pending.debit_account_id,
                                              v_pending.credit_account_id)::internal.movement]);
  UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = p_order.portfolio_id;
END
$$;
COMMENT ON FUNCTION internal.release_reservation(trading.orders, numeric, timestamptz) IS
  'Voids this much of what an order reserves.';
