-- writes trading.positions, trading.lots, trading.lot_closures, trading.settlements, ledger.*, ops.events; the caller
-- holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.expire_option(
  p_portfolio_id int, p_instrument market.instruments, p_underlying_price numeric, p_day date, p_at timestamptz)
RETURNS trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_intrinsic  numeric := greatest(CASE p_instrument.option_right WHEN 'call'
                                                                    THEN p_underlying_price - p_instrument.strike
                                                                  ELSE p_instrument.strike - p_underlying_price END, 0);
  v_position   trading.positions;
  v_settlement trading.settlements;
  v_value      numeric;        -- what is paid or received
  v_margin     numeric := 0;   -- part of it that the margin pays
  v_gain       numeric;
  v_charge     record;
BEGIN
  SELECT * INTO v_position FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  SELECT b.next_transfer_id, b.next_fill_id - 1 INTO v_settlement.first_transfer_id, v_settlement.after_fill_id
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio_id;
  v_value := round(abs(v_position.quantity) * v_intrinsic * v_position.multiplier, 8);
  v_gain := sign(v_position.quantity) * v_value - v_position.cost;
  v_settlement.advanced := 0;
  v_settlement.fees := 0;
  IF v_position.quantity < 0 THEN
    v_margin := least(v_value, v_position.margin);
    IF v_value > v_margin THEN
      v_settlement.advanced := internal.raise_cash(p_portfolio_id, p_instrument.currency, v_value - v_margin, NULL,
                                                   format('its money was needed to settle %s on %s',
                                                          p_instrument.symbol,
                                                          p_day), p_at);
    END IF;
  END IF;

  v_settlement.fifo_pnl := internal.close_lots(p_portfolio_id, p_instrument.instrument_id, abs(v_position.quantity),
                                               v_value, 0, p_at);
  UPDATE trading.positions AS p
     SET quantity = 0, cost = 0, realised_pnl = p.realised_pnl + v_gain, fifo_pnl = p.fifo_pnl + v_settlement.fifo_pnl,
         margin = 0, market_value = 0, intraday_quantity = 0, updated_at = greatest(p_at, p.updated_at)
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  IF v_position.quantity > 0 AND v_value > 0 THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'securities', 'cash', v_value, 'settlement', p_at);
    SELECT * INTO v_charge FROM internal.charge_exercise(
      p_portfolio_id, p_instrument, v_position.quantity, v_value,
      round(v_position.quantity * p_underlying_price * v_position.multiplier, 8), p_day, p_at);
    v_settlement.fees := v_charge.fees;
    v_settlement.advanced := v_charge.advanced;
  END IF;
  IF v_margin > 0 THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'margin', 'securities', v_margin, 'settlement', p_at);
  END IF;
  IF v_position.quantity < 0 AND v_value > v_margin THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'cash', 'securities', v_value - v_margin, 'settlement',
                          p_at);
  END IF;
  IF v_position.margin > v_margin THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'margin', 'cash', v_position.margin - v_margin,
                          'margin', p_at);
  END IF;

  INSERT INTO trading.settlements (portfolio_id, instrument_id, day, kind, price, underlying_price, quantity,
                                   quantity_delta, realised_pnl, fifo_pnl, margin_delta, advanced, fees,
                                   first_transfer_id, next_transfer_id, after_fill_id, at)
  SELECT p_portfolio_id, p_instrument.instrument_id, p_day, 'expiry', v_intrinsic, p_underlying_price,
         v_position.quantity, -v_position.quantity, v_gain, v_settlement.fifo_pnl, -v_position.margin,
         v_settlement.advanced, v_settlement.fees, v_settlement.first_transfer_id, b.next_transfer_id,
         v_settlement.after_fill_id, p_at
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio_id
  RETURNING * INTO v_settlement;
  PERFORM internal.emit_event('position.expired', p_at, p_portfolio_id, p_instrument.instrument_id,
                         p_payload => jsonb_build_object('day', p_day, 'underlying_price', p_underlying_price,
                                                         'intrinsic_value', v_intrinsic, 'realised_pnl', v_gain,
                                                         'fees', v_settlement.fees));
  RETURN v_settlement;
END
$$;
COMMENT ON FUNCTION internal.expire_option(int, market.instruments, numeric, date, timestamptz) IS
  'Ends one position in an option at its intrinsic value: a long one receives it and pays the charges on its exercise, '
  'a written one pays it out of its margin and then out of cash, and what is left of the margin is free.';
