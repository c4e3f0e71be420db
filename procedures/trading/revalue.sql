-- reads trading.positions, market.quotes, ledger.balances; writes trading.portfolio_values
CREATE OR REPLACE FUNCTION trading.revalue(p_portfolio_id int, p_at timestamptz)
RETURNS trading.portfolio_values
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_row trading.portfolio_values;
BEGIN
  WITH held AS (
    SELECT coalesce(sum(CASE WHEN p.quantity <> 0 THEN coalesce(round(p.quantity * q.last::numeric * p.multiplier, 8), p.cost) END), 0) AS value,
           coalesce(sum(p.cost), 0) AS cost, coalesce(sum(p.realised_pnl), 0) AS realised, coalesce(sum(p.fees), 0) AS fees
      FROM trading.positions AS p
      LEFT JOIN market.quotes AS q USING (instrument_id)
     WHERE p.portfolio_id = p_portfolio_id
  ), money AS (
    SELECT b.credits_posted - b.debits_posted AS cash
      FROM trading.portfolios AS f
      JOIN ledger.accounts AS a ON a.portfolio_id = f.portfolio_id AND a.currency = f.currency AND a.kind = 'cash'
      JOIN ledger.balances AS b ON b.portfolio_id = a.portfolio_id AND b.account_id = a.account_id
     WHERE f.portfolio_id = p_portfolio_id
  )
  UPDATE trading.portfolio_values AS v
     SET cash = money.cash, positions_value = held.value, realised_pnl = held.realised,
         unrealised_pnl = held.value - held.cost, fees = held.fees, at = greatest(v.at, p_at)
    FROM held, money
   WHERE v.portfolio_id = p_portfolio_id
  RETURNING v.*
  INTO v_row;
  RETURN v_row;
END
$$;
COMMENT ON FUNCTION trading.revalue(int, timestamptz) IS
  'Values a portfolio at the latest quotes; a position without a quote counts at cost.';
REVOKE ALL ON FUNCTION trading.revalue(int, timestamptz) FROM PUBLIC;
