-- reads trading.portfolio_snapshots, trading.portfolio_values; errors TR211, TR243
CREATE OR REPLACE FUNCTION trading.portfolio_returns(
  portfolio text, period text DEFAULT 'month', from_time timestamptz DEFAULT '-infinity',
  until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (from_day date, return float8, periods bigint)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.*
    FROM (SELECT array_agg(c.day ORDER BY c.place) AS days, array_agg(c.index ORDER BY c.place) AS index
            FROM trading.daily_index($1, $3, $4) AS c) AS s
    CROSS JOIN LATERAL trading.period_returns(s.days, s.index, $2) AS r
$$;
COMMENT ON FUNCTION trading.portfolio_returns(text, text, timestamptz, timestamptz) IS
  'Time-weighted returns of a portfolio''s days, weeks, months, quarters or years within a span, in its time zone. '
  'Errors TR211, TR243.';
