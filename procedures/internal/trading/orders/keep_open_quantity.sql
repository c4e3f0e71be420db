-- reads market.instruments, trading.portfolios; writes trading.positions; the caller holds the portfolio's lock
-- PL/pgSQL, not SQL: a SQL function that cannot be inlined is planned anew at every call.
CREATE OR REPLACE FUNCTION internal.keep_open_quantity(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_delta numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_buy  numeric := CASE p_side WHEN 'buy' THEN p_delta ELSE 0 END;
  v_sell numeric := CASE p_side WHEN 'sell' THEN p_delta ELSE 0 END;
BEGIN
  UPDATE trading.positions
     SET open_buy_quantity = open_buy_quantity + v_buy, open_sell_quantity = open_sell_quantity + v_sell
   WHERE portfolio_id = p_portfolio_id AND instrument_id = p_instrument_id;
  IF NOT FOUND THEN
    INSERT INTO trading.positions (portfolio_id, instrument_id, multiplier, is_future, is_foreign, open_buy_quantity,
                                   open_sell_quantity, updated_at)
    SELECT p.portfolio_id, i.instrument_id, i.multiplier, i.kind = 'future', i.currency <> p.currency, v_buy, v_sell,
           p_at
      FROM trading.portfolios AS p CROSS JOIN market.instruments AS i
     WHERE p.portfolio_id = p_portfolio_id AND i.instrument_id = p_instrument_id;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.keep_open_quantity(int, int, trading.order_side, numeric, timestamptz) IS
  'Adds to what open orders want to buy or sell of an instrument.';
