-- locks ledger.portfolio_clocks; writes risk.period_marks; errors TR211
CREATE OR REPLACE FUNCTION trading.mark_periods(portfolio_ids int[], at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.lock_portfolios(portfolio_ids);
  RETURN (SELECT min(internal.mark_periods(p.portfolio_id, mark_periods.at))
            FROM (SELECT DISTINCT n.portfolio_id FROM unnest(portfolio_ids) AS n (portfolio_id)) AS p);
END
$$;
COMMENT ON FUNCTION trading.mark_periods(int[], timestamptz) IS
  'Keeps what portfolios were worth when the days and weeks of exchanges began that have begun by this time, at the '
  'prices before, and returns when the next begins. Whoever feeds prices calls it before the first price of a new day; '
  'bookings do so by themselves. Error TR211.';
REVOKE ALL ON FUNCTION trading.mark_periods(int[], timestamptz) FROM PUBLIC;
