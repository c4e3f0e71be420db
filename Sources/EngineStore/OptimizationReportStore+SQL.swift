extension OptimizationReportStore {
  static let head = """
    SELECT s.name, o.version, o.currency,
           to_char(o.from_time AT TIME ZONE 'UTC', 'YYYY-MM-DD'), to_char(o.until_time AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
           to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), o.owner, trim_scale(o.capital),
           replace(o.method::text, '_', ' '), o.objective, o.walk_forward::text,
           (SELECT count(*) FROM research.trials AS t
             WHERE t.optimization_id = o.optimization_id AND t.returns IS NOT NULL),
           format('SELECT research.optimize(%L, %L, %L, %L,' || chr(10) || '  %L, %L, %L, %s, %L, %s,' || chr(10)
                  || '  %L, %s, %L);',
                  s.name || '@' || o.version, o.symbols, to_char(o.from_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                  to_char(o.until_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), o.parameters, o.method, o.objective,
                  o.trials, o.constraints, o.seed, o.walk_forward, trim_scale(o.capital), o.settings)
      FROM research.optimizations AS o JOIN strategy.strategies AS s USING (strategy_id)
     WHERE o.optimization_id = $1
    """

  static let figures = """
    SELECT f.total_return, f.cagr, f.sharpe, f.max_drawdown
      FROM research.optimizations AS o
      CROSS JOIN LATERAL (SELECT array_agg(r.day ORDER BY r.day) AS days, array_agg(r.equity ORDER BY r.day) AS equity
                            FROM research.optimization_record(o.optimization_id) AS r) AS d
      CROSS JOIN LATERAL trading.return_stats(
        d.days[1:1] || d.days, o.capital::float8 || d.equity, NULL,
        coalesce((o.settings ->> 'periods_per_year')::float8, 252),
        coalesce((o.settings ->> 'risk_free')::float8, 0)) AS f
     WHERE o.optimization_id = $1
    """

  static let days = """
    SELECT r.day - date '1970-01-01', r.window_no, r.equity FROM research.optimization_record($1) AS r ORDER BY r.day
    """

  /// At the ends of sixty parts of the days, as `research.verdict` resamples them.
  static let bands = """
    SELECT d.days[greatest(1, p.point * cardinality(d.days) / 60)] - date '1970-01-01', d.capital * q.quantiles[1],
           d.capital * q.quantiles[2], d.capital * q.quantiles[3]
      FROM (SELECT array_agg(r.day ORDER BY r.day) AS days, array_agg(r.return ORDER BY r.day) AS returns,
                   max(o.capital)::float8 AS capital, max(o.seed) AS seed
              FROM research.optimizations AS o
              CROSS JOIN LATERAL research.optimization_record(o.optimization_id) AS r
             WHERE o.optimization_id = $1) AS d
      CROSS JOIN generate_series(1, 60) AS p (point)
      JOIN LATERAL (
        SELECT u.point, percentile_cont('{0.05,0.5,0.95}'::float8[]) WITHIN GROUP (ORDER BY u.worth) AS quantiles
          FROM research.resample_returns(d.returns, 1000, seed => d.seed, points => 60) AS x
          CROSS JOIN LATERAL unnest(x.path) WITH ORDINALITY AS u (worth, point)
         GROUP BY u.point) AS q ON q.point = p.point
     ORDER BY 1
    """

  static let windows = """
    SELECT w.window_no, w.from_time::date::text, w.until_time::date::text, w.test_from::date::text,
           w.test_until::date::text, c.params::text, c.objective, c.cagr, t.cagr, t.sharpe, t.max_drawdown, t.trades
      FROM research.optimization_windows AS w
      LEFT JOIN research.trials AS c ON c.optimization_id = w.optimization_id AND c.trial = w.chosen_trial
      LEFT JOIN research.trials AS t
        ON t.optimization_id = w.optimization_id AND t.window_no = w.window_no AND t.part = 'out_of_sample'
     WHERE w.optimization_id = $1 ORDER BY w.window_no
    """

  static let effects = """
    SELECT e.name, e.share
      FROM (SELECT array_agg(t.params ORDER BY t.trial) AS params, array_agg(t.objective ORDER BY t.trial) AS objective
              FROM research.trials AS t
             WHERE t.optimization_id = $1 AND t.part = 'in_sample' AND abs(t.objective) <= 1e30) AS n
      CROSS JOIN LATERAL research.parameter_effects(n.params, n.objective) AS e
    """

  /// The chosen cell is that of the last window.
  static let cells = """
    SELECT g.x_name, g.y_name, g.x_place, g.y_place, g.x_value, g.y_value, g.mean,
           coalesce(c.params ->> g.x_name = g.x_value AND (g.y_name IS NULL OR c.params ->> g.y_name = g.y_value), false)
      FROM research.parameter_grid($1) AS g
      LEFT JOIN LATERAL (
        SELECT t.params
          FROM research.optimization_windows AS w
          JOIN research.trials AS t ON t.optimization_id = w.optimization_id AND t.trial = w.chosen_trial
         WHERE w.optimization_id = $1 ORDER BY w.window_no DESC LIMIT 1) AS c ON true
     ORDER BY g.y_place, g.x_place
    """

  /// Of the last window, and of some of its trials where there are thousands, as `research.verdict` takes them.
  static let logits = """
    SELECT unnest(o.logits)
      FROM (SELECT array_agg(t.returns ORDER BY t.trial) AS returns, max(cardinality(t.days)) AS days
              FROM research.trials AS t
              JOIN (SELECT n.window_no, count(*) AS trials FROM research.trials AS n
                     WHERE n.optimization_id = $1 AND n.part = 'in_sample' AND n.returns IS NOT NULL
                     GROUP BY n.window_no ORDER BY n.window_no DESC LIMIT 1) AS w USING (window_no)
             WHERE t.optimization_id = $1 AND t.part = 'in_sample' AND t.returns IS NOT NULL
               AND t.trial % (1 + w.trials / 1000) = 0) AS m
      CROSS JOIN LATERAL research.overfitting(m.returns) AS o
     WHERE array_length(m.returns, 1) > 1 AND m.days >= 4
    """

  static let best = """
    SELECT t.trial, t.window_no, t.params::text, t.objective, t.total_return, t.sharpe, t.max_drawdown, t.trades
      FROM research.trials AS t
     WHERE t.optimization_id = $1 AND t.part = 'in_sample' AND t.objective IS NOT NULL
     ORDER BY t.objective DESC, t.trial LIMIT 50
    """
}
