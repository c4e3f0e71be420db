-- locks ledger.portfolio_clocks; writes what internal.record_snapshot writes; errors TR211, TR249
CREATE OR REPLACE FUNCTION trading.record_snapshots(portfolio_ids int[], at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.require_event_time(record_snapshots.at);
  PERFORM internal.lock_portfolios(portfolio_ids);
  PERFORM internal.record_snapshot(i.portfolio_id, record_snapshots.at)
     FROM (SELECT DISTINCT n.portfolio_id FROM unnest(portfolio_ids) AS n (portfolio_id) ORDER BY 1) AS i;
END
$$;
COMMENT ON FUNCTION trading.record_snapshots(int[], timestamptz) IS
  'Values portfolios at the latest quotes and keeps the valuation as the snapshot of its interval; an older one than '
  'what is there changes nothing. Errors TR211, TR249.';
REVOKE ALL ON FUNCTION trading.record_snapshots(int[], timestamptz) FROM PUBLIC;
