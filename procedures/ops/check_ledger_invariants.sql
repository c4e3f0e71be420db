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
  -- From both sides: what was moved on an account without a balance is missed by nobody.
  SELECT 'balance is the sum of its transfers', portfolio_id,
         format('account %s: debits %s and %s pending, transfers say %s and %s; '
                'credits %s and %s pending, transfers say %s and %s', account_id,
                coalesce(b.debits_posted, 0), coalesce(b.debits_pending, 0), coalesce(m.debits_posted, 0),
                coalesce(m.debits_pending, 0), coalesce(b.credits_posted, 0), coalesce(b.credits_pending, 0),
                coalesce(m.credits_posted, 0), coalesce(m.credits_pending, 0))
    FROM ledger.balances AS b FULL JOIN moved AS m USING (portfolio_id, account_id)
   WHERE (coalesce(b.debits_posted, 0), coalesce(b.credits_posted, 0), coalesce(b.debits_pending, 0),
          coalesce(b.credits_pending, 0))
         IS DISTINCT FROM (coalesce(m.debits_posted, 0), coalesce(m.credits_posted, 0), coalesce(m.debits_pending, 0),
                           coalesce(m.credits_pending, 0))
  UNION ALL
  SELECT 'every account has its balance', portfolio_id,
         format('account %s: %s', account_id,
                CASE WHEN b.account_id IS NULL THEN format('%s in %s has no balance', a.kind, a.currency)
                     WHEN a.account_id IS NULL THEN 'a balance without an account'
                     ELSE format('%s in %s may%s be overdrawn', a.kind, a.currency,
                                 CASE WHEN b.may_overdraw THEN '' ELSE ' not' END) END)
    FROM ledger.accounts AS a FULL JOIN ledger.balances AS b USING (portfolio_id, account_id)
   WHERE a.account_id IS NULL OR b.account_id IS NULL OR b.may_overdraw = (a.kind IN ('cash', 'margin'))
  UNION ALL
  SELECT 'a portfolio has all its accounts', p.portfolio_id,
         format('of %s: %s', coalesce(n.currency, p.currency), coalesce(n.kinds, 'none'))
    FROM trading.portfolios AS p
    LEFT JOIN (SELECT a.portfolio_id, a.currency, string_agg(a.kind::text, ', ' ORDER BY a.kind) AS kinds,
                      count(*) AS number
                 FROM ledger.accounts AS a
                GROUP BY a.portfolio_id, a.currency) AS n USING (portfolio_id)
   WHERE n.number IS DISTINCT FROM cardinality(enum_range(NULL::ledger.account_kind))
  UNION ALL
  SELECT 'every transfer but a pending one is booked as its kind says', t.portfolio_id,
         format('transfer %s: a %s from %s to %s', t.transfer_id, t.kind, d.kind, c.kind)
    FROM ledger.transfers AS t
    JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
    JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
   WHERE t.state = 'posted'
     AND CASE t.kind
           WHEN 'deposit'    THEN (d.kind, c.kind) <> ('capital', 'cash')
           WHEN 'withdrawal' THEN (d.kind, c.kind) <> ('cash', 'capital')
           WHEN 'fee'        THEN (d.kind, c.kind) NOT IN (('cash', 'fees'), ('fees', 'cash'))
           WHEN 'dividend'   THEN (d.kind, c.kind) NOT IN (('cash', 'income'), ('income', 'cash'))
           WHEN 'cash_in_lieu' THEN (d.kind, c.kind) NOT IN (('securities', 'cash'), ('margin', 'securities'),
                                                             ('cash', 'securities'))
           WHEN 'borrow'     THEN (d.kind, c.kind) <> ('cash', 'income')
           WHEN 'interest'   THEN (d.kind, c.kind) NOT IN (('cash', 'income'), ('income', 'cash'))
           WHEN 'conversion' THEN (d.kind, c.kind) NOT IN (('cash', 'conversion'), ('conversion', 'cash'))
           WHEN 'margin'     THEN (d.kind, c.kind) NOT IN (('cash', 'margin'), ('margin', 'cash')) END
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
