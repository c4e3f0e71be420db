-- writes research.trials; reads candles, market.instruments, market.exchanges; errors TR101, TR103, TR543, TR545, TR604
CREATE OR REPLACE FUNCTION research.record_trials(
  optimization bigint, trials int[], specification jsonb, results jsonb[], duration interval DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_optimization research.optimizations := internal.find_optimization(record_trials.optimization);
BEGIN
  IF (cardinality(record_trials.trials) = cardinality(record_trials.results)
      AND record_trials.specification ->> 'version' = '1'
      AND (record_trials.specification ->> 'strategy_id')::int = v_optimization.strategy_id
      AND NOT EXISTS (SELECT FROM unnest(record_trials.results) AS r
                       WHERE (r ? 'error' OR jsonb_typeof(r -> 'days') = 'object') IS NOT TRUE)) IS NOT TRUE THEN
    RAISE EXCEPTION 'these are not the results of trials'
      USING ERRCODE = 'TR545',
            DETAIL = format('%s trials, a specification of version %s, %s results.',
                            coalesce(cardinality(record_trials.trials), 0),
                            coalesce(left(record_trials.specification ->> 'version', 20), 'NULL'),
                            coalesce(cardinality(record_trials.results), 0)),
            HINT = 'CALL research.work(...) and "bourse work" record what they ran.';
  END IF;
  PERFORM internal.record_trials(v_optimization, record_trials.trials, record_trials.specification,
                                 record_trials.results, coalesce(record_trials.duration, interval '0'));
END
$$;
COMMENT ON FUNCTION research.record_trials(bigint, int[], jsonb, jsonb[], interval) IS
  'For programs: stores what came of trials that were run from one row of research.trial_runs. duration: how long all '
  'of them took. Errors TR101, TR103, TR543, TR545.';
REVOKE ALL ON FUNCTION research.record_trials(bigint, int[], jsonb, jsonb[], interval) FROM PUBLIC;
