-- reads strategy.*, market.*, trading.portfolios, trading.fee_schedules, trading.borrow_rates, risk.*, research.*
CREATE OR REPLACE FUNCTION internal.trial_specification(
  p_optimization research.optimizations, p_version strategy.strategy_versions, p_window_no int,
  p_part research.trial_part, p_reports jsonb[], OUT specification jsonb, OUT begins bigint[], OUT error text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_from   timestamptz;
  v_until  timestamptz;
  v_traded int[];
  v_legs   int[];
BEGIN
  SELECT CASE p_part WHEN 'in_sample' THEN w.from_time ELSE w.test_from END,
         CASE p_part WHEN 'in_sample' THEN w.until_time ELSE w.test_until END
    INTO v_from, v_until
    FROM research.optimization_windows AS w
   WHERE w.optimization_id = p_optimization.optimization_id AND w.window_no = p_window_no;
  -- The longest past of all, of which each has the part that it would have alone.
  specification := internal.backtest_specification(
    p_version, p_optimization.symbols, v_from, v_until, p_optimization.capital, p_optimization.settings,
    (SELECT jsonb_set(p_reports[1], '{series}', jsonb_agg(n.entry ORDER BY n.place))
       FROM (SELECT s.place, (array_agg(s.entry))[1] || jsonb_build_object('candles', max((s.entry ->> 'candles')::int))
                      AS entry
               FROM unnest(p_reports) AS r (report)
               CROSS JOIN jsonb_array_elements(r.report -> 'series') WITH ORDINALITY AS s (entry, place)
              GROUP BY s.place) AS n));
  v_traded := ARRAY(SELECT n::int FROM jsonb_array_elements_text(specification #> '{agent,instruments}') AS n);
  v_legs := ARRAY(SELECT n::int FROM jsonb_array_elements_text(specification #> '{agent,legs}') AS n);
  begins := ARRAY(
    SELECT b.begins
      FROM unnest(p_reports) WITH ORDINALITY AS r (report, place)
      JOIN (SELECT u.series, internal.microseconds((internal.backtest_bounds(
                     specification ->> 'feed' = 'ticks', (specification ->> 'bars_of')::interval, v_traded || v_legs,
                     v_from, v_until,
                     (SELECT jsonb_agg(to_jsonb(s))
                        FROM internal.backtest_series(jsonb_build_object('series', u.series), p_version.timeframe,
                                                      v_traded, v_legs) AS s))).begins_at) AS begins
              FROM (SELECT DISTINCT n.report -> 'series' AS series FROM unnest(p_reports) AS n (report)) AS u) AS b
        ON b.series = r.report -> 'series'
     ORDER BY r.place);
EXCEPTION WHEN SQLSTATE 'TR101' OR SQLSTATE 'TR103' OR SQLSTATE 'TR211' OR SQLSTATE 'TR502' OR SQLSTATE 'TR530' THEN
  error := format('%s: %s', SQLSTATE, SQLERRM);
END
$$;
COMMENT ON FUNCTION internal.trial_specification(
  research.optimizations, strategy.strategy_versions, int, research.trial_part, jsonb[]) IS
  'The specification of trials of a window that are fed with the same events, from the one with the longest past on, '
  'where the events of each begin, in the order of their reports, or why there is none.';
