-- reads trading.portfolio_values, ledger.balances, market.quotes; errors TR101, TR105, TR211, TR240, TR242, TR407
CREATE OR REPLACE FUNCTION trading.size_position(
  portfolio text, symbol text, sizing jsonb, price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL,
  average_true_range numeric DEFAULT NULL,
  deviation numeric DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_instrument market.instruments;
  v_portfolio  trading.portfolios;
  v_price      numeric;
  v_equity     numeric;
  v_method     text := trading.sizing_terms(size_position.sizing) ->> 'method';
BEGIN
  SELECT * INTO v_portfolio FROM trading.portfolios AS p
   WHERE p.portfolio_id = trading.portfolio_id(size_position.portfolio);
  SELECT * INTO v_instrument FROM market.instruments AS i
   WHERE i.instrument_id = market.instrument_id(size_position.symbol);
  v_price := round(coalesce(size_position.price,
                            (SELECT q.last::numeric FROM market.quotes AS q
                              WHERE q.instrument_id = v_instrument.instrument_id)), 8);
  IF v_price IS NULL THEN
    RAISE EXCEPTION 'no price of % is known', v_instrument.symbol
      USING ERRCODE = 'TR105', DETAIL = 'Neither price nor a quote is there.', HINT = 'Give a price.';
  ELSIF (v_price > 0 AND v_price < 1e10 AND isfinite(size_position.at)
         AND CASE v_method WHEN 'fixed_fractional'
                             THEN size_position.stop_price > 0 AND size_position.stop_price < v_price
                           WHEN 'volatility'
                             THEN size_position.average_true_range > 0 AND size_position.average_true_range < 1e8
                           WHEN 'deviation'
                             THEN size_position.deviation > 0
                               AND size_position.deviation < 1e8 ELSE true END) IS NOT TRUE
        OR greatest(size_position.stop_price, size_position.average_true_range, size_position.deviation) = 'NaN' THEN
    RAISE EXCEPTION 'a position cannot be sized by % with these figures', v_method
      USING ERRCODE = 'TR242',
            DETAIL = format('price %s, stop_price %s, average_true_range %s, deviation %s, at %s.', v_price,
                            size_position.stop_price, size_position.average_true_range, size_position.deviation,
                            size_position.at),
            HINT = 'fixed_fractional needs a stop_price below the price, volatility an average_true_range, deviation a '
                   'standard deviation in price units.';
  END IF;
  -- Equity is in the portfolio's currency, the price in the instrument's.
  SELECT round(v.equity * ledger.exchange_rate(v_portfolio.currency, v_instrument.currency, size_position.at), 8)
    INTO v_equity
    FROM trading.portfolio_values AS v WHERE v.portfolio_id = v_portfolio.portfolio_id;
  RETURN trading.size_quantity(
    size_position.sizing, v_price, v_price - round(size_position.stop_price, 8),
    round(size_position.average_true_range, 8), round(size_position.deviation, 8),
    v_equity, coalesce(ledger.available(v_portfolio.portfolio_id, v_instrument.currency), 0), v_instrument.tick_size,
    v_instrument.lot_size, v_instrument.multiplier, v_portfolio.fee_schedule, size_position.at,
    v_instrument.kind, v_instrument.exchange_id);
END
$$;
COMMENT ON FUNCTION trading.size_position(text, text, jsonb, numeric, numeric, numeric, numeric, timestamptz) IS
  'How much to buy at this price (NULL: the last one), as sizing says: {"method":"fixed_fractional","risk_percent":1} '
  'and the like; whole lots, within the available cash with fees. Errors TR101, TR105, TR211, TR240, TR242, TR407.';
