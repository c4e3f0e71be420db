-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.end_expired_orders(
  p_portfolio_id int, p_kind market.instrument_kind, p_exchange_id int, p_day date,
  p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_order trading.orders;
BEGIN
  LOOP
    -- One at a time: the end of one may end others of its group.
    SELECT o.* INTO v_order FROM trading.orders AS o JOIN market.instruments AS i USING (instrument_id)
     WHERE o.portfolio_id = p_portfolio_id AND o.closed_at IS NULL AND i.kind = p_kind
       AND (i.exchange_id = p_exchange_id OR p_exchange_id IS NULL)
       AND internal.contract_is_over(i.exchange_id, i.expires_on, p_at)
       AND (market.last_trading_day(i.exchange_id, i.expires_on) <= p_day OR p_day IS NULL)
     ORDER BY o.order_id LIMIT 1;
    EXIT WHEN NOT FOUND;
    PERFORM internal.end_order(v_order, 'expired', 'TR233', 'the last day of the instrument is over', p_at);
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.end_expired_orders(int, market.instrument_kind, int, date, timestamptz) IS
  'Expires the open orders of a portfolio on instruments (of an exchange, NULL: of all) whose last day is over, by '
  'p_day where one is named.';
