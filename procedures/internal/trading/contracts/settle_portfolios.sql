-- locks ledger.portfolio_clocks; writes what internal.settle_contracts writes; errors TR101, TR103, TR104, TR211,
-- TR245, TR604
CREATE OR REPLACE FUNCTION internal.settle_portfolios(
  p_kind market.instrument_kind, p_portfolio text, p_day date, p_symbols text[], p_prices numeric[], p_at timestamptz)
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_only         int := CASE WHEN p_portfolio IS NOT NULL THEN trading.portfolio_id(p_portfolio, 'trade') END;
  v_ids          int[] := internal.read_prices(p_symbols, p_prices);
  v_portfolio_id int;
  v_unpriced     text;
BEGIN
  IF isfinite(p_at) IS NOT TRUE OR isfinite(p_day) IS FALSE THEN
    RAISE EXCEPTION 'a settlement needs a time'
      USING ERRCODE = 'TR104', DETAIL = format('It is %s, day %s.', coalesce(p_at::text, 'NULL'), p_day),
            HINT = 'Leave it out to settle now.';
  END IF;
  IF p_day IS NOT NULL THEN
    PERFORM internal.require_day_over(p_kind, v_only, p_day, p_at);
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
    RETURN QUERY SELECT * FROM internal.settle_contracts(p_kind, v_portfolio_id, NULL, p_day, v_ids, p_prices, p_at);
  END LOOP;
  SELECT string_agg(format('%s of portfolio %s: no price of %s of %s', u.symbol, u.portfolio, u.price_of, u.day), '; '
                    ORDER BY u.portfolio, u.symbol)
    INTO v_unpriced
    FROM trading.unsettled AS u
    JOIN market.instruments AS i USING (instrument_id)
   WHERE (u.portfolio_id = v_only OR v_only IS NULL) AND i.kind = p_kind;
  IF v_unpriced IS NOT NULL THEN
    RAISE WARNING 'positions stay open, for want of a price of their day'
      USING ERRCODE = 'TR246', DETAIL = left(v_unpriced, 2000),
            HINT = 'Give it: symbols => ''{...}'', prices => ''{...}'', or store a tick or bar of that day and call '
                   'again. trading.unsettled lists them.';
  END IF;
END
$$;
COMMENT ON FUNCTION internal.settle_portfolios(market.instrument_kind, text, date, text[], numeric[], timestamptz) IS
  'What trading.settle_futures and trading.expire_options share. Errors TR101, TR103, TR104, TR211, TR245, TR604; '
  'warning TR246.';
