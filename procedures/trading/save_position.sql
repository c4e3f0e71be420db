-- reads market.quotes; writes trading.positions; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.save_position(
  p_position trading.positions, p_side trading.order_side, p_quantity numeric, p_move trading.position_move, p_product trading.product, p_fee numeric, p_at timestamptz,
  p_kept numeric)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_signed   numeric := CASE p_side WHEN 'buy' THEN p_quantity ELSE -p_quantity END;
  v_quantity numeric := p_position.quantity + v_signed;
  v_cost     numeric := p_position.cost + p_move.cost;
  v_intraday numeric := p_position.intraday_quantity + CASE p_product WHEN 'intraday' THEN v_signed ELSE 0 END;
BEGIN
  UPDATE trading.positions
     SET quantity = v_quantity,
         cost = v_cost,
         realised_pnl = realised_pnl + p_move.realised,
         fifo_pnl = fifo_pnl + p_move.fifo_pnl,
         fees = fees + p_fee,
         margin = margin + p_move.margin,
         open_buy_quantity = open_buy_quantity - CASE p_side WHEN 'buy' THEN p_kept ELSE 0 END,
         open_sell_quantity = open_sell_quantity - CASE p_side WHEN 'sell' THEN p_kept ELSE 0 END,
         market_value = trading.market_value(instrument_id, v_quantity, v_cost, multiplier, is_future),
         intraday_quantity = trading.intraday_part(v_intraday, v_quantity),
         updated_at = greatest(p_at, updated_at)
   WHERE portfolio_id = p_position.portfolio_id AND instrument_id = p_position.instrument_id;
END
$$;
COMMENT ON FUNCTION trading.save_position(trading.positions, trading.order_side, numeric, trading.position_move, trading.product, numeric, timestamptz, numeric) IS
  'Writes what a fill did to a position and values it at the latest quote; p_kept is how much of what its order had promised it keeps.';
REVOKE ALL ON FUNCTION trading.save_position(trading.positions, trading.order_side, numeric, trading.position_move, trading.product, numeric, timestamptz, numeric) FROM PUBLIC;
