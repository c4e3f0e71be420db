-- reads trading.fills, market.instruments, market.exchanges; writes trading.portfolios, trading.portfolio_values,
-- trading.portfolio_snapshots and what internal.revalue_portfolio writes; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.record_snapshot(p_portfolio_id int, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_interval interval;
  v_zone     text;
  v_value    trading.portfolio_values;
  v_index    numeric;
BEGIN
  PERFORM internal.mark_periods(p_portfolio_id, p_at);
  SELECT p.snapshot_interval, p.time_zone INTO v_interval, v_zone FROM trading.portfolios AS p
   WHERE p.portfolio_id = p_portfolio_id;
  IF v_zone IS NULL THEN
    UPDATE trading.portfolios AS p
       SET time_zone = e.time_zone
      FROM trading.fills AS f
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
     WHERE p.portfolio_id = p_portfolio_id AND f.portfolio_id = p_portfolio_id AND f.fill_id = 1
    RETURNING p.time_zone INTO v_zone;
    v_zone := coalesce(v_zone, 'UTC');
  END IF;
  v_value := internal.revalue_portfolio(p_portfolio_id, p_at);
  v_index := ledger.return_index(v_value.base_index, v_value.base_equity, v_value.equity);
  INSERT INTO trading.portfolio_snapshots AS s
         (portfolio_id, bucket, at, day, cash, margin, positions_value, equity, realised_pnl, unrealised_pnl, fees,
          net_deposits, index, drawdown, last_transfer_id)
  VALUES (p_portfolio_id,
          CASE WHEN mod(extract(epoch FROM v_interval), 86400) = 0
               THEN date_bin(v_interval, p_at AT TIME ZONE v_zone, timestamp '2000-01-01') AT TIME ZONE v_zone
               ELSE date_bin(v_interval, p_at, timestamptz '2000-01-01 00:00Z') END,
          p_at, (p_at AT TIME ZONE v_zone)::date, v_value.cash, v_value.margin, v_value.positions_value, v_value.equity,
          v_value.realised_pnl, v_value.unrealised_pnl, v_value.fees, v_value.net_deposits, v_index,
          round(v_index / greatest(v_value.peak, v_index) - 1, 8),
          (SELECT k.next_transfer_id - 1 FROM ledger.portfolio_clocks AS k WHERE k.portfolio_id = p_portfolio_id))
  ON CONFLICT ON CONSTRAINT portfolio_snapshots_pkey DO UPDATE
    SET at = EXCLUDED.at, day = EXCLUDED.day, cash = EXCLUDED.cash, margin = EXCLUDED.margin,
        positions_value = EXCLUDED.positions_value, equity = EXCLUDED.equity, realised_pnl = EXCLUDED.realised_pnl,
        unrealised_pnl = EXCLUDED.unrealised_pnl, fees = EXCLUDED.fees, net_deposits = EXCLUDED.net_deposits,
        index = EXCLUDED.index, drawdown = EXCLUDED.drawdown, last_transfer_id = EXCLUDED.last_transfer_id
  WHERE s.at <= EXCLUDED.at;
  IF FOUND AND v_index > least(v_value.peak, v_value.limit_peak) THEN
    UPDATE trading.portfolio_values AS v
       SET peak = greatest(v.peak, v_index), limit_peak = greatest(v.limit_peak, v_index)
     WHERE v.portfolio_id = p_portfolio_id;
  END IF;
END
$$;
COMMENT ON FUNCTION internal.record_snapshot(int, timestamptz) IS
  'Values a portfolio and keeps the valuation, with the index of its return and the drawdown, as the snapshot of its '
  'interval, unless a later one is there. The first one after the portfolio has traded gives it its time zone.';
