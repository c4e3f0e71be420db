-- reads strategy.*, market.*, trading.portfolios, trading.fee_schedules, trading.borrow_rates, risk.*, research.*
CREATE OR REPLACE FUNCTION internal.trial_runs(
  p_optimization research.optimizations, p_trials int[], p_reports jsonb[])
RETURNS TABLE (trials int[], specification jsonb, parameters text[], begins bigint[], error text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_version strategy.strategy_versions;
  v_group   record;
BEGIN
  SELECT v.* INTO v_version
    FROM strategy.strategy_versions AS v
   WHERE v.strategy_id = p_optimization.strategy_id AND v.version = p_optimization.version;
  FOR v_group IN
    -- Those of one window run together when their rules look at the same series, however long; ticks are warmed up by
    -- candles, as many as the report says.
    WITH reports AS MATERIALIZED (
      SELECT r.*, CASE WHEN p_optimization.settings ->> 'fill' = 'tick' THEN r.report -> 'series'
                       ELSE (SELECT jsonb_agg(s.entry - 'candles' ORDER BY s.place)
                               FROM jsonb_array_elements(r.report -> 'series') WITH ORDINALITY AS s (entry, place)) END
                  AS shape,
             r.report -> 'predictions' AS predictions, r.parameters -> 'legs' AS legs,
             (SELECT jsonb_agg(e.value) FROM jsonb_each(r.parameters -> 'params') AS e
               WHERE jsonb_typeof(e.value) = 'string') AS symbols
        FROM internal.trial_reports(p_optimization, p_trials, p_reports) AS r
    )
    SELECT min(r.window_no) AS window_no, min(r.part) AS part, array_agg(r.trial ORDER BY r.trial) AS trials,
           array_agg(r.parameters ORDER BY r.trial) AS parameters, array_agg(r.report ORDER BY r.trial) AS reports,
           r.error
      FROM reports AS r
     GROUP BY r.error, r.window_no, r.part, r.shape, r.predictions, r.legs, r.symbols
     ORDER BY min(r.trial)
  LOOP
    trials := v_group.trials;
    error := v_group.error;
    specification := NULL;
    IF error IS NULL THEN
      v_version.parameters := v_group.parameters[1];
      SELECT g.specification, g.begins, g.error INTO specification, begins, error
        FROM internal.trial_specification(p_optimization, v_version, v_group.window_no, v_group.part,
                                          v_group.reports) AS g;
      parameters := v_group.parameters::text[];
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.trial_runs(research.optimizations, int[], jsonb[]) IS
  'What has to be run for these trials: of those that are fed with the same events the specification of a backtest, '
  'and of each the parameters of its strategy and where its events begin, in microseconds since 2000-01-01Z; or why '
  'they cannot run. Error TR526.';
