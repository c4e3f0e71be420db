-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances, ledger.reversals, ops.events; errors TR211, TR401,
-- TR409
CREATE OR REPLACE FUNCTION ledger.reverse_transfer(
  portfolio text, transfer_id bigint, reason text, at timestamptz DEFAULT now())
RETURNS SETOF ledger.transfers
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(reverse_transfer.portfolio, 'trade');
  v_ids          bigint[];
  v_transfer     ledger.transfers;
  v_mirror       ledger.transfers;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  SELECT * INTO v_transfer FROM ledger.transfers AS t
   WHERE t.portfolio_id = v_portfolio_id AND t.transfer_id = reverse_transfer.transfer_id;
  IF (v_transfer.state = 'posted'
      AND v_transfer.kind IN ('deposit', 'withdrawal', 'interest', 'dividend', 'borrow', 'conversion')
      AND reverse_transfer.reason ~ '[^[:space:]]') IS NOT TRUE THEN
    RAISE EXCEPTION 'transfer % cannot be reversed', coalesce(reverse_transfer.transfer_id::text, 'NULL')
      USING ERRCODE = 'TR409',
            DETAIL = format('It is %s; the reason is %s.',
                            coalesce(v_transfer.kind || ', ' || v_transfer.state, 'unknown'),
                            coalesce(quote_literal(left(reverse_transfer.reason, 40)), 'NULL')),
            HINT = 'Posted deposits, withdrawals, interest, dividends, borrow charges and conversions are reversed, '
                   'with a reason; fills are busted, pending transfers voided.';
  END IF;
  -- A conversion is one thing with two transfers. The side that gives cash back goes first.
  SELECT ARRAY[c.to_transfer_id, c.transfer_id] INTO v_ids FROM ledger.conversions AS c
   WHERE c.portfolio_id = v_portfolio_id AND reverse_transfer.transfer_id IN (c.transfer_id, c.to_transfer_id);
  v_ids := coalesce(v_ids, ARRAY[reverse_transfer.transfer_id]);
  IF EXISTS (SELECT FROM ledger.reversals AS r WHERE r.portfolio_id = v_portfolio_id
                AND r.transfer_id = reverse_transfer.transfer_id) THEN
    RETURN QUERY SELECT t.*
      FROM ledger.reversals AS r
      JOIN ledger.transfers AS t ON t.portfolio_id = r.portfolio_id AND t.transfer_id = r.reversal_id
                  WHERE r.portfolio_id = v_portfolio_id AND r.transfer_id = ANY (v_ids) ORDER BY t.transfer_id;
    RETURN;
  END IF;
  FOR v_transfer IN
    SELECT t.*
      FROM unnest(v_ids) WITH ORDINALITY AS n (id, position)
      JOIN ledger.transfers AS t ON t.portfolio_id = v_portfolio_id AND t.transfer_id = n.id
     ORDER BY n.position
  LOOP
    v_mirror := internal.post(v_portfolio_id, v_transfer.currency,
                              (SELECT a.kind
                                 FROM ledger.accounts AS a
                                WHERE a.portfolio_id = v_portfolio_id AND a.account_id = v_transfer.credit_account_id),
                              (SELECT a.kind
                                 FROM ledger.accounts AS a
                                WHERE a.portfolio_id = v_portfolio_id AND a.account_id = v_transfer.debit_account_id),
                              v_transfer.amount, 'adjustment', reverse_transfer.at);
    INSERT INTO ledger.reversals (portfolio_id, transfer_id, reversal_id, reason)
    VALUES (v_portfolio_id, v_transfer.transfer_id, v_mirror.transfer_id, reverse_transfer.reason);
    PERFORM internal.emit_event('ledger.reversal', reverse_transfer.at, v_portfolio_id,
                           p_payload => jsonb_build_object('transfer_id', v_mirror.transfer_id, 'reverses',
                                                           v_transfer.transfer_id, 'kind', v_transfer.kind, 'amount',
                                                           v_mirror.amount, 'currency', v_mirror.currency, 'reason',
                                                           reverse_transfer.reason));
    RETURN NEXT v_mirror;
  END LOOP;
  PERFORM internal.ring_doorbell(v_portfolio_id);
END
$$;
COMMENT ON FUNCTION ledger.reverse_transfer(text, bigint, text, timestamptz) IS
  'Takes a posted deposit, withdrawal, interest, dividend or conversion (both its sides) back by its mirror image, '
  'once; calling it again answers the first reversal. Errors TR211, TR401, TR409.';
REVOKE ALL ON FUNCTION ledger.reverse_transfer(text, bigint, text, timestamptz) FROM PUBLIC;
