-- reads trading.positions, market.instruments, market.quotes, ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.exposure(
  p_portfolio_id int, p_instrument_id int, p_side trading.order_side, p_sector text, p_currency text, p_at timestamptz,
                                         OUT gross numeric, OUT net numeric, OUT sector numeric, OUT positions int)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_is_known boolean;
BEGIN
  SELECT coalesce(sum(x.worst * x.unit), 0), coalesce(sum(x.after * x.unit), 0),
         coalesce(sum(x.worst * x.unit) FILTER (WHERE x.is_sector), 0), count(*), count(*) = count(x.unit)
    INTO gross, net, sector, positions, v_is_known
    FROM (
      -- Prices are looked up one by one: joined to what can be many thousands of instruments, a plan for few of them
      -- would read them all.
      SELECT greatest(abs(p.quantity + p.open_buy_quantity), abs(p.quantity - p.open_sell_quantity)) AS worst,
             p.quantity + CASE p_side WHEN 'buy' THEN p.open_buy_quantity ELSE -p.open_sell_quantity END AS after,
             coalesce((SELECT q.last::numeric FROM market.quotes AS q WHERE q.instrument_id = p.instrument_id),
                      p.average_price) * p.multiplier
             * CASE WHEN p.is_foreign
                      THEN internal.measuring_rate((SELECT i.currency FROM market.instruments AS i
                                                     WHERE i.instrument_id = p.instrument_id), p_currency, p_at)
                    ELSE 1 END AS unit, p_sector IS NOT NULL
                      AND (SELECT i.sector
                             FROM market.instruments AS i
                            WHERE i.instrument_id = p.instrument_id) = p_sector AS is_sector
        FROM trading.positions AS p
       WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id <> p_instrument_id
         AND (p.quantity <> 0 OR p.open_buy_quantity <> 0 OR p.open_sell_quantity <> 0)
      OFFSET 0) AS x;
  -- A price or rate that is not known makes the sums unknown.
  IF NOT v_is_known THEN
    gross := NULL;
    net := NULL;
    sector := NULL;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.exposure(int, int, trading.order_side, text, text, timestamptz) IS
  'What a portfolio has in other instruments, at the last prices in its currency. gross: sum of all, open orders at '
  'worst. net: long less short, with the open orders of this side. sector: gross in this sector. positions: '
  'instruments that are held or ordered.';
