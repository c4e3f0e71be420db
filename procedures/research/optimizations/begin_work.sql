-- reads research.optimizations, market.bars, market.ticks, identity.*; writes identity.token_buckets; errors TR543,
-- TR544,
-- TR755
CREATE OR REPLACE FUNCTION research.begin_work(optimization bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_optimization research.optimizations := internal.find_optimization(begin_work.optimization);
  v_fingerprint  text := internal.market_fingerprint(
    v_optimization.instrument_ids, (v_optimization.settings ->> 'resolution')::interval, v_optimization.from_time,
    v_optimization.until_time);
BEGIN
  PERFORM internal.require_capacity('backtest');
  IF v_fingerprint <> v_optimization.data_fingerprint THEN
    RAISE EXCEPTION 'the data of optimization % have changed', v_optimization.optimization_id
      USING ERRCODE = 'TR544',
            DETAIL = format('Its trials are of data %s; now they are %s.', v_optimization.data_fingerprint,
                            v_fingerprint),
            HINT = 'Trials of different data are not comparable: begin a new optimization.';
  END IF;
END
$$;
COMMENT ON FUNCTION research.begin_work(bigint) IS
  'For programs: what each worker asks before its first trial of an optimization. Errors TR543, TR544, TR755.';
REVOKE ALL ON FUNCTION research.begin_work(bigint) FROM PUBLIC;
