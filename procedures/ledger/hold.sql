-- writes ledger.portfolio_clocks, ledger.transfers, ledger.holds, ledger.balances, ops.events; errors TR211, TR249,
-- TR401, TR403, TR404, TR406, TR409
CREATE OR REPLACE FUNCTION ledger.hold(
  portfolio text, amount numeric, currency text DEFAULT NULL, kind ledger.transfer_kind DEFAULT 'withdrawal',
  at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios := internal.find_portfolio(hold.portfolio);
  v_currency  text := coalesce(hold.currency, v_portfolio.currency);
  v_amount    numeric := hold.amount;
  v_debit_id  smallint;
  v_credit_id smallint;
  v_free      numeric;
  v_transfer  ledger.transfers;
BEGIN
  PERFORM internal.require_amount(hold.amount);
  PERFORM internal.require_reference(hold.reference);
  PERFORM internal.require_event_time(hold.at);
  PERFORM internal.lock_portfolio(v_portfolio.portfolio_id);
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio.portfolio_id AND t.reference = hold.reference;
  IF FOUND THEN
    IF (v_transfer.amount, v_transfer.kind, v_transfer.currency::text, v_transfer.state)
       IS DISTINCT FROM (v_amount, hold.kind, v_currency, 'pending'::ledger.transfer_state) THEN
      RAISE EXCEPTION 'reference "%" was used for another transfer', hold.reference
        USING ERRCODE = 'TR406',
              DETAIL = format('It was a %s of %s %s, %s.', v_transfer.kind, trim_scale(v_transfer.amount),
                              v_transfer.currency, v_transfer.state),
              HINT = 'Use a new reference for a new transfer.';
    END IF;
    RETURN v_transfer;
  END IF;
  IF (hold.kind IN ('withdrawal', 'deposit')) IS NOT TRUE THEN
    RAISE EXCEPTION 'a % is not held', coalesce(hold.kind::text, 'NULL')
      USING ERRCODE = 'TR409',
            DETAIL = 'Orders reserve their money themselves; interest, dividends and conversions are booked when they '
                     'happen.',
            HINT = 'Hold a withdrawal, whose money is set aside, or a deposit, which is announced.';
  ELSIF (v_amount > 0 AND v_amount < 1e20) IS NOT TRUE THEN
    RAISE EXCEPTION 'an amount must be positive'
      USING ERRCODE = 'TR403', DETAIL = format('The amount is %s.', coalesce(hold.amount::text, 'NULL')),
            HINT = 'Say by its kind which way the money goes.';
  END IF;
  IF hold.kind = 'deposit' THEN
    PERFORM internal.open_accounts(v_portfolio.portfolio_id, v_currency);
  END IF;
  v_debit_id := internal.account_id(v_portfolio.portfolio_id, v_currency,
                                    CASE hold.kind WHEN 'deposit' THEN 'capital' ELSE 'cash' END::ledger.account_kind);
  v_credit_id := internal.account_id(v_portfolio.portfolio_id, v_currency,
                                     CASE hold.kind WHEN 'deposit' THEN 'cash' ELSE 'capital' END::ledger.account_kind);
  v_free := ledger.available(v_portfolio.portfolio_id, v_currency);
  IF hold.kind = 'withdrawal' AND v_free < v_amount THEN
    RAISE EXCEPTION 'insufficient funds'
      USING ERRCODE = 'TR401',
            DETAIL = format('%s %s are available, %s are needed.', trim_scale(v_free), v_currency,
                            trim_scale(v_amount)),
            HINT = 'Deposit money, or cancel open buy orders, which hold cash.';
  END IF;
  UPDATE ledger.portfolio_clocks
     SET next_transfer_id = next_transfer_id + 1
   WHERE portfolio_id = v_portfolio.portfolio_id
  RETURNING next_transfer_id - 1 INTO v_transfer.transfer_id;
  INSERT INTO ledger.transfers (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind,
                                state, reference, at)
  VALUES (v_portfolio.portfolio_id, v_transfer.transfer_id, v_debit_id, v_credit_id, v_amount, v_currency, hold.kind,
          'pending', hold.reference, hold.at)
  RETURNING * INTO v_transfer;
  INSERT INTO ledger.holds (portfolio_id, transfer_id, remaining)
  VALUES (v_portfolio.portfolio_id, v_transfer.transfer_id, v_amount);
  PERFORM internal.move_balances(v_portfolio.portfolio_id, v_debit_id, v_credit_id, 0, v_amount);
  PERFORM internal.emit_event('ledger.held', hold.at, v_portfolio.portfolio_id,
                         p_payload => jsonb_build_object('transfer_id', v_transfer.transfer_id, 'kind', hold.kind,
                                                         'amount', v_amount, 'currency', v_currency));
  PERFORM internal.ring_doorbell(v_portfolio.portfolio_id);
  RETURN v_transfer;
END
$$;
COMMENT ON FUNCTION ledger.hold(text, numeric, text, ledger.transfer_kind, timestamptz, text) IS
  'Books a pending withdrawal, whose money is set aside, or a pending deposit, which is announced and cannot be spent; '
  'ledger.post_pending or ledger.void_pending ends it, once. The same reference again answers the first transfer. '
  'Errors TR211, TR249, TR401, TR403, TR404, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.hold(text, numeric, text, ledger.transfer_kind, timestamptz, text) FROM PUBLIC;
