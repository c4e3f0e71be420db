-- reads nothing; errors TR243
CREATE OR REPLACE FUNCTION trading.probabilistic_sharpe(
  sharpe float8, periods int, skew float8 DEFAULT 0, kurtosis float8 DEFAULT 0, periods_per_year float8 DEFAULT 252,
  threshold float8 DEFAULT 0)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- What is too small to multiply is nothing.
  v_skew  float8 := CASE WHEN abs(probabilistic_sharpe.skew) < 1e-30 THEN 0 ELSE probabilistic_sharpe.skew END;
  v_ratio float8 := CASE WHEN abs(probabilistic_sharpe.sharpe) < 1e-30 THEN 0 ELSE probabilistic_sharpe.sharpe END;
  v_noise float8;
BEGIN
  IF greatest(abs(probabilistic_sharpe.sharpe), abs(probabilistic_sharpe.skew), abs(probabilistic_sharpe.kurtosis),
              abs(probabilistic_sharpe.threshold)) > 1e30
     OR (probabilistic_sharpe.periods_per_year BETWEEN 1 AND 1e6) IS NOT TRUE THEN
    RAISE EXCEPTION 'a ratio needs finite figures and 1 to 1000000 periods in a year'
      USING ERRCODE = 'TR243',
            DETAIL = format('Sharpe ratio %s, skew %s, kurtosis %s, threshold %s, periods in a year %s.',
                            probabilistic_sharpe.sharpe, probabilistic_sharpe.skew, probabilistic_sharpe.kurtosis,
                            probabilistic_sharpe.threshold, probabilistic_sharpe.periods_per_year),
            HINT = 'Give the columns of trading.return_stats, and the periods_per_year that they were computed with.';
  END IF;
  -- Of a period, as the formula has it.
  v_ratio := v_ratio / sqrt(probabilistic_sharpe.periods_per_year);
  v_noise := 1 - v_skew * v_ratio + (probabilistic_sharpe.kurtosis + 2) / 4 * v_ratio * v_ratio;
  RETURN CASE WHEN v_noise > 0 AND probabilistic_sharpe.periods > 1
              THEN trading.normal_cdf(
                     (v_ratio - probabilistic_sharpe.threshold / sqrt(probabilistic_sharpe.periods_per_year))
                     * sqrt(probabilistic_sharpe.periods - 1) / sqrt(v_noise)) END;
END
$$;
COMMENT ON FUNCTION trading.probabilistic_sharpe(float8, int, float8, float8, float8, float8) IS
  'Probability that the true Sharpe ratio is above a threshold, both of a year, after so many periods whose returns '
  'have this skew and (excess) kurtosis (Bailey and López de Prado 2012). NULL when it cannot be said. Error TR243.';
