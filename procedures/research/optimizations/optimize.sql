-- writes research.optimizations, research.optimization_windows, research.trials; reads strategy.*, market.*,
-- trading.portfolios, trading.fee_schedules, identity.*; errors TR101, TR103, TR211, TR501, TR502, TR510, TR530, TR531,
-- TR540, TR541, TR542, TR731
CREATE OR REPLACE FUNCTION research.optimize(
  strategy text, symbols text[], "from" timestamptz, until timestamptz, parameters jsonb, method text DEFAULT 'grid',
  objective text DEFAULT 'sharpe', trials int DEFAULT NULL, constraints text[] DEFAULT '{}', seed bigint DEFAULT 0,
  walk_forward jsonb DEFAULT NULL, capital numeric DEFAULT 100000, settings jsonb DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_settings   jsonb := internal.backtest_settings(optimize.settings);
  v_version    strategy.strategy_versions := internal.with_params(
    internal.named_version(optimize.strategy), v_settings -> 'params');
  v_dimensions internal.search_dimension[] := internal.search_dimensions(
    optimize.parameters, v_version.parameters -> 'params');
  v_terms      record;
  v_most       int;
  v_conditions text;
  v_params     jsonb[];
  v_windows    research.optimization_windows[];
  v_id         bigint;
BEGIN
  v_terms := internal.optimization_terms(v_version, v_settings, optimize.symbols, optimize."from", optimize.until,
                                         optimize.capital);
  v_most := internal.most_trials(optimize.method, optimize.trials, optimize.seed);
  v_conditions := internal.search_conditions(
    optimize.objective, optimize.constraints,
    ARRAY(SELECT d.name FROM unnest(v_dimensions) AS d
           WHERE jsonb_typeof(v_version.parameters -> 'params' -> d.name) = 'number'));
  v_windows := ARRAY(
    SELECT ROW (NULL, w.*, NULL)::research.optimization_windows
      FROM internal.walk_forward_windows(optimize.walk_forward, optimize."from", optimize.until,
                                         (v_terms.settings ->> 'resolution')::interval) AS w
     ORDER BY w.window_no);
  v_params := ARRAY(
    SELECT s.params
      FROM internal.search_trials(
             v_dimensions, optimize.method::research.search_method, optimize.seed,
             -- What comes later depends on what these have shown.
             CASE optimize.method WHEN 'tpe' THEN least(v_most, 20) ELSE v_most END, v_conditions,
             cardinality(v_windows)) AS s
     ORDER BY s.place);
  v_most := CASE optimize.method WHEN 'tpe' THEN v_most ELSE cardinality(v_params) END;
  IF v_params = '{}' THEN
    RAISE EXCEPTION 'no values meet the constraints'
      USING ERRCODE = 'TR540', DETAIL = format('They are %s.', array_to_string(optimize.constraints, ' and ')),
            HINT = 'Leave one out, or widen the parameters.';
  END IF;
  PERFORM internal.refuse_trials(
    cardinality(v_windows)::bigint * (v_most + (optimize.walk_forward IS NOT NULL)::int));
  INSERT INTO research.optimizations (
    strategy_id, version, symbols, instrument_ids, from_time, until_time, capital, currency, settings, parameters,
    method, objective, constraints, seed, trials, walk_forward, data_fingerprint)
  VALUES (
    v_version.strategy_id, v_version.version, v_terms.symbols, v_terms.instrument_ids, optimize."from",
    optimize.until, optimize.capital, v_terms.settings ->> 'currency', v_terms.settings, optimize.parameters,
    optimize.method::research.search_method, optimize.objective, optimize.constraints, optimize.seed, v_most,
    optimize.walk_forward, v_terms.data_fingerprint)
  RETURNING optimization_id INTO v_id;
  INSERT INTO research.optimization_windows (
    optimization_id, window_no, from_time, until_time, test_from, test_until)
  SELECT v_id, w.window_no, w.from_time, w.until_time, w.test_from, w.test_until FROM unnest(v_windows) AS w;
  INSERT INTO research.trials (optimization_id, trial, window_no, part, params)
  SELECT v_id, (w.window_no - 1) * (v_most + 1) + coalesce(p.place, v_most + 1), w.window_no,
         CASE WHEN p.place IS NULL THEN 'out_of_sample' ELSE 'in_sample' END::research.trial_part, p.params
    FROM unnest(v_windows) AS w
    CROSS JOIN (SELECT u.params, u.place FROM unnest(v_params) WITH ORDINALITY AS u (params, place)
                UNION ALL SELECT NULL, NULL) AS p
   WHERE p.place IS NOT NULL OR w.test_from IS NOT NULL;
  RETURN v_id;
END
$$;
COMMENT ON FUNCTION research.optimize(
  text, text[], timestamptz, timestamptz, jsonb, text, text, int, text[], bigint, jsonb, numeric, jsonb) IS
  'Begins a search for the values of a strategy''s named parameters: writes the trials (research.trials) and returns '
  'the number that "CALL research.work(number)", in any number of sessions, or "bourse work number" runs them by. '
  'method: grid, random, latin_hypercube or tpe; objective: a statistic, or an expression over statistics, as large '
  'as possible; trials: of each window, 100 unless given, all of a grid; constraints: such as "fast < slow" or '
  '"trades >= 30"; walk_forward: {"kind": "rolling", "train": "2 years", "test": "6 months"}, else all is in sample. '
  'The rest is as for research.run_backtest; docs/optimisation.md. Errors TR101, TR103, TR211, TR501, TR502, TR510, '
  'TR530, TR531, TR540, TR541, TR542, TR731.';
REVOKE ALL ON FUNCTION research.optimize(
  text, text[], timestamptz, timestamptz, jsonb, text, text, int, text[], bigint, jsonb, numeric, jsonb) FROM PUBLIC;
