-- reads trading.portfolios, trading.portfolio_snapshots
CREATE OR REPLACE FUNCTION reporting.portfolio_values(
  portfolios text[], from_time timestamptz, until_time timestamptz, step interval DEFAULT NULL)
RETURNS TABLE ("time" timestamptz, portfolio text, equity float8, cash float8, positions_value float8,
               return_index float8, drawdown float8, owner text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_from      timestamptz := least(greatest(portfolio_values.from_time, '1900-01-01Z'), '2200-01-01Z');
  v_until     timestamptz := greatest(least(portfolio_values.until_time, '2200-01-01Z'), '1900-01-01Z');
  -- At most 10,000 points, and as many as a wide screen has where nothing is asked for.
  v_span      interval := greatest(v_until - v_from, interval '1 second');
  v_step      interval := least(greatest(coalesce(portfolio_values.step, v_span / 1000), v_span / 10000,
                                         interval '1 second'), v_span);
  v_portfolio trading.portfolios;
BEGIN
  FOR v_portfolio IN
    SELECT p.* FROM trading.portfolios AS p WHERE p.name = ANY (portfolio_values.portfolios) ORDER BY p.owner, p.name
  LOOP
    -- Under row security an index is asked for nothing but columns, hence OFFSET 0.
    RETURN QUERY
      SELECT s.at, v_portfolio.name, s.equity::float8, s.cash::float8, s.positions_value::float8, s.index::float8,
             s.drawdown::float8, v_portfolio.owner
        FROM (SELECT g.since, g.since + v_step AS until FROM generate_series(v_from, v_until, v_step) AS g (since)
              OFFSET 0) AS b
        CROSS JOIN LATERAL (
          SELECT n.at, n.equity, n.cash, n.positions_value, n.index, n.drawdown
            FROM trading.portfolio_snapshots AS n
           WHERE n.portfolio_id = v_portfolio.portfolio_id AND n.at >= b.since AND n.at < b.until AND n.at <= v_until
           ORDER BY n.at DESC LIMIT 1) AS s
       ORDER BY s.at;
  END LOOP;
END
$$;
COMMENT ON FUNCTION reporting.portfolio_values(text[], timestamptz, timestamptz, interval) IS
  'The columns of reporting.portfolio_value for long spans: of each step of time the last snapshot, found by an '
  'index, at most 10,000 for a portfolio. step NULL: a thousandth of the span. What falls between is not there, so '
  'the deepest drawdown may be deeper.';
