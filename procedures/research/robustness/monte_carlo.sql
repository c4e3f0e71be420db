-- reads research.backtests, backtest_equity, backtest_trades, strategy.strategy_versions, candles; errors TR104, TR243,
-- TR533, TR550
CREATE OR REPLACE FUNCTION research.monte_carlo(
  run bigint, method text DEFAULT 'stationary', resamples int DEFAULT 1000, seed bigint DEFAULT 1,
  ruin float8 DEFAULT 0.5, block float8 DEFAULT NULL)
RETURNS TABLE (figure text, observed float8, mean float8, p05 float8, p25 float8, p50 float8, p75 float8, p95 float8,
               better float8, explanation text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF (monte_carlo.ruin > 0 AND monte_carlo.ruin <= 1) IS NOT TRUE THEN
    RAISE EXCEPTION 'ruin is the loss of a share of the capital'
      USING ERRCODE = 'TR550', DETAIL = format('The share is %s.', coalesce(monte_carlo.ruin::text, 'NULL')),
            HINT = 'Write a fraction: 0.5 is half of it, 1 all.';
  END IF;
  RETURN QUERY
    WITH rows AS MATERIALIZED (
      SELECT r.* FROM research.resample_run(monte_carlo.run, monte_carlo.method, monte_carlo.resamples,
                                            monte_carlo.seed, 1, monte_carlo.block) AS r
    ), figures AS (
      SELECT r.resample, f.*
        FROM rows AS r
        CROSS JOIN LATERAL (VALUES
          (1, 'total_return', r.total_return, 'What was made, as a share of the capital.'),
          (2, 'sharpe', r.sharpe, 'Sharpe ratio, of a year.'),
          (3, 'max_drawdown', r.max_drawdown, 'Deepest fall below the highest value so far.'),
          (4, 'lowest', r.lowest, 'Lowest worth, as a share of the capital.'),
          (5, 'ruin', (r.lowest <= 1 - monte_carlo.ruin)::int::float8,
           format('Whether %s %% of the capital were lost on the way; mean: how likely it is.',
                  trim_scale(100 * monte_carlo.ruin::numeric))))
          AS f (place, figure, value, explanation)
    )
    SELECT f.figure, o.value, avg(f.value), (q.quantiles)[1], (q.quantiles)[2], (q.quantiles)[3], (q.quantiles)[4],
           (q.quantiles)[5], avg((f.value > o.value)::int)::float8, f.explanation
      FROM figures AS f
      JOIN figures AS o ON o.place = f.place AND o.resample = 0
      CROSS JOIN LATERAL (
        SELECT percentile_cont('{0.05,0.25,0.5,0.75,0.95}'::float8[]) WITHIN GROUP (ORDER BY n.value) AS quantiles
          FROM figures AS n WHERE n.place = f.place AND n.place < 5 AND n.resample > 0) AS q
     WHERE f.resample > 0
     GROUP BY f.place, f.figure, f.explanation, o.value, q.quantiles
    HAVING count(f.value) > 0
     ORDER BY f.place;
END
$$;
COMMENT ON FUNCTION research.monte_carlo(bigint, text, int, bigint, float8, float8) IS
  'How much of a backtest may be luck: its figures beside those of resamples of it (research.resample_run says which '
  'methods there are), with the bands in which 50 % and 90 % of them are, and better: in which share of the '
  'resamples the figure is higher than it was. The row ruin says how likely it is that a share of the capital is '
  'lost on the way. The same seed gives the same rows. Errors TR104, TR243, TR533, TR550.';
