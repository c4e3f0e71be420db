-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, ops.events; errors TR211, TR401, TR403, TR404,
-- TR406, TR409
CREATE OR REPLACE FUNCTION ledger.record_interest(
  portfolio text, amount numeric, currency text DEFAULT NULL, at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios := internal.find_portfolio(record_interest.portfolio);
  v_currency  text := coalesce(record_interest.currency, v_portfolio.currency);
  v_debit     ledger.account_kind := CASE WHEN record_interest.amount < 0 THEN 'cash'
                                          ELSE 'income' END::ledger.account_kind;
  v_credit    ledger.account_kind := CASE WHEN record_interest.amount < 0 THEN 'income'
                                          ELSE 'cash' END::ledger.account_kind;
  v_transfer  ledger.transfers;
BEGIN
  PERFORM internal.require_amount(record_interest.amount);
  PERFORM internal.require_reference(record_interest.reference);
  PERFORM internal.lock_portfolio(v_portfolio.portfolio_id);
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio.portfolio_id AND t.reference = record_interest.reference;
  IF FOUND THEN
    IF (v_transfer.kind, v_transfer.amount, v_transfer.currency::text, v_transfer.debit_account_id)
       IS DISTINCT FROM ('interest'::ledger.transfer_kind, abs(record_interest.amount), v_currency,
                         internal.account_id(v_portfolio.portfolio_id, v_currency, v_debit)) THEN
      RAISE EXCEPTION 'reference "%" was used for another transfer', record_interest.reference
        USING ERRCODE = 'TR406',
              DETAIL = format('It was a %s of %s %s.', v_transfer.kind, trim_scale(v_transfer.amount),
                              v_transfer.currency),
              HINT = 'Use a new reference for a new transfer.';
    END IF;
    RETURN v_transfer;
  END IF;
  v_transfer := internal.post(v_portfolio.portfolio_id, v_currency, v_debit, v_credit, abs(record_interest.amount),
                              'interest', record_interest.at, record_interest.reference);
  PERFORM internal.emit_event('ledger.interest', record_interest.at, v_portfolio.portfolio_id,
                         p_payload => jsonb_build_object('transfer_id', v_transfer.transfer_id, 'amount',
                                                         record_interest.amount, 'currency', v_currency));
  PERFORM internal.ring_doorbell(v_portfolio.portfolio_id);
  RETURN v_transfer;
END
$$;
COMMENT ON FUNCTION ledger.record_interest(text, numeric, text, timestamptz, text) IS
  'Books interest in the portfolio''s currency unless another is given: received when positive, paid when negative. '
  'The same reference again answers the first transfer. Errors TR211, TR401, TR403, TR404, TR406, TR409.';
REVOKE ALL ON FUNCTION ledger.record_interest(text, numeric, text, timestamptz, text) FROM PUBLIC;
