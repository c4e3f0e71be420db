-- reads research.trials; errors TR542
CREATE OR REPLACE FUNCTION internal.tpe_candidates(
  p_optimization research.optimizations, p_dimensions internal.search_dimension[], p_window_no int, p_done int,
  p_count int)
RETURNS TABLE (place int, params jsonb)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  v_conditions text := internal.search_conditions(
    p_optimization.objective, p_optimization.constraints,
    ARRAY(SELECT d.name FROM unnest(p_dimensions) AS d
           WHERE d.choices IS NULL OR jsonb_typeof(d.choices -> 0) = 'number'));
BEGIN
  -- Bergstra and others 2011: candidates are drawn from the density of the best quarter of what was tried, and those
  -- are
  -- taken at which it is highest against the density of the rest. Densities are sums of normal ones around what was
  -- tried
  -- and of an even one, by parameter; the more was tried the narrower they are.
  FOR place, params IN EXECUTE format($sql$
    WITH tried AS MATERIALIZED (
      SELECT t.trial, t.params,
             row_number() OVER (ORDER BY t.objective DESC NULLS LAST, t.trial) <= ceil(0.25 * count(*) OVER ())
               AS is_good
        FROM research.trials AS t
       WHERE t.optimization_id = $1 AND t.window_no = $2 AND t.part = 'in_sample'
    ), points AS MATERIALIZED (
      SELECT d.name, r.is_good, internal.dimension_place($3[d.ordinality], r.params -> d.name) AS place,
             row_number() OVER (PARTITION BY d.name, r.is_good ORDER BY r.trial) AS number
        FROM tried AS r CROSS JOIN unnest($3) WITH ORDINALITY AS d
    ), kernels AS MATERIALIZED (
      SELECT p.name, p.is_good, count(*) AS points,
             greatest(least(coalesce(stddev_samp(p.place), 0) * 1.06, 0.5) * power(count(*), -0.2), 0.02) AS width
        FROM points AS p GROUP BY p.name, p.is_good
    ), draws AS (
      SELECT c.n, d.name, d.ordinality AS axis, k.points, k.width,
             internal.draw($4, concat_ws('/', $2, $5, c.n, d.name, 'kernel')) AS kernel,
             internal.draw($4, concat_ws('/', $2, $5, c.n, d.name, 'a')) AS a,
             internal.draw($4, concat_ws('/', $2, $5, c.n, d.name, 'b')) AS b
        FROM generate_series(1, 24 * $6) AS c (n)
        CROSS JOIN unnest($3) WITH ORDINALITY AS d
        JOIN kernels AS k ON k.name = d.name AND k.is_good
    ), values AS MATERIALIZED (
      -- Outside of the range it is mirrored at its end.
      SELECT w.n, w.name, internal.dimension_value($3[w.axis], least(abs(w.place - 2 * floor((w.place + 1) / 2)),
                                                                     0.999999999999)) AS value, w.axis
        FROM (SELECT d.n, d.name, d.axis,
                     CASE WHEN p.place IS NULL THEN d.a
                          ELSE p.place + d.width * sqrt(-2 * ln(1 - d.a)) * cos(2 * pi() * d.b) END AS place
                FROM draws AS d
                LEFT JOIN points AS p ON p.name = d.name AND p.is_good
                                     AND p.number = floor(d.kernel * (d.points + 1))) AS w
    ), densities AS (
      SELECT v.n, v.name, v.value, sum(ln(q.density) * CASE WHEN q.is_good THEN 1 ELSE -1 END) AS gain
        FROM values AS v
        CROSS JOIN LATERAL (SELECT internal.dimension_place($3[v.axis], v.value) AS place OFFSET 0) AS x
        CROSS JOIN LATERAL (
          SELECT k.is_good,
                 (1 + sum(exp(greatest(-0.5 * ((x.place - p.place) / k.width) ^ 2, -50)) / (k.width * sqrt(2 * pi()))))
                 / (k.points + 1) AS density
            FROM kernels AS k JOIN points AS p ON p.name = k.name AND p.is_good = k.is_good
           WHERE k.name = v.name GROUP BY k.is_good, k.points) AS q
       GROUP BY v.n, v.name, v.value
    ), candidates AS (
      SELECT s.n, jsonb_object_agg(s.name, s.value) AS params, sum(s.gain) AS gain FROM densities AS s GROUP BY s.n
    )
    SELECT (row_number() OVER (ORDER BY max(t.gain) DESC, min(t.n)))::int, t.params
      FROM candidates AS t
     WHERE %s AND NOT EXISTS (SELECT FROM tried AS r WHERE r.params = t.params)
     GROUP BY t.params ORDER BY max(t.gain) DESC, min(t.n) LIMIT $6 $sql$, coalesce(v_conditions, 'true'))
    USING p_optimization.optimization_id, p_window_no, p_dimensions, p_optimization.seed, p_done, p_count
  LOOP
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.tpe_candidates(
  research.optimizations, internal.search_dimension[], int, int, int) IS
  'What a tree-structured Parzen estimator would try next in a window after so many trials: values that were not '
  'tried, best first, by seed and trials alone. Error TR542.';
