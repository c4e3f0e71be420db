-- reads research.tried, strategy.strategies, market.listings
CREATE OR REPLACE VIEW research.trial_counts WITH (security_invoker = true) AS
SELECT t.owner, s.name AS strategy, i.symbols, t.trials, t.sharpe_deviation,
       trading.expected_sharpe(t.trials, coalesce(t.sharpe_deviation, 0)) AS expected_best, t.best, t.first_tried_at,
       t.last_tried_at, t.strategy_id, t.instrument_ids
  FROM (SELECT n.owner, n.strategy_id, n.instrument_ids, count(*) AS trials,
               stddev_samp(coalesce(n.sharpe, 0)) AS sharpe_deviation, max(n.sharpe) AS best,
               min(n.tried_at) AS first_tried_at, max(n.tried_at) AS last_tried_at
          FROM (SELECT DISTINCT ON (x.owner, x.strategy_id, x.configuration) x.* FROM research.tried AS x
                 ORDER BY x.owner, x.strategy_id, x.configuration, x.tried_id) AS n
         GROUP BY n.owner, n.strategy_id, n.instrument_ids) AS t
  JOIN strategy.strategies AS s USING (strategy_id)
  CROSS JOIN LATERAL (
    SELECT array_agg(l.symbol ORDER BY l.symbol) AS symbols
      FROM market.listings AS l WHERE l.instrument_id = ANY (t.instrument_ids)) AS i;
COMMENT ON VIEW research.trial_counts IS
  'How often each strategy was tried on which instruments, backtests and trials, deleted ones included.';
COMMENT ON COLUMN research.trial_counts.owner IS 'Who tried.';
COMMENT ON COLUMN research.trial_counts.strategy IS 'Name of the strategy.';
COMMENT ON COLUMN research.trial_counts.symbols IS 'The instruments.';
COMMENT ON COLUMN research.trial_counts.trials IS
  'So many different ones: another version, value, setting, time or other data is another trial.';
COMMENT ON COLUMN research.trial_counts.sharpe_deviation IS
  'Standard deviation of their Sharpe ratios, of a year; one without volatility has 0. NULL below two.';
COMMENT ON COLUMN research.trial_counts.expected_best IS
  'The ratio that the best of so many without skill would be expected to have.';
COMMENT ON COLUMN research.trial_counts.best IS 'The best ratio of all.';
COMMENT ON COLUMN research.trial_counts.first_tried_at IS 'Clock time of the first.';
COMMENT ON COLUMN research.trial_counts.last_tried_at IS 'Clock time of the last.';
COMMENT ON COLUMN research.trial_counts.strategy_id IS 'Identifier of the strategy.';
COMMENT ON COLUMN research.trial_counts.instrument_ids IS 'Identifiers of the instruments.';
