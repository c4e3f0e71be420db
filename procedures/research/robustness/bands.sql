-- reads research.backtests, backtest_equity, backtest_trades, strategy.strategy_versions, candles; errors TR104, TR243,
-- TR533, TR550
CREATE OR REPLACE FUNCTION research.bands(
  run bigint, method text DEFAULT 'stationary', resamples int DEFAULT 1000, seed bigint DEFAULT 1,
  points int DEFAULT 100, block float8 DEFAULT NULL)
RETURNS TABLE (point int, share float8, observed float8, p05 float8, p25 float8, p50 float8, p75 float8, p95 float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT 0, 0::float8, 1::float8, 1::float8, 1::float8, 1::float8, 1::float8, 1::float8;
  RETURN QUERY
    SELECT n.point, n.point::float8 / bands.points, n.observed, n.quantiles[1], n.quantiles[2], n.quantiles[3],
           n.quantiles[4], n.quantiles[5]
      FROM (SELECT p.point::int AS point, max(p.worth) FILTER (WHERE r.resample = 0) AS observed,
                   percentile_cont('{0.05,0.25,0.5,0.75,0.95}'::float8[]) WITHIN GROUP (ORDER BY p.worth)
                     FILTER (WHERE r.resample > 0) AS quantiles
              FROM research.resample_run(bands.run, bands.method, bands.resamples, bands.seed, bands.points,
                                         bands.block) AS r
              CROSS JOIN LATERAL unnest(r.path) WITH ORDINALITY AS p (worth, point)
             GROUP BY p.point) AS n
     ORDER BY n.point;
END
$$;
COMMENT ON FUNCTION research.bands(bigint, text, int, bigint, int, float8) IS
  'How the worth of a backtest went beside that of resamples of it, as shares of the capital: at the ends of so many '
  'equal parts of its days or trades (share: how much of them), the values below which 5, 25, 50, 75 and 95 % of the '
  'resamples are. method and the rest are as research.monte_carlo has them. Errors TR104, TR243, TR533, TR550.';
