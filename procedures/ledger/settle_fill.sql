-- writes ledger.books, ledger.transfers, ledger.reservations, ledger.balances; the caller holds the book's lock and has checked the funds
CREATE OR REPLACE FUNCTION ledger.settle_fill(
  p_portfolio_id int, p_currency text, p_debits ledger.account_kind[], p_credits ledger.account_kind[], p_amounts numeric[],
  p_kinds ledger.transfer_kind[], p_components text[], p_reservation_id bigint, p_reserved_for ledger.account_kind, p_keep numeric,
  p_order_id bigint, p_fill_id bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c_kinds     CONSTANT ledger.account_kind[] := enum_range(NULL::ledger.account_kind);
  v_accounts  smallint[];                               -- the accounts of the currency, in the order of the kinds
  v_debited   numeric[] := array_fill(0::numeric, ARRAY[cardinality(c_kinds)]);
  v_credited  numeric[] := v_debited;
  v_remaining numeric;
  v_left      numeric := 0;                             -- what the reservation may still give
  v_freed     numeric := 0;                             -- all that leaves the reservation
  v_part      numeric;
  v_debit     int;
  v_credit    int;
  v_next      bigint;
  -- One element per transfer that is written.
  w_debits     smallint[] := ARRAY[]::smallint[];
  w_credits    smallint[] := ARRAY[]::smallint[];
  w_amounts    numeric[] := ARRAY[]::numeric[];
  w_kinds      ledger.transfer_kind[] := ARRAY[]::ledger.transfer_kind[];
  w_components text[] := ARRAY[]::text[];
  w_states     ledger.transfer_state[] := ARRAY[]::ledger.transfer_state[];
  w_pending    bigint[] := ARRAY[]::bigint[];
BEGIN
  SELECT array_agg(a.account_id ORDER BY a.kind) INTO v_accounts FROM ledger.accounts AS a
   WHERE a.portfolio_id = p_portfolio_id AND a.currency = p_currency;
  IF p_reservation_id IS NOT NULL THEN
    SELECT r.remaining INTO v_remaining FROM ledger.reservations AS r WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = p_reservation_id;
    v_left := greatest(v_remaining - p_keep, 0);
    v_freed := v_left;
  END IF;

  FOR n IN 1 .. cardinality(p_amounts) LOOP
    CONTINUE WHEN p_amounts[n] = 0;
    v_debit := array_position(c_kinds, p_debits[n]);
    v_credit := array_position(c_kinds, p_credits[n]);
    v_debited[v_debit] := v_debited[v_debit] + p_amounts[n];
    v_credited[v_credit] := v_credited[v_credit] + p_amounts[n];
    -- What the reservation covers is posted out of it; the rest of what costs more than foreseen comes from free cash.
    v_part := CASE p_debits[n] WHEN 'cash' THEN least(v_left, p_amounts[n]) ELSE 0 END;
    v_left := v_left - v_part;
    IF v_part > 0 THEN
      w_debits := w_debits || v_accounts[v_debit];
      w_credits := w_credits || v_accounts[v_credit];
      w_amounts := w_amounts || v_part;
      w_kinds := w_kinds || p_kinds[n];
      w_components := w_components || p_components[n];
      w_states := w_states || 'posted'::ledger.transfer_state;
      w_pending := w_pending || p_reservation_id;
    END IF;
    IF p_amounts[n] > v_part THEN
      w_debits := w_debits || v_accounts[v_debit];
      w_credits := w_credits || v_accounts[v_credit];
      w_amounts := w_amounts || (p_amounts[n] - v_part);
      w_kinds := w_kinds || p_kinds[n];
      w_components := w_components || p_components[n];
      w_states := w_states || 'posted'::ledger.transfer_state;
      w_pending := w_pending || NULL::bigint;
    END IF;
  END LOOP;
  IF v_left > 0 THEN
    w_debits := w_debits || v_accounts[array_position(c_kinds, 'cash')];
    w_credits := w_credits || v_accounts[array_position(c_kinds, p_reserved_for)];
    w_amounts := w_amounts || v_left;
    w_kinds := w_kinds || 'reservation'::ledger.transfer_kind;
    w_components := w_components || NULL::text;
    w_states := w_states || 'voided'::ledger.transfer_state;
    w_pending := w_pending || p_reservation_id;
  END IF;

  UPDATE ledger.books SET next_transfer_id = next_transfer_id + cardinality(w_amounts) WHERE portfolio_id = p_portfolio_id
  RETURNING next_transfer_id - cardinality(w_amounts) - 1 INTO v_next;
  INSERT INTO ledger.transfers
         (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, component, state, pending_id, order_id, fill_id, at)
  SELECT p_portfolio_id, v_next + w.n, w.debit, w.credit, w.amount, p_currency, w.kind, w.component, w.state, w.pending_id, p_order_id,
         CASE w.state WHEN 'posted' THEN p_fill_id END, p_at
    FROM unnest(w_debits, w_credits, w_amounts, w_kinds, w_components, w_states, w_pending)
         WITH ORDINALITY AS w (debit, credit, amount, kind, component, state, pending_id, n);
  IF v_freed > 0 THEN
    IF v_freed = v_remaining THEN
      DELETE FROM ledger.reservations WHERE portfolio_id = p_portfolio_id AND transfer_id = p_reservation_id;
    ELSE
      UPDATE ledger.reservations SET remaining = remaining - v_freed WHERE portfolio_id = p_portfolio_id AND transfer_id = p_reservation_id;
    END IF;
  END IF;
  UPDATE ledger.balances AS b
     SET debits_posted = b.debits_posted + s.debited, credits_posted = b.credits_posted + s.credited,
         debits_pending = b.debits_pending - CASE s.kind WHEN 'cash' THEN v_freed ELSE 0 END,
         credits_pending = b.credits_pending - CASE s.kind WHEN p_reserved_for THEN v_freed ELSE 0 END
    FROM unnest(v_accounts, v_debited, v_credited, c_kinds) AS s (account_id, debited, credited, kind)
   WHERE b.portfolio_id = p_portfolio_id AND b.account_id = s.account_id
     AND (s.debited > 0 OR s.credited > 0 OR v_freed > 0 AND s.kind IN ('cash', p_reserved_for));
END
$$;
COMMENT ON FUNCTION ledger.settle_fill(int, text, ledger.account_kind[], ledger.account_kind[], numeric[], ledger.transfer_kind[], text[], bigint, ledger.account_kind, numeric, bigint, bigint, timestamptz) IS
  'Books the transfers of a fill, one for each element of the arrays (zero amounts are left out): what leaves cash comes out of the reservation first, which keeps p_keep for the rest of the order; what it holds above that is released.';
REVOKE ALL ON FUNCTION ledger.settle_fill(int, text, ledger.account_kind[], ledger.account_kind[], numeric[], ledger.transfer_kind[], text[], bigint, ledger.account_kind, numeric, bigint, bigint, timestamptz) FROM PUBLIC;
