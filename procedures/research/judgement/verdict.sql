-- reads research.optimizations, optimization_windows, trials, tried; errors TR543, TR553
CREATE OR REPLACE FUNCTION research.verdict(optimization bigint)
RETURNS TABLE (topic text, value float8, judgement text, finding text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_optimization research.optimizations;
  v_tried        record;
  v_record       record;
  v_figures      trading.return_figures;
  v_year         float8;
BEGIN
  -- Errors TR543 for one that is not there.
  SELECT array_agg(r.day ORDER BY r.day) AS days, array_agg(r.return ORDER BY r.day) AS returns,
         array_agg(r.equity ORDER BY r.day) AS equity
    INTO v_record FROM research.optimization_record(verdict.optimization) AS r;
  SELECT o.* INTO v_optimization FROM research.optimizations AS o WHERE o.optimization_id = verdict.optimization;
  IF v_record.days IS NULL THEN
    RAISE EXCEPTION 'optimization % has nothing to be judged by', verdict.optimization
      USING ERRCODE = 'TR553', DETAIL = 'Its trials were not run yet, or none of them can be chosen.',
            HINT = format('CALL research.work(%s); SELECT * FROM research.progress.', verdict.optimization);
  END IF;
  v_year := coalesce((v_optimization.settings ->> 'periods_per_year')::float8, 252);
  v_figures := trading.return_stats(v_record.days[1:1] || v_record.days,
                                    v_optimization.capital::float8 || v_record.equity, NULL, v_year,
                                    coalesce((v_optimization.settings ->> 'risk_free')::float8, 0));
  -- Whatever was tried with this strategy, on any of these instruments, at any time of these.
  SELECT count(*) AS trials, coalesce(stddev_samp(coalesce(t.sharpe, 0)), 0) AS deviation INTO v_tried
    FROM (SELECT DISTINCT ON (n.configuration) n.sharpe FROM research.tried AS n
           WHERE n.owner = v_optimization.owner AND n.strategy_id = v_optimization.strategy_id
             AND n.instrument_ids && v_optimization.instrument_ids
             AND n.from_time < v_optimization.until_time AND n.until_time > v_optimization.from_time
           ORDER BY n.configuration, n.tried_id) AS t;
  RETURN QUERY
    WITH windows AS MATERIALIZED (
      SELECT w.window_no, w.chosen_trial,
             (SELECT count(*) FROM research.trials AS t
               WHERE t.optimization_id = w.optimization_id AND t.window_no = w.window_no AND t.part = 'in_sample'
                 AND t.returns IS NOT NULL) AS trials
        FROM research.optimization_windows AS w WHERE w.optimization_id = v_optimization.optimization_id
    ), overfitting AS (
      SELECT avg(o.probability) AS probability
        FROM windows AS w
        CROSS JOIN LATERAL (
          -- Of thousands of trials some will do.
          SELECT array_agg(t.returns ORDER BY t.trial) AS returns, max(cardinality(t.days)) AS days
            FROM research.trials AS t
           WHERE t.optimization_id = v_optimization.optimization_id AND t.window_no = w.window_no
             AND t.part = 'in_sample' AND t.returns IS NOT NULL AND t.trial % (1 + w.trials / 1000) = 0) AS m
        CROSS JOIN LATERAL research.overfitting(
          m.returns, CASE WHEN v_optimization.walk_forward IS NOT NULL AND m.days >= 16 THEN 8 END) AS o
       WHERE w.trials > 1 AND m.days >= 4 AND array_length(m.returns, 1) > 1
    ), stability AS (
      SELECT avg(s.stability) AS stability
        FROM windows AS w
        CROSS JOIN LATERAL (
          SELECT array_agg(t.params ORDER BY t.trial) AS params, array_agg(t.objective ORDER BY t.trial) AS objective,
                 count(*) FILTER (WHERE t.trial <= w.chosen_trial) AS place
            FROM research.trials AS t
           WHERE t.optimization_id = v_optimization.optimization_id AND t.window_no = w.window_no
             AND t.part = 'in_sample' AND abs(t.objective) <= 1e30) AS m
        CROSS JOIN LATERAL research.parameter_stability(m.params, m.objective) AS s
       WHERE s.trial = m.place
    ), chosen AS (
      SELECT avg(t.cagr) AS cagr FROM windows AS w
        JOIN research.trials AS t ON t.optimization_id = v_optimization.optimization_id AND t.trial = w.chosen_trial
    ), held AS (
      SELECT sum(t.trades) AS trades FROM windows AS w
        JOIN research.trials AS t ON t.optimization_id = v_optimization.optimization_id
         AND t.window_no = w.window_no
         AND CASE WHEN v_optimization.walk_forward IS NULL THEN t.trial = w.chosen_trial
                  ELSE t.part = 'out_of_sample' END
    ), losses AS (
      SELECT avg((r.total_return < 0)::int)::float8 AS share
        FROM research.resample_returns(v_record.returns, 1000, seed => v_optimization.seed) AS r
    ), figures (place, topic, value, judgement, finding) AS (
      SELECT 2, 'skill', f.value,
             CASE WHEN f.value >= 0.95 THEN 'good' WHEN f.value >= 0.5 THEN 'doubtful' ELSE 'poor' END,
             CASE WHEN v_optimization.walk_forward IS NULL
                  THEN format('The chosen one has a Sharpe ratio of %s, and the best of as many trials without skill '
                              '%s: it is better than luck with a probability of %s %%.',
                              round(v_figures.sharpe::numeric, 2), round(f.luck::numeric, 2),
                              round(100 * f.value::numeric, 1))
                  ELSE format('Out of sample the Sharpe ratio is %s: it is above 0 with a probability of %s %%.',
                              round(v_figures.sharpe::numeric, 2), round(100 * f.value::numeric, 1)) END
        FROM (SELECT n.luck, trading.probabilistic_sharpe(v_figures.sharpe, v_figures.periods, v_figures.skew,
                                                          v_figures.kurtosis, v_year, n.luck) AS value
                FROM (SELECT CASE WHEN v_optimization.walk_forward IS NULL
                                  THEN trading.expected_sharpe(greatest(v_tried.trials, 1), v_tried.deviation)
                                  ELSE 0 END AS luck) AS n) AS f
       WHERE f.value IS NOT NULL
      UNION ALL
      SELECT 3, 'overfitting', o.probability,
             CASE WHEN o.probability <= 0.1 THEN 'good' WHEN o.probability < 0.5 THEN 'doubtful' ELSE 'poor' END,
             format('In %s %% of all ways to cut the days in halves the trial that was best in one half was not above '
                    'the middle in the other.', round(100 * o.probability::numeric, 1))
        FROM overfitting AS o WHERE o.probability IS NOT NULL
      UNION ALL
      SELECT 4, 'walk_forward', v_figures.cagr,
             CASE WHEN v_figures.cagr <= 0 THEN 'poor' WHEN v_figures.cagr >= c.cagr / 2 THEN 'good'
                  ELSE 'doubtful' END,
             format('Out of sample it made %s %% a year, and in sample the chosen ones %s %%.',
                    round(100 * v_figures.cagr::numeric, 2), round(100 * c.cagr::numeric, 2))
        FROM chosen AS c WHERE v_optimization.walk_forward IS NOT NULL
      UNION ALL
      SELECT 5, 'stability', s.stability,
             CASE WHEN s.stability >= 0.5 THEN 'good' WHEN s.stability >= 0.2 THEN 'doubtful' ELSE 'poor' END,
             format('Values beside the chosen ones keep %s %% of what these have: %s.',
                    round(100 * s.stability::numeric), CASE WHEN s.stability >= 0.5 THEN 'a plateau'
                                                            WHEN s.stability >= 0.2 THEN 'a slope' ELSE 'a peak' END)
        FROM stability AS s WHERE s.stability IS NOT NULL
      UNION ALL
      SELECT 6, 'trades', h.trades::float8,
             CASE WHEN h.trades >= 100 THEN 'good' WHEN h.trades >= 30 THEN 'doubtful' ELSE 'poor' END,
             format('It rests on %s closed trades.', h.trades)
        FROM held AS h
      UNION ALL
      SELECT 7, 'loss', l.share,
             CASE WHEN l.share <= 0.05 THEN 'good' WHEN l.share <= 0.25 THEN 'doubtful' ELSE 'poor' END,
             format('Of a thousand resamples of its days %s %% lost money.', round(100 * l.share::numeric, 1))
        FROM losses AS l WHERE l.share IS NOT NULL
    ), worst AS (
      SELECT CASE WHEN bool_or(f.judgement = 'poor') THEN 'poor' WHEN bool_or(f.judgement = 'doubtful') THEN 'doubtful'
                  ELSE 'good' END AS judgement,
             string_agg(replace(f.topic, '_', ' '), ', ' ORDER BY f.place)
               FILTER (WHERE f.judgement IN ('poor', 'doubtful')) AS topics
        FROM figures AS f
    )
    SELECT n.topic, n.value, n.judgement, n.finding
      FROM (SELECT f.* FROM figures AS f
            UNION ALL
            SELECT 1, 'trials', v_tried.trials::float8, NULL,
                   format('This strategy was tried %s times on these instruments and days, deleted trials included.',
                          v_tried.trials)
            UNION ALL
            SELECT 0, 'verdict', NULL, w.judgement,
                   CASE w.judgement
                     WHEN 'good' THEN 'Nothing that was looked at speaks against it. Trade it on paper before money is '
                                      'at stake.'
                     WHEN 'doubtful' THEN format('Do not rely on it yet. What speaks against it: %s.', w.topics)
                     ELSE format('This is most likely luck: do not trade it. What speaks against it: %s.', w.topics) END
              FROM worst AS w) AS n
     ORDER BY n.place;
END
$$;
COMMENT ON FUNCTION research.verdict(bigint) IS
  'Whether an optimization found something, in plain words: a row for each question with the figure that answers it, '
  'a judgement (good, doubtful, poor; NULL: none) and a sentence, the verdict first. docs/robustness.md says what '
  'each is judged by. Errors TR543, TR553.';
