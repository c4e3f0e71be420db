-- writes trading.lots, trading.lot_closures; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.replay_settlement(
  p_position trading.positions, p_settlement trading.settlements)
RETURNS trading.positions
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_position trading.positions := p_position;
  v_value    numeric := round(p_position.quantity * p_settlement.price * p_position.multiplier, 8);
BEGIN
  v_position.realised_pnl := v_position.realised_pnl + v_value - v_position.cost;
  v_position.margin := v_position.margin + p_settlement.margin_delta;
  IF p_settlement.kind = 'daily' THEN
    v_position.cost := v_value;
    v_position.fifo_pnl := v_position.fifo_pnl
      + internal.reset_lots(p_position.portfolio_id, p_position.instrument_id, p_settlement.price,
                            p_position.multiplier, v_value);
  ELSE
    v_position.cost := 0;
    v_position.fifo_pnl := v_position.fifo_pnl
      + internal.close_lots(p_position.portfolio_id, p_position.instrument_id, abs(p_position.quantity), abs(v_value),
                            0, p_settlement.at);
    v_position.quantity := 0;
    v_position.intraday_quantity := 0;
  END IF;
  RETURN v_position;
END
$$;
COMMENT ON FUNCTION internal.replay_settlement(trading.positions, trading.settlements) IS
  'A position after one of its settlements, at the price and with the margin that it had: no money moves again.';
