-- writes trading.portfolio_values, trading.portfolio_snapshots
CREATE OR REPLACE FUNCTION trading.record_snapshots(portfolio_ids int[], at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.lock_portfolios(portfolio_ids);
  INSERT INTO trading.portfolio_snapshots AS s
         (portfolio_id, bucket, at, cash, positions_value, equity, realised_pnl, unrealised_pnl, fees, net_deposits,
          margin, last_transfer_id)
  SELECT v.portfolio_id, date_bin(p.snapshot_interval, record_snapshots.at, timestamptz '2000-01-01 00:00Z'),
         record_snapshots.at, v.cash, v.positions_value, v.equity, v.realised_pnl, v.unrealised_pnl, v.fees,
         b.net_deposits, v.margin, k.next_transfer_id - 1
    FROM unnest(portfolio_ids) AS i (portfolio_id)
    JOIN trading.portfolios AS p USING (portfolio_id)
    JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
    CROSS JOIN LATERAL internal.revalue_portfolio(p.portfolio_id, record_snapshots.at) AS v
    CROSS JOIN LATERAL (
      SELECT sum(round((l.debits_posted - l.credits_posted)
                       * CASE a.currency WHEN p.currency THEN 1
                                         ELSE internal.base_rate(a.currency, p.currency, record_snapshots.at) END, 8))
             AS net_deposits
        FROM ledger.accounts AS a JOIN ledger.balances AS l USING (portfolio_id, account_id)
       WHERE a.portfolio_id = p.portfolio_id AND a.kind = 'capital') AS b
  ON CONFLICT ON CONSTRAINT portfolio_snapshots_pkey DO UPDATE
    SET at = EXCLUDED.at, cash = EXCLUDED.cash, positions_value = EXCLUDED.positions_value, equity = EXCLUDED.equity,
        realised_pnl = EXCLUDED.realised_pnl, unrealised_pnl = EXCLUDED.unrealised_pnl, fees = EXCLUDED.fees,
        net_deposits = EXCLUDED.net_deposits, margin = EXCLUDED.margin,
        last_transfer_id = EXCLUDED.last_transfer_id
  WHERE s.at <= EXCLUDED.at;
END
$$;
COMMENT ON FUNCTION trading.record_snapshots(int[], timestamptz) IS
  'Values portfolios at the latest quotes and keeps the valuation as the snapshot of its interval; an older one than '
  'what is there changes nothing.';
REVOKE ALL ON FUNCTION trading.record_snapshots(int[], timestamptz) FROM PUBLIC;
