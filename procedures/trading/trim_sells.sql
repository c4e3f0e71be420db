-- writes trading.orders and what its triggers write; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.trim_sells(p_portfolio trading.portfolios, p_instrument market.instruments, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_order  trading.orders;
  v_excess numeric;
BEGIN
  IF p_portfolio.account_type <> 'cash' THEN
    RETURN;
  END IF;
  FOR v_order IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio.portfolio_id AND o.instrument_id = p_instrument.instrument_id AND o.closed_at IS NULL AND o.side = 'sell'
       AND o.status NOT IN ('held', 'pending_approval')
     ORDER BY o.order_id DESC
  LOOP
    SELECT p.open_sell_quantity - greatest(p.quantity, 0) INTO v_excess FROM trading.positions AS p
     WHERE p.portfolio_id = p_portfolio.portfolio_id AND p.instrument_id = p_instrument.instrument_id;
    EXIT WHEN v_excess <= 0;
    PERFORM trading.resize_order(v_order, v_order.quantity - v_order.filled_quantity - v_excess, 0, p_portfolio.fee_schedule, p_instrument, 'TR402',
                                 format('%s %s less are held: a fill was taken back', trim_scale(v_excess), p_instrument.symbol), p_at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION trading.trim_sells(trading.portfolios, market.instruments, timestamptz) IS
  'In a cash account: what open sells want beyond what is held goes, from the latest order first.';
REVOKE ALL ON FUNCTION trading.trim_sells(trading.portfolios, market.instruments, timestamptz) FROM PUBLIC;
