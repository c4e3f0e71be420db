-- reads market.quotes, market.instruments, ledger.accounts, ledger.balances, ledger.exchange_rates; writes
-- trading.positions, trading.portfolio_values, trading.margin_calls, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.revalue_portfolio(p_portfolio_id int, p_at timestamptz)
RETURNS trading.portfolio_values
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_base text;
  v_type trading.account_type;
  v_row  trading.portfolio_values;
BEGIN
  SELECT p.currency, p.account_type INTO v_base, v_type FROM trading.portfolios AS p
   WHERE p.portfolio_id = p_portfolio_id;
  UPDATE trading.positions AS p
     SET market_value = v.value
    FROM (SELECT n.instrument_id,
                 coalesce(round(n.quantity * q.last::numeric * n.multiplier, 8), n.cost)
                   - CASE WHEN n.is_future THEN n.cost ELSE 0 END AS value
            FROM trading.positions AS n LEFT JOIN market.quotes AS q USING (instrument_id)
           WHERE n.portfolio_id = p_portfolio_id AND n.quantity <> 0) AS v
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = v.instrument_id AND p.market_value <> v.value;
  WITH held AS (
    SELECT coalesce(sum(round(p.market_value * r.rate, 8)), 0) AS value,
           coalesce(sum(round(p.realised_pnl * r.rate, 8)), 0) AS realised,
           coalesce(sum(round((p.market_value - CASE WHEN p.is_future THEN 0 ELSE p.cost END) * r.rate, 8)),
                    0) AS unrealised,
           coalesce(sum(round(p.fees * r.rate, 8)), 0) AS fees
      FROM trading.positions AS p
      LEFT JOIN market.instruments AS i ON p.is_foreign AND i.instrument_id = p.instrument_id
      CROSS JOIN LATERAL (SELECT CASE WHEN p.is_foreign THEN internal.base_rate(i.currency, v_base, p_at)
                                      ELSE 1 END) AS r (rate)
     WHERE p.portfolio_id = p_portfolio_id
  ), money AS (
    SELECT coalesce(sum(m.amount) FILTER (WHERE m.kind = 'cash'), 0) AS cash,
           coalesce(sum(m.amount) FILTER (WHERE m.kind = 'margin'), 0) AS margin,
           -coalesce(sum(m.amount) FILTER (WHERE m.kind = 'income'), 0) AS income
      FROM (SELECT a.kind,
                   round((b.credits_posted - b.debits_posted)
                         * CASE a.currency WHEN v_base THEN 1 ELSE internal.base_rate(a.currency, v_base, p_at) END, 8)
              FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
             WHERE a.portfolio_id = p_portfolio_id AND a.kind IN ('cash', 'margin', 'income')) AS m (kind, amount)
  )
  UPDATE trading.portfolio_values AS v
     SET cash = money.cash, margin = money.margin, income = money.income, positions_value = held.value,
         realised_pnl = held.realised, unrealised_pnl = held.unrealised, fees = held.fees, at = greatest(v.at, p_at)
    FROM held, money
   WHERE v.portfolio_id = p_portfolio_id
  RETURNING v.*
  INTO v_row;
  IF v_type = 'margin' THEN
    PERFORM internal.latch_margin_call(p_portfolio_id, v_row.equity, v_row.at);
  END IF;
  RETURN v_row;
END
$$;
COMMENT ON FUNCTION internal.revalue_portfolio(int, timestamptz) IS
  'Values a portfolio at the latest quotes and exchange rates, and opens or closes its margin call; a position without '
  'a quote counts at cost.';
