-- reads research.optimizations, and what research.optimization_record reads; errors TR543
CREATE OR REPLACE FUNCTION research.walk_forward(optimization bigint)
RETURNS trading.return_figures
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_optimization research.optimizations;
  v_days         date[];
  v_equity       float8[];
BEGIN
  SELECT o.* INTO v_optimization
    FROM research.optimizations AS o WHERE o.optimization_id = walk_forward.optimization;
  IF NOT FOUND OR v_optimization.walk_forward IS NULL THEN
    RAISE EXCEPTION 'optimization % does not walk forward', coalesce(walk_forward.optimization::text, 'NULL')
      USING ERRCODE = 'TR543', DETAIL = 'There is none with this number, or all of its trials are in sample.',
            HINT = 'SELECT * FROM research.progress lists optimizations.';
  END IF;
  SELECT array_agg(r.day ORDER BY r.day), array_agg(r.equity ORDER BY r.day) INTO v_days, v_equity
    FROM research.optimization_record(walk_forward.optimization) AS r;
  RETURN trading.return_stats(
    v_days[1:1] || v_days, CASE WHEN v_days IS NOT NULL THEN v_optimization.capital::float8 || v_equity END, NULL,
    (v_optimization.settings ->> 'periods_per_year')::float8, (v_optimization.settings ->> 'risk_free')::float8);
END
$$;
COMMENT ON FUNCTION research.walk_forward(bigint) IS
  'The headline of an optimization that walks forward: what the values chosen in each window did in the time behind '
  'it, the returns of all these days one after the other, with the columns of trading.return_figures. Error TR543.';
