-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.period_returns(days date[], equity float8[], period text DEFAULT 'month')
RETURNS TABLE (from_day date, return float8, periods bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF (period_returns.period = ANY ('{day,week,month,quarter,year}')) IS NOT TRUE THEN
    RAISE EXCEPTION 'unknown period "%"', coalesce(left(period_returns.period, 16), 'NULL')
      USING ERRCODE = 'TR243', DETAIL = 'Returns are of a day, week, month, quarter or year.',
            HINT = 'Give one of these words.';
  END IF;
  RETURN QUERY
    WITH series AS (
      SELECT s.* FROM trading.day_series(period_returns.days, period_returns.equity) AS s
    ), ends AS (
      SELECT date_trunc(period_returns.period, s.day::timestamp)::date AS from_day, count(*) AS periods,
             (array_agg(s.equity ORDER BY s.place DESC))[1] AS equity
        FROM series AS s WHERE s.place > 1
       GROUP BY 1
    )
    SELECT e.from_day,
           e.equity / nullif(greatest(lag(e.equity, 1, f.equity) OVER (ORDER BY e.from_day), 0), 0) - 1, e.periods
      FROM ends AS e
      CROSS JOIN (SELECT s.equity FROM series AS s WHERE s.place = 1) AS f
     ORDER BY e.from_day;
END
$$;
COMMENT ON FUNCTION trading.period_returns(date[], float8[], text) IS
  'Returns of days, weeks (from Monday), months, quarters or years: from the last value before to the last one of it. '
  'from_day is its first day in the calendar, periods the number of values. The first value of all is where the first '
  'one begins. NULL where there was nothing at the beginning. Errors TR243, TR604.';
