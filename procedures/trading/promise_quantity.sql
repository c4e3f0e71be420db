-- writes trading.positions; the caller holds the book's lock
-- PL/pgSQL, not SQL: a SQL function that cannot be inlined is planned anew at every call.
CREATE OR REPLACE FUNCTION trading.promise_quantity(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_delta numeric, p_multiplier numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO trading.positions AS p (portfolio_id, instrument_id, multiplier, open_buy_quantity, open_sell_quantity, updated_at)
  VALUES (p_portfolio_id, p_instrument_id, p_multiplier, CASE p_side WHEN 'buy' THEN p_delta ELSE 0 END, CASE p_side WHEN 'sell' THEN p_delta ELSE 0 END, p_at)
  ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE
    SET open_buy_quantity  = p.open_buy_quantity  + EXCLUDED.open_buy_quantity,
        open_sell_quantity = p.open_sell_quantity + EXCLUDED.open_sell_quantity;
END
$$;
COMMENT ON FUNCTION trading.promise_quantity(int, int, trading.order_side, numeric, numeric, timestamptz) IS
  'Adds to what open orders want to buy or sell of an instrument.';
REVOKE ALL ON FUNCTION trading.promise_quantity(int, int, trading.order_side, numeric, numeric, timestamptz) FROM PUBLIC;
