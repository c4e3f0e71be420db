-- reads trading.positions, market.quotes; errors TR101, TR103, TR211
CREATE OR REPLACE FUNCTION trading.calculate_position_pnl(portfolio text, symbol text)
RETURNS TABLE (quantity numeric, average_price numeric, last_price numeric, cost numeric, market_value numeric,
               realised_pnl numeric, unrealised_pnl numeric, fees numeric)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT trim_scale(p.quantity), trim_scale(p.average_price), trim_scale(v.last_price), trim_scale(p.cost),
         trim_scale(v.value - CASE WHEN p.is_future THEN p.cost ELSE 0 END), trim_scale(p.realised_pnl),
         trim_scale(v.value - p.cost), trim_scale(p.fees)
    FROM trading.positions AS p
    LEFT JOIN market.quotes AS q USING (instrument_id)
    CROSS JOIN LATERAL (
      SELECT q.last::numeric AS last_price,
             CASE WHEN p.quantity = 0 THEN 0
                  ELSE coalesce(round(p.quantity * q.last::numeric * p.multiplier, 8), p.cost) END AS value) AS v
   WHERE p.portfolio_id = trading.portfolio_id($1) AND p.instrument_id = market.instrument_id($2)
$$;
COMMENT ON FUNCTION trading.calculate_position_pnl(text, text) IS
  'A position at the latest quote, profits before fees; without a quote it counts at cost. The market value of a '
  'future is its gain since the last settlement. No row when the portfolio never dealt in it. Errors TR101, TR103, '
  'TR211.';
