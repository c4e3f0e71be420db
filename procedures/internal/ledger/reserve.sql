-- writes ledger.portfolio_clocks, ledger.transfers, ledger.balances; the caller holds the portfolio's lock; error TR404
CREATE OR REPLACE FUNCTION internal.reserve(p_order trading.orders, p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_instrument market.instruments;
  v_next       bigint;
BEGIN
  SELECT * INTO v_instrument FROM market.instruments AS i WHERE i.instrument_id = p_order.instrument_id;
  PERFORM internal.write_movements(ARRAY[ROW (
    p_order.portfolio_id, internal.account_id(p_order.portfolio_id, v_instrument.currency, 'cash'),
    internal.account_id(p_order.portfolio_id, v_instrument.currency,
                        CASE WHEN p_order.side = 'sell' OR v_instrument.kind = 'future' THEN 'margin'
                             ELSE 'securities' END::ledger.account_kind),
    p_order.reserved, v_instrument.currency, 'reservation', NULL, 'pending', p_at, p_order.order_id, NULL, NULL, NULL,
    NULL)::internal.movement]);
  UPDATE ledger.portfolio_clocks SET next_transfer_id = next_transfer_id + 1 WHERE portfolio_id = p_order.portfolio_id
  RETURNING next_transfer_id - 1 INTO v_next;
  RETURN v_next;
END
$$;
COMMENT ON FUNCTION internal.reserve(trading.orders, timestamptz) IS
  'Reserves what an order that is open already needs now, as a pending transfer, and returns its number. The CHECK on '
  'the balance refuses what is not there.';
