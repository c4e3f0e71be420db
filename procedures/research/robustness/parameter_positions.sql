-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION research.parameter_positions(p_params jsonb[], p_objective float8[])
RETURNS TABLE (trial int, objective float8, name text, is_number boolean, value jsonb, place int, places int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF coalesce(cardinality(p_params), 0) <> coalesce(cardinality(p_objective), 0) THEN
    RAISE EXCEPTION 'parameters and objectives of trials do not fit together'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s parameters, %s objectives.', coalesce(cardinality(p_params), 0),
                            coalesce(cardinality(p_objective), 0)),
            HINT = 'Give one of each for every trial; NULL for an objective that is not known.';
  END IF;
  IF EXISTS (SELECT FROM unnest(p_objective) AS o (value) WHERE NOT abs(o.value) <= 1e30) THEN
    RAISE EXCEPTION 'objectives of trials are finite numbers'
      USING ERRCODE = 'TR243',
            DETAIL = format('One is %s.', (SELECT o.value FROM unnest(p_objective) AS o (value)
                                            WHERE NOT abs(o.value) <= 1e30 LIMIT 1)),
            HINT = 'Give NULL, which is left out, where it is not known.';
  END IF;
  RETURN QUERY
    WITH settings AS MATERIALIZED (
      SELECT n.trial::int AS trial, n.objective, e.key AS name, e.value,
             CASE jsonb_typeof(e.value) WHEN 'number' THEN (e.value #>> '{}')::numeric END AS number
        FROM unnest(p_params, p_objective) WITH ORDINALITY AS n (params, objective, trial)
        CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(n.params) WHEN 'object' THEN n.params ELSE '{}' END) AS e
       WHERE n.objective IS NOT NULL
    ), ranked AS (
      SELECT s.*, dense_rank() OVER (PARTITION BY s.name ORDER BY s.number, s.value) AS rank FROM settings AS s
    ), named AS (
      SELECT r.name, max(r.rank) AS values, bool_and(r.number IS NOT NULL) AS is_number
        FROM ranked AS r GROUP BY r.name HAVING max(r.rank) > 1
    ), shape AS (
      -- A grid, when a quarter of its cells or more were tried; else cells are so wide that each has one on average.
      SELECT sum(ln(n.values)) <= ln(4 * t.trials) AS is_grid,
             greatest(2, round(power(t.trials, 1.0::float8 / count(*))))::int AS cells
        FROM named AS n CROSS JOIN (SELECT count(DISTINCT s.trial)::float8 AS trials FROM settings AS s) AS t
       GROUP BY t.trials
    )
    SELECT r.trial, r.objective, r.name, n.is_number, r.value,
           CASE WHEN h.is_grid OR NOT n.is_number OR n.values <= h.cells THEN r.rank
                ELSE 1 + (r.rank - 1) * h.cells / n.values END::int,
           CASE WHEN h.is_grid OR NOT n.is_number THEN n.values ELSE least(n.values, h.cells) END::int
      FROM ranked AS r JOIN named AS n USING (name) CROSS JOIN shape AS h;
END
$$;
COMMENT ON FUNCTION research.parameter_positions(jsonb[], float8[]) IS
  'Where each trial lies among all in each parameter that had several values: the place of its value in their order, '
  'of so many places; what was drawn without a grid lies in cells that have as many values each. Trials without an '
  'objective are left out. Errors TR243, TR604.';
