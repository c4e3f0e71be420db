-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION research.parameter_effects(params jsonb[], objective float8[])
RETURNS TABLE (name text, "values" int, share float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH positions AS MATERIALIZED (
      SELECT p.* FROM research.parameter_positions(parameter_effects.params, parameter_effects.objective) AS p
    ), groups AS (
      SELECT p.name, max(p.places) AS places, count(*) AS n, avg(p.objective) AS mean,
             coalesce(var_pop(p.objective), 0) AS variance
        FROM positions AS p GROUP BY p.name, p.place
    )
    SELECT g.name, max(g.places), 1 - sum(g.n * g.variance) / nullif(t.total, 0)
      FROM groups AS g
      JOIN (SELECT p.name, count(*) * var_pop(p.objective) AS total FROM positions AS p GROUP BY p.name) AS t
        USING (name)
     GROUP BY g.name, t.total
     ORDER BY 3 DESC NULLS LAST, 1;
END
$$;
COMMENT ON FUNCTION research.parameter_effects(jsonb[], float8[]) IS
  'How much each parameter that had several values matters by itself: the share of the variance of the objective '
  'between its values, or cells of them (eta squared); NULL when the objective is always the same. Errors TR243, '
  'TR604.';
