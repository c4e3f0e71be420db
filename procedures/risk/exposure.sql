-- reads trading.positions, market.instruments, market.quotes, ledger.exchange_rates
CREATE OR REPLACE FUNCTION risk.exposure(p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_sector text, p_currency text, p_at timestamptz,
                                         OUT gross numeric, OUT net numeric, OUT sector numeric, OUT positions int)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- A price or rate that is not known makes the sums unknown.
  SELECT CASE WHEN bool_or(x.unit IS NULL) THEN NULL ELSE coalesce(sum(x.worst * x.unit), 0) END,
         CASE WHEN bool_or(x.unit IS NULL) THEN NULL ELSE coalesce(sum(x.after * x.unit), 0) END,
         CASE WHEN bool_or(x.unit IS NULL) FILTER (WHERE x.sector = p_sector) THEN NULL ELSE coalesce(sum(x.worst * x.unit) FILTER (WHERE x.sector = p_sector), 0) END, count(*)
    INTO gross, net, sector, positions
    FROM (
      SELECT i.sector, greatest(abs(p.quantity + p.open_buy_quantity), abs(p.quantity - p.open_sell_quantity)) AS worst,
             p.quantity + CASE p_side WHEN 'buy' THEN p.open_buy_quantity ELSE -p.open_sell_quantity END AS after,
             coalesce(q.last::numeric, p.average_price) * p.multiplier * CASE WHEN i.currency = p_currency THEN 1 ELSE risk.rate(i.currency, p_currency, p_at) END AS unit
        FROM trading.positions AS p
        JOIN market.instruments AS i USING (instrument_id)
        LEFT JOIN market.quotes AS q USING (instrument_id)
       WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id <> p_instrument_id
         AND (p.quantity <> 0 OR p.open_buy_quantity <> 0 OR p.open_sell_quantity <> 0)) AS x;
END
$$;
COMMENT ON FUNCTION risk.exposure(int, int, trading.order_side, text, text, timestamptz) IS
  'What a portfolio has in other instruments, at the last prices in its currency. gross: sum of all, open orders at worst. net: long less short, with the open orders of this side. sector: gross in this sector. positions: instruments that are held or ordered.';
REVOKE ALL ON FUNCTION risk.exposure(int, int, trading.order_side, text, text, timestamptz) FROM PUBLIC;
