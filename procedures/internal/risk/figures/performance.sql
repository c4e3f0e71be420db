-- reads trading.portfolio_values, trading.positions, market.quotes, market.instruments, market.candle_rows,
-- ledger.accounts, ledger.balances, ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.performance(
  p_portfolio_id int, p_currency text, p_at timestamptz, p_before timestamptz DEFAULT NULL,
  p_ahead ledger.transfers DEFAULT NULL)
RETURNS internal.portfolio_result
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_result internal.portfolio_result;
  v_value  trading.portfolio_values;
BEGIN
  SELECT * INTO v_value FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_portfolio_id;
  -- Money whose rate is not known counts as nothing.
  SELECT coalesce(sum(round(m.amount * CASE a.currency WHEN p_currency THEN 1
                                            ELSE coalesce(internal.measuring_rate(a.currency, p_currency, p_at), 0) END,
                            8)), 0)
    INTO v_result.equity
    FROM ledger.accounts AS a
    JOIN ledger.balances AS b USING (portfolio_id, account_id)
    CROSS JOIN LATERAL (
      SELECT b.credits_posted - b.debits_posted
             - CASE a.account_id WHEN p_ahead.credit_account_id THEN p_ahead.amount
                                 WHEN p_ahead.debit_account_id THEN -p_ahead.amount ELSE 0 END) AS m (amount)
   WHERE a.portfolio_id = p_portfolio_id AND a.kind IN ('cash', 'margin');
  -- The valuation is as old as the last fill or snapshot. A loss counts when it happens, so what prices did since is
  -- counted, too.
  SELECT v_result.equity
         + coalesce(sum(round(coalesce(round(p.quantity * n.price * p.multiplier, 8)
                                         - CASE WHEN p.is_future THEN p.cost ELSE 0 END, p.market_value)
                              * CASE WHEN p.is_foreign
                                     THEN coalesce(internal.measuring_rate(
                                            (SELECT i.currency FROM market.instruments AS i
                                              WHERE i.instrument_id = p.instrument_id), p_currency, p_at), 0)
                                     ELSE 1 END, 8)), 0)
    INTO v_result.equity
    FROM trading.positions AS p
    CROSS JOIN LATERAL (
      SELECT coalesce((SELECT q.last::numeric FROM market.quotes AS q
                        WHERE q.instrument_id = p.instrument_id AND (p_before IS NULL OR q.ts <= p_before)),
                      CASE WHEN p_before IS NOT NULL
                           THEN internal.price_before(p.instrument_id, p_before, v_value.at) END)) AS n (price)
   WHERE p.portfolio_id = p_portfolio_id AND p.quantity <> 0;
  v_result.net_deposits := v_value.net_deposits;
  v_result.profit := v_result.equity - v_value.net_deposits;
  v_result.index := ledger.return_index(v_value.base_index, v_value.base_equity, v_result.equity);
  v_result.peak := v_value.limit_peak;
  RETURN v_result;
END
$$;
COMMENT ON FUNCTION internal.performance(int, text, timestamptz, timestamptz, ledger.transfers) IS
  'How a portfolio does at the exchange rates of a time and the last prices, or the last until p_before, since '
  'when nothing must have been booked. p_ahead: a transfer that the balances know and that does not count yet. '
  'What has no price counts as it was valued last.';
