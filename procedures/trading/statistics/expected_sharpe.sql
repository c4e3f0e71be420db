-- reads nothing; errors TR243
CREATE OR REPLACE FUNCTION trading.expected_sharpe(trials bigint, trials_deviation float8)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_gamma CONSTANT float8 := 0.5772156649015329;  -- Euler and Mascheroni's
BEGIN
  IF (expected_sharpe.trials >= 1) IS NOT TRUE OR expected_sharpe.trials_deviation < 0
     OR expected_sharpe.trials_deviation > 1e30 THEN
    RAISE EXCEPTION 'trials are at least one, and their deviation is not negative'
      USING ERRCODE = 'TR243',
            DETAIL = format('%s trials, deviation %s.', coalesce(expected_sharpe.trials::text, 'NULL'),
                            expected_sharpe.trials_deviation),
            HINT = 'Give count(*) and stddev_samp(sharpe) over all trials, those that were thrown away included.';
  END IF;
  RETURN CASE expected_sharpe.trials WHEN 1 THEN 0
    ELSE expected_sharpe.trials_deviation
         * ((1 - v_gamma) * -trading.normal_quantile(1.0::float8 / expected_sharpe.trials)
            + v_gamma * -trading.normal_quantile(exp(-1.0::float8) / expected_sharpe.trials)) END;
END
$$;
COMMENT ON FUNCTION trading.expected_sharpe(bigint, float8) IS
  'The best Sharpe ratio that trials without any skill are expected to have, when their ratios have this standard '
  'deviation (Bailey and López de Prado 2014); 0 for one trial, NULL without a deviation. Error TR243.';
