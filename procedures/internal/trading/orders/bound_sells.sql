-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.bound_sells(
  p_portfolio trading.portfolios, p_instrument market.instruments, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order  trading.orders;
  v_excess numeric;
BEGIN
  FOR v_order IN
    SELECT o.* FROM trading.orders AS o
     WHERE o.portfolio_id = p_portfolio.portfolio_id AND o.instrument_id = p_instrument.instrument_id
       AND o.closed_at IS NULL AND o.side = 'sell'
       AND o.status NOT IN ('held', 'pending_approval')
     ORDER BY o.order_id DESC
  LOOP
    SELECT p.open_sell_quantity - greatest(p.quantity, 0) INTO v_excess FROM trading.positions AS p
     WHERE p.portfolio_id = p_portfolio.portfolio_id AND p.instrument_id = p_instrument.instrument_id;
    EXIT WHEN v_excess <= 0;
    PERFORM internal.resize_order(v_order, v_order.quantity - v_order.filled_quantity - v_excess, 0,
                                  p_portfolio.fee_schedule, p_instrument, 'TR402',
                                  format('%s more were to be sold than are held', trim_scale(v_excess)), p_at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.bound_sells(trading.portfolios, market.instruments, timestamptz) IS
  'Takes as much from the open sells of an instrument, latest first, as they want to sell more than is held: for cash '
  'accounts, when the exchange took back a purchase.';
