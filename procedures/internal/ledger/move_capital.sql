-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, ops.events; errors TR211, TR401, TR403, TR404,
-- TR406, TR409, TR701, TR702
CREATE OR REPLACE FUNCTION internal.move_capital(
  p_portfolio text, p_amount numeric, p_kind ledger.transfer_kind, p_currency text, p_at timestamptz, p_reference text)
RETURNS SETOF ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_portfolio trading.portfolios := internal.find_portfolio(p_portfolio);
  v_transfer  ledger.transfers;
  v_currency  text;
BEGIN
  IF NOT v_portfolio.is_paper THEN
    PERFORM internal.require_staff('money of portfolios at brokers');
  END IF;
  PERFORM internal.require_amount(p_amount);
  PERFORM internal.require_reference(p_reference);
  PERFORM internal.lock_portfolio(v_portfolio.portfolio_id);
  v_currency := coalesce(p_currency, v_portfolio.currency);
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio.portfolio_id AND t.reference = p_reference;
  IF FOUND THEN
    IF (v_transfer.amount, v_transfer.kind, v_transfer.currency::text)
       IS DISTINCT FROM (p_amount, p_kind, v_currency) THEN
      RAISE EXCEPTION 'reference "%" was used for another transfer', p_reference
        USING ERRCODE = 'TR406',
              DETAIL = format('It was a %s of %s %s.', v_transfer.kind, trim_scale(v_transfer.amount),
                              v_transfer.currency),
              HINT = 'Use a new reference for a new transfer.';
    END IF;
    RETURN NEXT v_transfer;
    RETURN;
  END IF;
  IF p_kind = 'deposit' THEN
    PERFORM internal.open_accounts(v_portfolio.portfolio_id, v_currency);
  END IF;
  v_transfer := internal.post(v_portfolio.portfolio_id, v_currency,
                              CASE p_kind WHEN 'deposit' THEN 'capital' ELSE 'cash' END::ledger.account_kind,
                              CASE p_kind WHEN 'deposit' THEN 'cash' ELSE 'capital' END::ledger.account_kind,
                              p_amount, p_kind, p_at, p_reference);
  PERFORM internal.emit_event('ledger.' || p_kind, p_at, v_portfolio.portfolio_id,
                         p_payload => jsonb_build_object('transfer_id', v_transfer.transfer_id, 'amount',
                                                         v_transfer.amount, 'currency', v_transfer.currency));
  PERFORM internal.ring_doorbell(v_portfolio.portfolio_id);
  RETURN NEXT v_transfer;
END
$$;
COMMENT ON FUNCTION internal.move_capital(text, numeric, ledger.transfer_kind, text, timestamptz, text) IS
  'What ledger.deposit and ledger.withdraw share. Errors TR211, TR401, TR403, TR404, TR406, TR409.';
