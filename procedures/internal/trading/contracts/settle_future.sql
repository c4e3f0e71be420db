-- writes trading.positions, trading.lots, trading.lot_closures, trading.settlements, ledger.*, ops.events; the caller
-- holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.settle_future(
  p_portfolio_id int, p_instrument market.instruments, p_price numeric, p_day date, p_is_final boolean,
  p_at timestamptz)
RETURNS trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_position   trading.positions;
  v_settlement trading.settlements;
  v_value      numeric;
  v_gain       numeric;
  v_before     numeric;  -- margin before
  v_target     numeric := 0;
BEGIN
  SELECT * INTO v_position FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  SELECT b.next_transfer_id, b.next_fill_id - 1 INTO v_settlement.first_transfer_id, v_settlement.after_fill_id
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio_id;
  v_before := v_position.margin;
  v_value := round(v_position.quantity * p_price * v_position.multiplier, 8);
  v_gain := v_value - v_position.cost;
  v_settlement.advanced := CASE WHEN v_gain < 0 THEN
    internal.raise_cash(p_portfolio_id, p_instrument.currency, -v_gain, p_instrument.instrument_id,
                        format('its money was needed to settle %s on %s', p_instrument.symbol, p_day), p_at) ELSE 0 END;

  IF p_is_final THEN
    v_settlement.fifo_pnl := internal.close_lots(p_portfolio_id, p_instrument.instrument_id, abs(v_position.quantity),
                                                 abs(v_value), 0, p_at);
  ELSE
    v_settlement.fifo_pnl := internal.reset_lots(p_portfolio_id, p_instrument.instrument_id, p_price,
                                                 v_position.multiplier, v_value);
  END IF;
  UPDATE trading.positions AS p
     SET quantity = CASE WHEN p_is_final THEN 0 ELSE p.quantity END,
         cost = CASE WHEN p_is_final THEN 0 ELSE v_value END, realised_pnl = p.realised_pnl + v_gain,
         fifo_pnl = p.fifo_pnl + v_settlement.fifo_pnl,
         market_value = CASE WHEN p_is_final THEN 0
                             ELSE internal.market_value(p.instrument_id, p.quantity, v_value, p.multiplier, true) END,
         intraday_quantity = CASE WHEN p_is_final THEN 0 ELSE p.intraday_quantity END,
         updated_at = greatest(p_at, p.updated_at)
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  IF v_gain > 0 THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'securities', 'cash', v_gain, 'settlement', p_at);
  ELSIF v_gain < 0 THEN
    PERFORM internal.post(p_portfolio_id, p_instrument.currency, 'cash', 'securities', -v_gain, 'settlement', p_at);
  END IF;

  -- Collateral follows the price, as far as there is cash for it; whether what is there will do is for
  -- trading.check_margin to say.
  SELECT p.margin INTO v_position.margin FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  IF NOT p_is_final THEN
    v_target := least(round(abs(v_value) * p_instrument.initial_margin, 8),
                      v_position.margin + ledger.available(p_portfolio_id, p_instrument.currency));
  END IF;
  IF v_target <> v_position.margin THEN
    UPDATE trading.positions AS p
       SET margin = v_target
     WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
    PERFORM internal.post(p_portfolio_id, p_instrument.currency,
                          CASE WHEN v_target > v_position.margin THEN 'cash' ELSE 'margin' END::ledger.account_kind,
                          CASE WHEN v_target > v_position.margin THEN 'margin' ELSE 'cash' END::ledger.account_kind,
                          abs(v_target - v_position.margin), 'margin', p_at);
  END IF;

  INSERT INTO trading.settlements (portfolio_id, instrument_id, day, kind, price, quantity, quantity_delta,
                                   realised_pnl, fifo_pnl, margin_delta, advanced, first_transfer_id, next_transfer_id,
                                   after_fill_id, at)
  SELECT p_portfolio_id, p_instrument.instrument_id, p_day,
         CASE WHEN p_is_final THEN 'final' ELSE 'daily' END::trading.settlement_kind, p_price, v_position.quantity,
         CASE WHEN p_is_final THEN -v_position.quantity ELSE 0 END, v_gain, v_settlement.fifo_pnl, v_target - v_before,
         v_settlement.advanced, v_settlement.first_transfer_id, b.next_transfer_id, v_settlement.after_fill_id, p_at
    FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio_id
  RETURNING * INTO v_settlement;
  PERFORM internal.emit_event('position.settled', p_at, p_portfolio_id, p_instrument.instrument_id,
                         p_payload => jsonb_build_object('day', p_day, 'kind', v_settlement.kind, 'price', p_price,
                                                         'realised_pnl', v_gain, 'margin', v_target));
  RETURN v_settlement;
END
$$;
COMMENT ON FUNCTION internal.settle_future(int, market.instruments, numeric, date, boolean, timestamptz) IS
  'Settles one position in a future: pays its gain since the last settlement or takes its loss, restates cost and lots '
  'at the settlement price, and brings its margin to the initial rate as far as cash goes; on its last day it closes.';
