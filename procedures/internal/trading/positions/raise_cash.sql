-- writes trading.orders and what its triggers write, trading.positions, ledger.*, ops.events; the caller holds the
-- portfolio's lock
CREATE OR REPLACE FUNCTION internal.raise_cash(
  p_portfolio_id int, p_currency text, p_amount numeric, p_instrument_id int, p_reason text, p_at timestamptz,
  p_except_order_id bigint DEFAULT NULL)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_missing numeric := p_amount - ledger.available(p_portfolio_id, p_currency);
  v_margin  numeric;
  v_order   trading.orders;
BEGIN
  IF v_missing <= 0 THEN
    RETURN 0;
  END IF;
  SELECT least(p.margin, v_missing) INTO v_margin FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument_id;
  IF v_margin > 0 THEN
    UPDATE trading.positions AS p
       SET margin = p.margin - v_margin
     WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument_id;
    PERFORM internal.post(p_portfolio_id, p_currency, 'margin', 'cash', v_margin, 'margin', p_at);
    v_missing := v_missing - v_margin;
  END IF;
  -- Money that waits for a fill is money that is there: the latest orders lose theirs first.
  WHILE v_missing > 0 LOOP
    SELECT o.* INTO v_order
      FROM trading.orders AS o
      JOIN market.instruments AS i USING (instrument_id)
     WHERE o.portfolio_id = p_portfolio_id AND o.closed_at IS NULL AND o.reserved > 0 AND i.currency = p_currency
       AND o.order_id IS DISTINCT FROM p_except_order_id
     ORDER BY o.order_id DESC LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM internal.end_order(v_order, 'cancelled', 'TR234', p_reason, p_at);
    v_missing := p_amount - ledger.available(p_portfolio_id, p_currency);
  END LOOP;
  IF v_missing <= 0 THEN
    RETURN 0;
  END IF;
  -- The exchange takes what it is owed, whoever pays. Cash is never negative, so the broker's payment is booked as
  -- capital that came in; the loss itself stays a loss.
  PERFORM internal.book_flow(internal.post(p_portfolio_id, p_currency, 'capital', 'cash', v_missing, 'settlement',
                                           p_at));
  PERFORM internal.emit_event('margin.deficit', p_at, p_portfolio_id, p_instrument_id,
                         p_payload => jsonb_build_object('amount', v_missing, 'currency', p_currency, 'reason',
                                                         p_reason));
  RETURN v_missing;
END
$$;
COMMENT ON FUNCTION internal.raise_cash(int, text, numeric, int, text, timestamptz, bigint) IS
  'Makes this much cash available for what must be paid: out of free cash, then the margin of the position (NULL: of '
  'none), then the money of open orders but p_except_order_id, latest first; what is still missing is advanced as '
  'capital, journaled as margin.deficit, and returned. Money that ledger.hold set aside and other currencies are left '
  'alone.';
