-- locks ledger.portfolio_clocks; writes trading.positions, trading.lots, trading.lot_closures, trading.orders,
-- trading.settlements, trading.margin_calls, ledger.*, ops.events errors TR101, TR103 to TR105, TR211, TR604
CREATE OR REPLACE FUNCTION internal.settle_contracts(
  p_kind market.instrument_kind, p_portfolio text, p_day date, p_symbols text[], p_prices numeric[], p_at timestamptz)
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_only         int := CASE WHEN p_portfolio IS NOT NULL THEN trading.portfolio_id(p_portfolio) END;
  v_ids          int[] := internal.read_prices(p_symbols, p_prices);
  v_portfolio_id int;
  v_instrument   market.instruments;
  v_day          date;
BEGIN
  IF isfinite(p_at) IS NOT TRUE THEN
    RAISE EXCEPTION 'a settlement needs a time'
      USING ERRCODE = 'TR104', DETAIL = format('It is %s.', coalesce(p_at::text, 'NULL')),
            HINT = 'Leave it out to settle now.';
  END IF;
  FOR v_portfolio_id IN
    SELECT p.portfolio_id FROM trading.portfolios AS p
     WHERE (p.portfolio_id = v_only OR v_only IS NULL)
       AND (EXISTS (SELECT FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id)
                     WHERE n.portfolio_id = p.portfolio_id AND n.quantity <> 0 AND i.kind = p_kind)
            OR EXISTS (SELECT FROM trading.orders AS o JOIN market.instruments AS i USING (instrument_id)
                        WHERE o.portfolio_id = p.portfolio_id AND o.closed_at IS NULL AND i.kind = p_kind))
     ORDER BY p.portfolio_id
  LOOP
    PERFORM internal.lock_portfolio(v_portfolio_id);
    PERFORM internal.end_expired_orders(v_portfolio_id, p_kind, p_day, p_at);
    FOR v_instrument IN
      SELECT i.* FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id)
       WHERE n.portfolio_id = v_portfolio_id AND n.quantity <> 0 AND i.kind = p_kind ORDER BY i.instrument_id
    LOOP
      v_day := coalesce(p_day, market.last_closed_day(v_instrument.exchange_id, p_at));
      CONTINUE WHEN v_day IS NULL OR EXISTS (SELECT FROM trading.settlements AS s
                                              WHERE s.portfolio_id = v_portfolio_id
                                                AND s.instrument_id = v_instrument.instrument_id AND s.day >= v_day);
      IF p_kind = 'future' THEN
        RETURN NEXT internal.settle_future(v_portfolio_id, v_instrument,
                                           internal.settlement_price(v_instrument.instrument_id, v_ids, p_prices, true),
                                           v_day, p_at);
      ELSIF v_instrument.expires_on <= v_day THEN
        -- The quote of an option is not the price of what it is on.
        RETURN NEXT internal.expire_option(v_portfolio_id, v_instrument,
                                           internal.settlement_price(coalesce(v_instrument.underlying_id,
                                                                              v_instrument.instrument_id), v_ids,
                                                                     p_prices,
                                                                     v_instrument.underlying_id IS NOT NULL),
                                           v_day, p_at);
      END IF;
    END LOOP;
    PERFORM internal.revalue_portfolio(v_portfolio_id, p_at);
    PERFORM internal.ring_doorbell(v_portfolio_id);
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.settle_contracts(market.instrument_kind, text, date, text[], numeric[], timestamptz) IS
  'What trading.settle_futures and trading.expire_options share. Errors TR101, TR103 to TR105, TR211, TR604.';
