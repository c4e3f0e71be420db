-- reads trading.portfolio_snapshots, trading.portfolio_values, ledger.*
CREATE OR REPLACE FUNCTION ops.check_snapshot_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH single AS (  -- of one currency: money of others counts at the rates of the valuation
    SELECT a.portfolio_id, min(a.account_id) FILTER (WHERE a.kind = 'cash') AS cash_id,
           min(a.account_id) FILTER (WHERE a.kind = 'margin') AS margin_id,
           min(a.account_id) FILTER (WHERE a.kind = 'securities') AS securities_id,
           min(a.account_id) FILTER (WHERE a.kind = 'fees') AS fees_id,
           min(a.account_id) FILTER (WHERE a.kind = 'capital') AS capital_id,
           min(a.account_id) FILTER (WHERE a.kind = 'income') AS income_id
      FROM ledger.accounts AS a
     GROUP BY a.portfolio_id
    HAVING count(DISTINCT a.currency) = 1
  ), steps AS (
    SELECT t.portfolio_id, t.transfer_id, t.debit_account_id AS debit, t.credit_account_id AS credit, s.*,
           CASE t.state WHEN 'posted' THEN t.amount ELSE 0 END::numeric AS amount
      FROM ledger.transfers AS t
      JOIN single AS s (owner_id, cash_id, margin_id, securities_id, fees_id, capital_id, income_id)
        ON s.owner_id = t.portfolio_id
     WHERE t.portfolio_id IN (SELECT n.portfolio_id FROM trading.portfolio_snapshots AS n)
  ), reached AS (
    SELECT m.portfolio_id, m.transfer_id,
           sum(CASE m.cash_id WHEN m.credit THEN m.amount WHEN m.debit THEN -m.amount END) OVER w AS cash,
           sum(CASE m.margin_id WHEN m.credit THEN m.amount WHEN m.debit THEN -m.amount END) OVER w AS margin,
           sum(CASE m.securities_id WHEN m.credit THEN m.amount WHEN m.debit THEN -m.amount END) OVER w AS securities,
           sum(CASE m.fees_id WHEN m.credit THEN m.amount WHEN m.debit THEN -m.amount END) OVER w AS fees,
           sum(CASE m.capital_id WHEN m.debit THEN m.amount WHEN m.credit THEN -m.amount END) OVER w AS capital
      FROM steps AS m
    WINDOW w AS (PARTITION BY m.portfolio_id ORDER BY m.transfer_id ROWS UNBOUNDED PRECEDING)
  ), known AS (
    SELECT s.*, coalesce(r.cash, 0) AS real_cash, coalesce(r.margin, 0) AS real_margin,
           coalesce(r.securities, 0) AS real_securities, coalesce(r.fees, 0) AS real_fees,
           coalesce(r.capital, 0) AS real_deposits,
           r.transfer_id IS NULL AND s.last_transfer_id <> 0 AS is_lost
      FROM trading.portfolio_snapshots AS s
      JOIN single USING (portfolio_id)
      LEFT JOIN reached AS r ON r.portfolio_id = s.portfolio_id AND r.transfer_id = s.last_transfer_id
  )
  SELECT 'the equity of a snapshot is its parts', s.portfolio_id,
         format('%s: equity %s, cash %s, margin %s, positions %s', s.bucket, s.equity, s.cash, s.margin,
                s.positions_value)
    FROM trading.portfolio_snapshots AS s
   WHERE s.equity <> s.cash + s.margin + s.positions_value
  UNION ALL
  SELECT 'a snapshot is the money of its time', k.portfolio_id,
         format('%s: cash %s, margin %s, fees %s, deposits %s; transfers up to %s say %s, %s, %s, %s', k.bucket, k.cash,
                k.margin, k.fees, k.net_deposits, k.last_transfer_id, k.real_cash, k.real_margin, k.real_fees,
                k.real_deposits)
    FROM known AS k
   WHERE k.is_lost OR (k.cash, k.margin, k.fees, k.net_deposits)
         IS DISTINCT FROM (k.real_cash, k.real_margin, k.real_fees, k.real_deposits)
  UNION ALL
  -- What is held costs what was paid for it: value less cost is the unrealised profit, whatever the prices were.
  SELECT 'the profits of a snapshot are those of its time', k.portfolio_id,
         format('%s: positions %s, unrealised %s, realised %s; their cost less realised profit is %s', k.bucket,
                k.positions_value, k.unrealised_pnl, k.realised_pnl, k.real_securities)
    FROM known AS k
   WHERE NOT k.is_lost AND k.positions_value - k.unrealised_pnl - k.realised_pnl <> k.real_securities
  UNION ALL
  SELECT 'valuation agrees with the ledger', v.portfolio_id,
         format('cash %s, margin %s, income %s; accounts %s, %s, %s', v.cash, v.margin, v.income,
                c.credits_posted - c.debits_posted, m.credits_posted - m.debits_posted,
                i.debits_posted - i.credits_posted)
    FROM trading.portfolio_values AS v
    JOIN single AS s USING (portfolio_id)
    JOIN ledger.balances AS c ON c.portfolio_id = v.portfolio_id AND c.account_id = s.cash_id
    JOIN ledger.balances AS m ON m.portfolio_id = v.portfolio_id AND m.account_id = s.margin_id
    JOIN ledger.balances AS i ON i.portfolio_id = v.portfolio_id AND i.account_id = s.income_id
   WHERE (v.cash, v.margin, v.income)
         IS DISTINCT FROM (c.credits_posted - c.debits_posted, m.credits_posted - m.debits_posted,
                           i.debits_posted - i.credits_posted)
$$;
COMMENT ON FUNCTION ops.check_snapshot_invariants() IS
  'The part of ops.check_invariants that compares valuations, those of the past included, with the ledger.';
