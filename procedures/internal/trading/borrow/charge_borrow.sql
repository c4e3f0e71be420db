-- reads trading.borrow_rates, trading.positions, market.quotes, market.corporate_actions, the calendar, and what
-- trading.held_before and internal.last_price read; writes trading.borrow_charges, trading.orders, trading.positions,
-- ledger.*, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.charge_borrow(
  p_portfolio_id int, p_exchange_id int, p_day date, p_at timestamptz)
RETURNS SETOF trading.borrow_charges
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_closes   timestamptz := (SELECT h.closes_at FROM market.trading_hours(p_exchange_id, p_day) AS h);
  v_days     int;  -- until the next trading day
  v_short    record;
  v_charge   trading.borrow_charges;
  v_transfer ledger.transfers;
BEGIN
  FOR v_short IN
    SELECT p.instrument_id, p.multiplier, i.symbol, i.currency, r.percent,
           -- What was dealt since, or is known since, counts as of its own time.
           CASE WHEN p.updated_at <= v_closes THEN p.quantity
                ELSE trading.held_before(p_portfolio_id, p.instrument_id, v_closes + interval '1 microsecond')
           END AS quantity
      FROM trading.positions AS p
      JOIN market.instruments AS i USING (instrument_id)
      CROSS JOIN LATERAL (
        SELECT b.percent FROM trading.borrow_rates AS b
         WHERE b.instrument_id = p.instrument_id AND b.valid_from <= p_day
         ORDER BY b.valid_from DESC LIMIT 1) AS r
     WHERE p.portfolio_id = p_portfolio_id AND i.exchange_id = p_exchange_id AND i.kind NOT IN ('future', 'option')
       AND r.percent > 0 AND (p.quantity < 0 OR p.updated_at > v_closes)
       AND NOT EXISTS (SELECT FROM trading.borrow_charges AS b
                        WHERE b.portfolio_id = p_portfolio_id AND b.instrument_id = p.instrument_id AND b.day = p_day)
     ORDER BY p.instrument_id
  LOOP
    CONTINUE WHEN v_short.quantity >= 0;
    SELECT round(q.last::numeric, 8) INTO v_charge.price FROM market.quotes AS q
     WHERE q.instrument_id = v_short.instrument_id AND q.ts <= v_closes;
    IF NOT FOUND THEN
      v_charge.price := internal.last_price(
        v_short.instrument_id,
        greatest(v_closes - interval '30 days',
                 (SELECT max(market.day_start(p_exchange_id, a.ex_date)) FROM market.corporate_actions AS a
                   WHERE a.instrument_id = v_short.instrument_id AND a.numerator IS NOT NULL AND a.ex_date <= p_day)),
        v_closes, v_closes + interval '1 microsecond');
    END IF;
    CONTINUE WHEN (v_charge.price > 0) IS NOT TRUE;
    v_days := coalesce(v_days, market.trading_day(
      p_exchange_id, market.next_day_end(p_exchange_id, v_closes) - interval '1 microsecond') - p_day, 1);
    v_charge.value := round(-v_short.quantity * v_charge.price * v_short.multiplier, 8);
    v_charge.amount := internal.borrow_cost(v_charge.value, v_short.percent, v_days);
    v_charge.advanced := 0;
    v_transfer := NULL;
    IF v_charge.amount > 0 THEN
      PERFORM internal.mark_periods(p_portfolio_id, p_at);
      v_charge.advanced := internal.raise_cash(
        p_portfolio_id, v_short.currency, v_charge.amount, v_short.instrument_id,
        format('its money was needed for the borrow of %s on %s', v_short.symbol, p_day), p_at);
      v_transfer := internal.post(p_portfolio_id, v_short.currency, 'cash', 'income', v_charge.amount, 'borrow', p_at);
    END IF;
    INSERT INTO trading.borrow_charges (portfolio_id, instrument_id, day, days, quantity, price, value, percent, amount,
                                        advanced, transfer_id, at)
    VALUES (p_portfolio_id, v_short.instrument_id, p_day, v_days, v_short.quantity, v_charge.price, v_charge.value,
            v_short.percent, v_charge.amount, v_charge.advanced, v_transfer.transfer_id, p_at)
    RETURNING * INTO v_charge;
    PERFORM internal.emit_event('position.borrow', p_at, p_portfolio_id, v_short.instrument_id,
                           p_payload => jsonb_build_object('day', p_day, 'days', v_days, 'quantity', v_charge.quantity,
                                                           'percent', v_charge.percent, 'amount', v_charge.amount));
    PERFORM internal.ring_doorbell(p_portfolio_id);
    RETURN NEXT v_charge;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.charge_borrow(int, int, date, timestamptz) IS
  'Charges a portfolio for what it held short at an exchange when a trading day ended there, once for each instrument '
  'and day, at the rate of the day and the last price of then: for the days until the next trading day. What has no '
  'rate or no price is not charged. Returns what this call charged.';
