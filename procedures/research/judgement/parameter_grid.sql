-- reads research.optimizations, research.trials; errors TR543, TR604
CREATE OR REPLACE FUNCTION research.parameter_grid(optimization bigint, x text DEFAULT NULL, y text DEFAULT NULL)
RETURNS TABLE (x_name text, x_place int, x_value text, y_name text, y_place int, y_value text, mean float8,
               best float8, trials int)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_params    jsonb[];
  v_objective float8[];
  v_names     text[];
BEGIN
  IF NOT EXISTS (SELECT FROM research.optimizations AS o WHERE o.optimization_id = parameter_grid.optimization) THEN
    RAISE EXCEPTION 'there is no optimization %', coalesce(parameter_grid.optimization::text, 'NULL')
      USING ERRCODE = 'TR543', DETAIL = 'None of yours has this number.',
            HINT = 'SELECT * FROM research.progress lists them; research.optimize(...) begins one.';
  END IF;
  SELECT array_agg(t.params ORDER BY t.trial), array_agg(t.objective ORDER BY t.trial) INTO v_params, v_objective
    FROM research.trials AS t
   WHERE t.optimization_id = parameter_grid.optimization AND t.part = 'in_sample' AND abs(t.objective) <= 1e30;
  v_names := ARRAY(SELECT e.name FROM research.parameter_effects(v_params, v_objective) WITH ORDINALITY AS e
                    WHERE e.name IS DISTINCT FROM parameter_grid.x AND e.name IS DISTINCT FROM parameter_grid.y
                    ORDER BY e.ordinality);
  RETURN QUERY
    WITH positions AS MATERIALIZED (
      SELECT p.trial, p.objective, p.name, p.place, p.value,
             p.name = coalesce(parameter_grid.x, v_names[1]) AS is_x
        FROM research.parameter_positions(v_params, v_objective) AS p
       WHERE p.name IN (coalesce(parameter_grid.x, v_names[1]),
                        coalesce(parameter_grid.y, v_names[CASE WHEN parameter_grid.x IS NULL THEN 2 ELSE 1 END]))
    ), labels AS (
      -- A value, or the lowest and the highest of a cell.
      SELECT p.name, p.place, concat_ws(' to ', (array_agg(p.value #>> '{}' ORDER BY p.value))[1],
               CASE WHEN count(DISTINCT p.value) > 1
                    THEN (array_agg(p.value #>> '{}' ORDER BY p.value DESC))[1] END) AS value
        FROM positions AS p GROUP BY p.name, p.place
    )
    SELECT a.name, a.place, l.value, b.name, b.place, m.value, avg(a.objective), max(a.objective), count(*)::int
      FROM positions AS a
      JOIN labels AS l ON l.name = a.name AND l.place = a.place
      LEFT JOIN positions AS b ON b.trial = a.trial AND NOT b.is_x
      LEFT JOIN labels AS m ON m.name = b.name AND m.place = b.place
     WHERE a.is_x
     GROUP BY a.name, a.place, l.value, b.name, b.place, m.value
     ORDER BY b.place, a.place;
END
$$;
COMMENT ON FUNCTION research.parameter_grid(bigint, text, text) IS
  'A map of two parameters of an optimization, unless named those that matter most: a row for each pair of values, '
  'or cells of them where many were drawn, with the mean and the best objective of its in-sample trials, over all '
  'windows and whatever the other parameters were. y is NULL where only one parameter had several values. Errors '
  'TR543, TR604.';
