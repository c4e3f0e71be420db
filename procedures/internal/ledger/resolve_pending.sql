-- writes ledger.portfolio_clocks, ledger.transfers, ledger.holds, ledger.balances, ops.events; errors TR211, TR249,
-- TR403, TR405, TR406, TR409
CREATE OR REPLACE FUNCTION internal.resolve_pending(
  p_portfolio text, p_transfer_id bigint, p_amount numeric, p_state ledger.transfer_state, p_at timestamptz,
  p_reference text)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(p_portfolio, 'trade');
  v_pending      ledger.transfers;
  v_transfer     ledger.transfers;
  v_amount       numeric;
BEGIN
  PERFORM internal.require_amount(p_amount);
  PERFORM internal.require_reference(p_reference);
  PERFORM internal.require_event_time(p_at);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio_id AND t.reference = p_reference;
  IF FOUND THEN
    IF (v_transfer.pending_id, v_transfer.state) IS DISTINCT FROM (p_transfer_id, p_state)
       OR v_transfer.amount <> p_amount THEN
      RAISE EXCEPTION 'reference "%" was used for another transfer', p_reference
        USING ERRCODE = 'TR406',
              DETAIL = format('It was a %s of %s %s, %s.', v_transfer.kind, trim_scale(v_transfer.amount),
                              v_transfer.currency, v_transfer.state),
              HINT = 'Use a new reference for a new transfer.';
    END IF;
    RETURN v_transfer;
  END IF;
  SELECT * INTO v_pending FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio_id AND t.transfer_id = p_transfer_id;
  IF v_pending.state IS DISTINCT FROM 'pending' OR v_pending.order_id IS NOT NULL THEN
    RAISE EXCEPTION 'transfer % is not a pending one of ledger.hold', coalesce(p_transfer_id::text, 'NULL')
      USING ERRCODE = 'TR409',
            DETAIL = CASE WHEN v_pending.order_id IS NOT NULL
                            THEN format('It holds the money of order %s.', v_pending.order_id)
                                             ELSE format('It is %s.', coalesce(v_pending.state::text, 'unknown')) END,
            HINT = 'Orders free their money themselves: cancel the order.';
  END IF;
  SELECT coalesce(p_amount, r.remaining) INTO v_amount FROM ledger.holds AS r
   WHERE r.portfolio_id = v_portfolio_id AND r.transfer_id = p_transfer_id;
  IF FOUND AND (v_amount > 0) IS NOT TRUE THEN
    RAISE EXCEPTION 'an amount must be positive'
      USING ERRCODE = 'TR403', DETAIL = format('The amount is %s.', p_amount),
            HINT = 'To give it up, call ledger.void_pending(portfolio, transfer_id).';
  END IF;
  PERFORM internal.draw_hold(v_portfolio_id, p_transfer_id, v_amount);
  UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = v_portfolio_id
  RETURNING next_transfer_id - 1 INTO v_transfer.transfer_id;
  IF p_state = 'posted' THEN
    PERFORM internal.move_balances(v_portfolio_id, v_pending.debit_account_id, v_pending.credit_account_id, v_amount,
                                   0);
  END IF;
  INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind,
                                state, pending_id, reference, at)
  VALUES (v_portfolio_id, v_transfer.transfer_id, v_pending.debit_account_id, v_pending.credit_account_id, v_amount,
          v_pending.currency, v_pending.kind, p_state, p_transfer_id, p_reference, p_at)
  RETURNING * INTO v_transfer;
  -- A pending transfer is answered once: what was not posted is free.
  PERFORM internal.release_hold(v_portfolio_id, p_transfer_id, 0, p_at);
  PERFORM internal.emit_event('ledger.' || p_state, p_at, v_portfolio_id,
                         p_payload => jsonb_build_object('transfer_id', v_transfer.transfer_id, 'pending_id',
                                                         p_transfer_id, 'kind', v_transfer.kind, 'amount', v_amount,
                                                         'currency', v_transfer.currency));
  PERFORM internal.ring_doorbell(v_portfolio_id);
  RETURN v_transfer;
END
$$;
COMMENT ON FUNCTION internal.resolve_pending(text, bigint, numeric, ledger.transfer_state, timestamptz, text) IS
  'What ledger.post_pending and ledger.void_pending share. Errors TR211, TR249, TR403, TR405, TR406, TR409.';
