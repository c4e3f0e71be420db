-- writes ledger.books, ledger.transfers, ledger.reservations, ledger.balances; the caller holds the book's lock and has checked the funds
CREATE OR REPLACE FUNCTION ledger.settle_fill(
  p_portfolio_id int, p_currency text, p_is_buy boolean, p_value numeric, p_fee numeric, p_reservation_id bigint, p_keep numeric,
  p_order_id bigint, p_fill_id bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_cash_id       smallint := ledger.account_id(p_portfolio_id, p_currency, 'cash');
  v_securities_id smallint := ledger.account_id(p_portfolio_id, p_currency, 'securities');
  v_fees_id       smallint := ledger.account_id(p_portfolio_id, p_currency, 'fees');
  v_free          numeric := 0;  -- what this fill may take out of the reservation
  v_value_drawn   numeric := 0;
  v_fee_drawn     numeric := 0;
  v_next          bigint;
BEGIN
  IF p_is_buy THEN
    SELECT greatest(r.remaining - p_keep, 0) INTO v_free FROM ledger.reservations AS r
     WHERE r.portfolio_id = p_portfolio_id AND r.transfer_id = p_reservation_id;
    v_free := coalesce(v_free, 0);
    v_value_drawn := least(p_value, v_free);
    v_fee_drawn := least(p_fee, v_free - v_value_drawn);
    IF v_value_drawn + v_fee_drawn > 0 THEN
      PERFORM ledger.draw_reservation(p_portfolio_id, p_reservation_id, v_value_drawn + v_fee_drawn);
    END IF;
  END IF;

  SELECT b.next_transfer_id INTO v_next FROM ledger.books AS b WHERE b.portfolio_id = p_portfolio_id;
  WITH legs (position, debit_id, credit_id, amount, kind, pending_id) AS (
    -- What the reservation covers is posted out of it; the rest of a fill that cost more than foreseen comes from free cash.
    VALUES (1, CASE WHEN p_is_buy THEN v_cash_id ELSE v_securities_id END, CASE WHEN p_is_buy THEN v_securities_id ELSE v_cash_id END,
            CASE WHEN p_is_buy THEN v_value_drawn ELSE p_value END, 'trade'::ledger.transfer_kind, CASE WHEN p_is_buy THEN p_reservation_id END),
           (2, v_cash_id, v_securities_id, CASE WHEN p_is_buy THEN p_value - v_value_drawn ELSE 0 END, 'trade', NULL),
           (3, v_cash_id, v_fees_id, v_fee_drawn, 'fee', p_reservation_id),
           (4, v_cash_id, v_fees_id, p_fee - v_fee_drawn, 'fee', NULL)
  ), numbered AS (
    SELECT l.*, v_next - 1 + row_number() OVER (ORDER BY l.position) AS transfer_id FROM legs AS l WHERE l.amount > 0
  ), inserted AS (
    INSERT INTO ledger.transfers
           (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, state, pending_id, order_id, fill_id, at)
    SELECT p_portfolio_id, n.transfer_id, n.debit_id, n.credit_id, n.amount, p_currency, n.kind, 'posted', n.pending_id, p_order_id, p_fill_id, p_at
      FROM numbered AS n
    RETURNING transfer_id)
  UPDATE ledger.books SET next_transfer_id = next_transfer_id + (SELECT count(*) FROM inserted) WHERE portfolio_id = p_portfolio_id;

  UPDATE ledger.balances
     SET debits_posted  = debits_posted  + CASE WHEN p_is_buy THEN p_value + p_fee ELSE p_fee END,
         credits_posted = credits_posted + CASE WHEN p_is_buy THEN 0 ELSE p_value END
   WHERE portfolio_id = p_portfolio_id AND account_id = v_cash_id;
  UPDATE ledger.balances
     SET debits_posted  = debits_posted  + CASE WHEN p_is_buy THEN 0 ELSE p_value END,
         credits_posted = credits_posted + CASE WHEN p_is_buy THEN p_value ELSE 0 END
   WHERE portfolio_id = p_portfolio_id AND account_id = v_securities_id;
  IF p_fee > 0 THEN
    UPDATE ledger.balances SET credits_posted = credits_posted + p_fee WHERE portfolio_id = p_portfolio_id AND account_id = v_fees_id;
  END IF;
  IF p_is_buy AND v_free > v_value_drawn + v_fee_drawn THEN
    PERFORM ledger.release(p_portfolio_id, p_reservation_id, p_keep, p_at);
  END IF;
END
$$;
COMMENT ON FUNCTION ledger.settle_fill(int, text, boolean, numeric, numeric, bigint, numeric, bigint, bigint, timestamptz) IS
  'Books a fill: a buy posts value and fee out of its reservation and leaves there what the rest of the order needs (p_keep); a sell credits the proceeds and then pays the fee.';
REVOKE ALL ON FUNCTION ledger.settle_fill(int, text, boolean, numeric, numeric, bigint, numeric, bigint, bigint, timestamptz) FROM PUBLIC;
