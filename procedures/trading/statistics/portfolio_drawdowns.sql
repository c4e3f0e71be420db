-- reads trading.portfolio_snapshots, trading.portfolio_values; errors TR211
CREATE OR REPLACE FUNCTION trading.portfolio_drawdowns(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (from_day date, trough_day date, until_day date, drawdown float8, length int)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT d.*
    FROM (SELECT array_agg(c.day ORDER BY c.place) AS days, array_agg(c.index ORDER BY c.place) AS index
            FROM trading.daily_index($1, $2, $3) AS c) AS s
    CROSS JOIN LATERAL trading.drawdowns(s.days, s.index) AS d
$$;
COMMENT ON FUNCTION trading.portfolio_drawdowns(text, timestamptz, timestamptz) IS
  'The drawdowns of a portfolio''s time-weighted return within a span, by days. Error TR211.';
