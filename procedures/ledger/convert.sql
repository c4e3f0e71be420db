-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, ledger.conversions, ops.events; errors TR211,
-- TR401, TR403, TR404, TR406 to TR409
CREATE OR REPLACE FUNCTION ledger.convert(
  portfolio text, amount numeric, from_currency text, to_currency text, rate numeric DEFAULT NULL,
  at timestamptz DEFAULT now(), reference text DEFAULT NULL)
RETURNS SETOF ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(convert.portfolio, 'trade');
  v_known        record;
  v_rate         numeric;
  v_from         ledger.transfers;
  v_to           ledger.transfers;
BEGIN
  PERFORM internal.require_amount(convert.amount);
  PERFORM internal.require_reference(convert.reference);
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT t.transfer_id, t.amount, t.currency::text AS from_currency, c.rate, c.to_transfer_id,
         n.currency::text AS to_currency
    INTO v_known
    FROM ledger.transfers AS t
    LEFT JOIN ledger.conversions AS c USING (portfolio_id, transfer_id)
    LEFT JOIN ledger.transfers AS n ON n.portfolio_id = t.portfolio_id AND n.transfer_id = c.to_transfer_id
   WHERE t.portfolio_id = v_portfolio_id AND t.reference = convert.reference;
  IF FOUND THEN
    IF (v_known.amount, v_known.from_currency, v_known.to_currency)
       IS DISTINCT FROM (convert.amount, convert.from_currency, convert.to_currency)
       OR v_known.rate <> round(convert.rate, 20) THEN
      RAISE EXCEPTION 'reference "%" was used for another transfer', convert.reference
        USING ERRCODE = 'TR406',
              DETAIL = format('Transfer %s of %s %s.', v_known.transfer_id, trim_scale(v_known.amount),
                              v_known.from_currency),
              HINT = 'Use a new reference for a new transfer.';
    END IF;
    RETURN QUERY SELECT t.* FROM ledger.transfers AS t
                  WHERE t.portfolio_id = v_portfolio_id
                    AND t.transfer_id IN (v_known.transfer_id, v_known.to_transfer_id)
                  ORDER BY t.transfer_id;
    RETURN;
  END IF;
  IF (convert.from_currency <> convert.to_currency
      AND coalesce(convert.rate, 1) BETWEEN 1e-15 AND 1e15) IS NOT TRUE THEN
    RAISE EXCEPTION 'a conversion needs two different currencies and a positive rate'
      USING ERRCODE = 'TR408',
            DETAIL = format('%L to %L at %s.', left(convert.from_currency, 16), left(convert.to_currency, 16),
                            convert.rate),
            HINT = 'Leave the rate out to take the one of ledger.exchange_rate(from_currency, to_currency, at).';
  END IF;
  v_rate := coalesce(round(convert.rate, 20),
                     ledger.exchange_rate(convert.from_currency, convert.to_currency, convert.at));
  -- The amount given is exact; what is received is rounded, and the difference is nobody's: each currency's books
  -- balance by themselves.
  v_from := internal.post(v_portfolio_id, convert.from_currency, 'cash', 'conversion', convert.amount, 'conversion',
                          convert.at, convert.reference);
  PERFORM internal.open_accounts(v_portfolio_id, convert.to_currency);
  v_to := internal.post(v_portfolio_id, convert.to_currency, 'conversion', 'cash', round(v_from.amount * v_rate, 8),
                        'conversion', convert.at);
  INSERT INTO ledger.conversions (portfolio_id, transfer_id, to_transfer_id, rate)
  VALUES (v_portfolio_id, v_from.transfer_id, v_to.transfer_id, v_rate);
  PERFORM internal.emit_event('ledger.conversion', convert.at, v_portfolio_id,
                         p_payload => jsonb_build_object('transfer_id', v_from.transfer_id, 'amount', v_from.amount,
                                                         'currency', v_from.currency, 'to_transfer_id',
                                                         v_to.transfer_id, 'to_amount', v_to.amount, 'to_currency',
                                                         v_to.currency, 'rate', v_rate));
  PERFORM internal.ring_doorbell(v_portfolio_id);
  RETURN NEXT v_from;
  RETURN NEXT v_to;
END
$$;
COMMENT ON FUNCTION ledger.convert(text, numeric, text, text, numeric, timestamptz, text) IS
  'Converts free cash at the rate given, or at the one in force, and returns both transfers; what is received is '
  'rounded half away from zero to eight decimals. The same reference again answers the first conversion. Errors TR211, '
  'TR401, TR403, TR404, TR406 to TR409.';
REVOKE ALL ON FUNCTION ledger.convert(text, numeric, text, text, numeric, timestamptz, text) FROM PUBLIC;
