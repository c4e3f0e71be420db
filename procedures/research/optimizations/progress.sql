-- reads research.optimizations, research.optimization_windows, research.trials, strategy.strategies
CREATE OR REPLACE VIEW research.progress WITH (security_invoker = true) AS
SELECT o.optimization_id, s.name || '@' || o.version AS strategy, o.symbols, o.method, o.objective, w.windows,
       w.windows * (o.trials + (o.walk_forward IS NOT NULL)::int) AS trials, t.done, t.failed, t.pruned,
       CASE WHEN o.finished_at IS NOT NULL THEN 1
            ELSE (t.done + t.failed + t.pruned)::float8
                 / (w.windows * (o.trials + (o.walk_forward IS NOT NULL)::int)) END AS share,
       t.best, o.created_at, o.finished_at
  FROM research.optimizations AS o
  JOIN strategy.strategies AS s USING (strategy_id)
  CROSS JOIN LATERAL (
    SELECT count(*) AS windows
      FROM research.optimization_windows AS n WHERE n.optimization_id = o.optimization_id) AS w
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE n.status = 'done') AS done, count(*) FILTER (WHERE n.status = 'failed') AS failed,
           count(*) FILTER (WHERE n.status = 'pruned') AS pruned, max(n.objective) AS best
      FROM research.trials AS n WHERE n.optimization_id = o.optimization_id) AS t;
COMMENT ON VIEW research.progress IS 'How far optimizations are.';
COMMENT ON COLUMN research.progress.optimization_id IS 'Identifier.';
COMMENT ON COLUMN research.progress.strategy IS 'The strategy, name@version.';
COMMENT ON COLUMN research.progress.symbols IS 'What it trades.';
COMMENT ON COLUMN research.progress.method IS 'How the values are chosen.';
COMMENT ON COLUMN research.progress.objective IS 'What is to be as large as possible.';
COMMENT ON COLUMN research.progress.windows IS 'Windows of the walk-forward, or 1.';
COMMENT ON COLUMN research.progress.trials IS 'All trials, out-of-sample ones included; of tpe the most there may be.';
COMMENT ON COLUMN research.progress.done IS 'Trials that ran.';
COMMENT ON COLUMN research.progress.failed IS 'Trials that cannot run.';
COMMENT ON COLUMN research.progress.pruned IS 'Trials that ran and break a constraint.';
COMMENT ON COLUMN research.progress.share IS 'All of these of the trials, 0 to 1.';
COMMENT ON COLUMN research.progress.best IS 'Best objective until now; NULL: there is none.';
COMMENT ON COLUMN research.progress.created_at IS 'Clock time of the beginning.';
COMMENT ON COLUMN research.progress.finished_at IS 'Clock time of the end; NULL: it goes on, or waits for a worker.';
