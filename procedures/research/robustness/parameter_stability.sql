-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION research.parameter_stability(params jsonb[], objective float8[])
RETURNS TABLE (trial int, result float8, neighbours int, neighbour_mean float8, neighbour_worst float8,
               stability float8)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH positions AS MATERIALIZED (
      SELECT p.* FROM research.parameter_positions(parameter_stability.params, parameter_stability.objective) AS p
    ), trials AS MATERIALIZED (
      SELECT p.trial, p.objective, count(*) AS parameters FROM positions AS p GROUP BY p.trial, p.objective
    ), typical AS (
      SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t.objective) AS objective FROM trials AS t
    ), pairs AS (
      SELECT a.trial, b.trial AS neighbour
        FROM positions AS a
        JOIN positions AS b ON b.name = a.name
         -- Values without an order are neighbours of themselves alone.
         AND b.place BETWEEN a.place - a.is_number::int AND a.place + a.is_number::int
       GROUP BY a.trial, b.trial HAVING count(*) = (SELECT max(t.parameters) FROM trials AS t)
    ), around AS (
      SELECT p.trial, count(*) AS neighbours, avg(t.objective) AS mean, min(t.objective) AS worst
        FROM pairs AS p JOIN trials AS t ON t.trial = p.neighbour
       WHERE p.neighbour <> p.trial
       GROUP BY p.trial
    )
    SELECT t.trial, t.objective, coalesce(a.neighbours, 0)::int, a.mean, a.worst,
           1 - (t.objective - a.mean) / nullif(greatest(abs(t.objective), t.objective - m.objective), 0)
      FROM trials AS t CROSS JOIN typical AS m LEFT JOIN around AS a USING (trial)
     ORDER BY t.trial;
END
$$;
COMMENT ON FUNCTION research.parameter_stability(jsonb[], float8[]) IS
  'Whether a trial lies on a plateau or on a peak: how its neighbours did, which differ by one step of the grid at '
  'most in each parameter. stability: how much of its objective, or of its lead over the median of all trials where '
  'that is more, they keep on average: 1 is a plateau, 0 or less a lone peak; NULL without a neighbour, or with '
  'nothing to keep. Trials are counted from 1. Errors TR243, TR604.';
