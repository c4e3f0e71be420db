-- reads research.optimizations, research.optimization_windows, research.trials; errors TR543
CREATE OR REPLACE FUNCTION research.optimization_record(optimization bigint)
RETURNS TABLE (day date, window_no int, return float8, equity float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_optimization research.optimizations;
BEGIN
  SELECT o.* INTO v_optimization
    FROM research.optimizations AS o WHERE o.optimization_id = optimization_record.optimization;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no optimization %', coalesce(optimization_record.optimization::text, 'NULL')
      USING ERRCODE = 'TR543', DETAIL = 'None of yours has this number.',
            HINT = 'SELECT * FROM research.progress lists them; research.optimize(...) begins one.';
  END IF;
  RETURN QUERY
    WITH days AS (
      SELECT u.day, max(t.window_no) AS window_no, exp(sum(ln(greatest(1 + u.return, 1e-12)))) - 1 AS return
        FROM research.optimization_windows AS w
        JOIN research.trials AS t USING (optimization_id, window_no)
        CROSS JOIN LATERAL unnest(t.days, t.returns) AS u (day, return)
       WHERE w.optimization_id = v_optimization.optimization_id
         AND CASE WHEN v_optimization.walk_forward IS NULL THEN t.trial = w.chosen_trial
                  ELSE t.part = 'out_of_sample' END
       -- The last day of a window may be the first of the next.
       GROUP BY u.day
    )
    SELECT d.day, d.window_no, d.return,
           v_optimization.capital::float8
           * exp(greatest(-700, least(700, sum(ln(greatest(1 + d.return, 1e-12))) OVER (ORDER BY d.day))))
      FROM days AS d ORDER BY d.day;
END
$$;
COMMENT ON FUNCTION research.optimization_record(bigint) IS
  'The days that an optimization is to be judged by: those out of sample where it walks forward, else those of the '
  'chosen trial, which were in sample. window_no: the window they belong to; equity: what its capital had become. '
  'Error TR543.';
