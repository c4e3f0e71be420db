-- reads trading.portfolio_values, trading.positions, market.quotes, market.instruments, ledger.accounts,
-- ledger.balances, ledger.exchange_rates
CREATE OR REPLACE FUNCTION internal.profit(p_portfolio_id int, p_currency text, p_at timestamptz)
RETURNS internal.portfolio_result
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_result internal.portfolio_result;
  v_equity numeric := (SELECT v.equity FROM trading.portfolio_values AS v WHERE v.portfolio_id = p_portfolio_id);
BEGIN
  -- The valuation is as old as the last fill or snapshot. A loss counts when it happens, so what prices did since is
  -- added.
  SELECT v_equity
         + coalesce(sum(round((round(p.quantity * (SELECT q.last::numeric FROM market.quotes AS q
                                                    WHERE q.instrument_id = p.instrument_id) * p.multiplier, 8)
                               - CASE WHEN p.is_future THEN p.cost ELSE 0 END - p.market_value)
                              * CASE WHEN p.is_foreign
                                     THEN coalesce(internal.measuring_rate(
                                            (SELECT i.currency FROM market.instruments AS i
                                              WHERE i.instrument_id = p.instrument_id), p_currency, p_at), 0)
                                     ELSE 1 END, 8)), 0)
    INTO v_equity
    FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.quantity <> 0;
  SELECT sum(round((b.debits_posted - b.credits_posted)
                   * CASE a.currency WHEN p_currency THEN 1
                                     ELSE coalesce(internal.measuring_rate(a.currency, p_currency, p_at), 0) END, 8))
    INTO v_result.deposits
    FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
   WHERE a.portfolio_id = p_portfolio_id AND a.kind = 'capital';
  v_result.profit := v_equity - v_result.deposits;
  RETURN v_result;
END
$$;
COMMENT ON FUNCTION internal.profit(int, text, timestamptz) IS
  'Profit of a portfolio since its opening at the last prices, after fees, and its net deposits, in its currency: as '
  'its snapshots count them.';
