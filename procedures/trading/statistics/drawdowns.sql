-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.drawdowns(days date[], equity float8[])
RETURNS TABLE (from_day date, trough_day date, until_day date, drawdown float8, length int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH spells AS (
      SELECT s.place, s.day, s.drawdown, count(*) FILTER (WHERE s.drawdown = 0) OVER (ORDER BY s.place) AS spell
        FROM trading.day_series(drawdowns.days, drawdowns.equity) AS s
       WHERE s.drawdown IS NOT NULL
    ), found AS (
      SELECT s.spell, min(s.day) AS peak, (array_agg(s.day ORDER BY s.drawdown, s.place))[1] AS trough,
             min(s.drawdown) AS depth, max(s.day) AS last,
             lead(min(s.day)) OVER (ORDER BY s.spell) AS regained
        FROM spells AS s
       GROUP BY s.spell
    )
    SELECT f.peak, f.trough, f.regained, f.depth, coalesce(f.regained, f.last) - f.peak
      FROM found AS f WHERE f.depth < 0 ORDER BY f.spell;
END
$$;
COMMENT ON FUNCTION trading.drawdowns(date[], float8[]) IS
  'Each fall below the highest value so far: from the day of that value, through the lowest, to the first day on which '
  'it was reached again (NULL: not yet); how deep, as a negative fraction, and how many calendar days it took, or '
  'takes so far. Errors TR243, TR604.';
