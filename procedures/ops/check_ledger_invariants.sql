-- reads ledger.*, trading.positions, trading.orders, trading.portfolios
CREATE OR REPLACE FUNCTION ops.check_ledger_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH moved AS (
    SELECT n.portfolio_id, n.account_id, sum(n.debit_posted) AS debits_posted, sum(n.credit_posted) AS credits_posted,
           sum(n.debit_pending) AS debits_pending, sum(n.credit_pending) AS credits_pending
      FROM (
        SELECT t.portfolio_id, t.debit_account_id, t.amount, 0::numeric, 0::numeric, 0::numeric
          FROM ledger.transfers AS t
         WHERE t.state = 'posted'
        UNION ALL
        SELECT t.portfolio_id, t.credit_account_id, 0, t.amount, 0, 0
          FROM ledger.transfers AS t
         WHERE t.state = 'posted'
        UNION ALL
        SELECT t.portfolio_id, t.debit_account_id, 0, 0, t.amount, 0
          FROM ledger.transfers AS t
         WHERE t.state = 'pending'
        UNION ALL
        SELECT t.portfolio_id, t.credit_account_id, 0, 0, 0, t.amount
          FROM ledger.transfers AS t
         WHERE t.state = 'pending'
        UNION ALL
        -- What answers a pending transfer frees the pending sums of the accounts that the pending transfer names.
        SELECT t.portfolio_id, s.account_id, 0, 0, -s.is_debit * t.amount, -(1 - s.is_debit) * t.amount
          FROM ledger.transfers AS t
          JOIN ledger.transfers AS p ON p.portfolio_id = t.portfolio_id AND p.transfer_id = t.pending_id
          CROSS JOIN LATERAL (VALUES (p.debit_account_id, 1), (p.credit_account_id, 0)) AS s (account_id, is_debit)
      ) AS n (portfolio_id, account_id, debit_posted, credit_posted, debit_pending, credit_pending)
     GROUP BY n.portfolio_id, n.account_id
  ), answered AS (
    SELECT p.portfolio_id, p.transfer_id, p.amount - coalesce(sum(a.amount), 0) AS remaining
      FROM ledger.transfers AS p
      LEFT JOIN ledger.transfers AS a ON a.portfolio_id = p.portfolio_id AND a.pending_id = p.transfer_id
     WHERE p.state = 'pending'
     GROUP BY p.portfolio_id, p.transfer_id
  ), kept AS (
    SELECT a.portfolio_id, a.currency,
           sum(b.credits_posted - b.debits_posted) FILTER (WHERE a.kind = 'securities') AS securities,
           sum(b.credits_posted - b.debits_posted) FILTER (WHERE a.kind = 'margin') AS margin,
           sum(b.credits_posted - b.debits_posted) FILTER (WHERE a.kind = 'fees') AS fees
      FROM ledger.accounts AS a JOIN ledger.balances AS b USING (portfolio_id, account_id)
     GROUP BY a.portfolio_id, a.currency
  ), held AS (
    -- A future is not paid for: only what it gained or lost has moved money.
    SELECT n.portfolio_id, i.currency, sum(CASE WHEN n.is_future THEN 0 ELSE n.cost END - n.realised_pnl) AS securities,
           sum(n.margin) AS margin, sum(n.fees) AS fees
      FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id)
     GROUP BY n.portfolio_id, i.currency
  )
  SELECT 'double entry sums to zero', b.portfolio_id,
         format('%s: posted debits %s, posted credits %s; pending debits %s, pending credits %s', a.currency,
                sum(b.debits_posted), sum(b.credits_posted), sum(b.debits_pending), sum(b.credits_pending))
    FROM ledger.balances AS b JOIN ledger.accounts AS a USING (portfolio_id, account_id)
   GROUP BY b.portfolio_id, a.currency
  HAVING sum(b.debits_posted) <> sum(b.credits_posted) OR sum(b.debits_pending) <> sum(b.credits_pending)
  UNION ALL
  SELECT 'balance is the sum of its transfers', b.portfolio_id,
         format('account %s: debits %s and %s pending, transfers say %s and %s; '
                'credits %s and %s pending, transfers say %s and %s', b.account_id,
                b.debits_posted, b.debits_pending, m.debits_posted,
                m.debits_pending, b.credits_posted, b.credits_pending, m.credits_posted, m.credits_pending)
    FROM ledger.balances AS b LEFT JOIN moved AS m USING (portfolio_id, account_id)
   WHERE (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending)
         IS DISTINCT FROM (coalesce(m.debits_posted, 0), coalesce(m.credits_posted, 0), coalesce(m.debits_pending, 0),
                           coalesce(m.credits_pending, 0))
  UNION ALL
  SELECT 'available money is not negative', b.portfolio_id,
         format('account %s: %s', b.account_id, b.credits_posted - b.debits_posted - b.debits_pending)
    FROM ledger.balances AS b
   WHERE NOT b.may_overdraw AND b.credits_posted - b.debits_posted - b.debits_pending < 0
  UNION ALL
  SELECT 'what is pending is what orders reserve and what is held', portfolio_id,
         format('transfer %s: %s left, its order or hold says %s', transfer_id, coalesce(a.remaining, 0),
                coalesce(r.remaining, 0))
    FROM answered AS a
    FULL JOIN (SELECT h.portfolio_id, h.transfer_id, h.remaining FROM ledger.holds AS h
               UNION ALL
               SELECT o.portfolio_id, o.reservation_id, o.reserved FROM trading.orders AS o WHERE o.reserved <> 0) AS r
         USING (portfolio_id, transfer_id)
   WHERE coalesce(a.remaining, 0) <> coalesce(r.remaining, 0)
  UNION ALL
  SELECT 'transfers are numbered without gaps', k.portfolio_id,
         format('%s transfers, next number %s', count(t.transfer_id), k.next_transfer_id)
    FROM ledger.portfolio_clocks AS k LEFT JOIN ledger.transfers AS t USING (portfolio_id)
   GROUP BY k.portfolio_id
  HAVING count(t.transfer_id) <> k.next_transfer_id - 1
  UNION ALL
  SELECT 'securities account is cost less realised profit', v.portfolio_id,
         format('%s: account %s, positions %s', v.currency, v.securities, coalesce(p.securities, 0))
    FROM kept AS v LEFT JOIN held AS p USING (portfolio_id, currency)
   WHERE v.securities <> coalesce(p.securities, 0)
  UNION ALL
  SELECT 'margin account is the margin of the positions', v.portfolio_id,
         format('%s: account %s, positions %s', v.currency, v.margin, coalesce(p.margin, 0))
    FROM kept AS v LEFT JOIN held AS p USING (portfolio_id, currency)
   WHERE v.margin <> coalesce(p.margin, 0)
  UNION ALL
  SELECT 'fees account is the fees of the positions', v.portfolio_id,
         format('%s: account %s, positions %s', v.currency, v.fees, coalesce(p.fees, 0))
    FROM kept AS v LEFT JOIN held AS p USING (portfolio_id, currency)
   WHERE v.fees <> coalesce(p.fees, 0)
$$;
COMMENT ON FUNCTION ops.check_ledger_invariants() IS 'The part of ops.check_invariants that concerns money.';
