-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.compare_returns(
  p_days date[], p_equity float8[], p_benchmark float8[], p_periods_per_year float8, p_rate float8,
  OUT benchmark_return float8, OUT alpha float8, OUT beta float8, OUT information_ratio float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_pairs record;
BEGIN
  SELECT avg(s.return) FILTER (WHERE s.benchmark_return IS NOT NULL) AS mean,
         avg(s.benchmark_return) FILTER (WHERE s.return IS NOT NULL) AS benchmark,
         stddev_samp(s.benchmark_return) FILTER (WHERE s.return IS NOT NULL) AS deviation,
         stddev_samp(s.return - s.benchmark_return) AS difference,
         1e-14 * (1 + coalesce(max(abs(s.return)), 0) + coalesce(max(abs(s.benchmark_return)), 0)) AS noise,
         regr_slope(s.return, s.benchmark_return) AS slope,
         (array_agg(s.benchmark ORDER BY s.place DESC) FILTER (WHERE s.benchmark IS NOT NULL))[1] AS last,
         (array_agg(s.benchmark ORDER BY s.place) FILTER (WHERE s.benchmark IS NOT NULL))[1] AS first
    INTO v_pairs
    FROM trading.day_series(p_days, p_equity, p_benchmark) AS s;
  benchmark_return := v_pairs.last / nullif(greatest(v_pairs.first, 0), 0) - 1;
  -- Equal returns differ by what their doubles cannot hold.
  IF v_pairs.deviation > v_pairs.noise THEN
    beta := v_pairs.slope;
    alpha := trading.compounded(1 + v_pairs.mean - p_rate - beta * (v_pairs.benchmark - p_rate), p_periods_per_year);
  END IF;
  IF v_pairs.difference > v_pairs.noise THEN
    information_ratio := (v_pairs.mean - v_pairs.benchmark) / v_pairs.difference;
  END IF;
END
$$;
COMMENT ON FUNCTION trading.compare_returns(date[], float8[], float8[], float8, float8) IS
  'What trading.return_stats says of a benchmark, over the days on which both have a return; the riskless rate is of a '
  'period. Errors TR243, TR604.';
