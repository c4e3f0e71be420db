-- writes ledger.transfers, ledger.balances; the caller holds the portfolios' locks and moves
-- ledger.portfolio_clocks.next_transfer_id on
CREATE OR REPLACE FUNCTION internal.write_movements(p_movements internal.movement[])
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  -- A transfer counts on both of its accounts; one that answers a pending transfer also frees as much of what that one
  -- reserves.
  WITH balanced AS (
    UPDATE ledger.balances AS b
       SET debits_posted = b.debits_posted + n.debits_posted, credits_posted = b.credits_posted + n.credits_posted,
           debits_pending = b.debits_pending + n.debits_pending, credits_pending = b.credits_pending + n.credits_pending
      FROM (
        SELECT m.portfolio_id, s.account_id, sum(s.debits_posted) AS debits_posted,
               sum(s.credits_posted) AS credits_posted, sum(s.debits_pending) AS debits_pending,
               sum(s.credits_pending) AS credits_pending
          FROM unnest(p_movements) AS m
          CROSS JOIN LATERAL (SELECT CASE m.state WHEN 'posted' THEN m.amount ELSE 0 END,
                                     CASE m.state WHEN 'pending' THEN m.amount ELSE 0 END) AS a (posted, pending)
          CROSS JOIN LATERAL (VALUES
            (m.debit_id,          a.posted, 0,        a.pending, 0),
            (m.credit_id,         0,        a.posted, 0,         a.pending),
            (m.pending_debit_id,  0,        0,        -m.amount, 0),
            (m.pending_credit_id, 0,        0,        0,         -m.amount))
            AS s (account_id, debits_posted, credits_posted, debits_pending, credits_pending)
         WHERE s.account_id IS NOT NULL
         GROUP BY m.portfolio_id, s.account_id) AS n
     WHERE b.portfolio_id = n.portfolio_id AND b.account_id = n.account_id
  )
  INSERT INTO ledger.transfers
         (portfolio_id, transfer_id, debit_account_id, credit_account_id, amount, currency, kind, component, state,
          pending_id, order_id, fill_id, at)
  SELECT m.portfolio_id, k.next_transfer_id - 1 + row_number() OVER (PARTITION BY m.portfolio_id ORDER BY m.ordinality),
         m.debit_id, m.credit_id, m.amount, m.currency, m.kind, m.component, m.state, m.pending_id, m.order_id,
         m.fill_id, m.at
    FROM unnest(p_movements) WITH ORDINALITY AS m JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
   ORDER BY m.ordinality;
  RETURN cardinality(p_movements);
END
$$;
COMMENT ON FUNCTION internal.write_movements(internal.movement[]) IS
  'Appends transfers, with the next numbers of their portfolios, and keeps the balances of their accounts; returns how '
  'many: a pending transfer reserves, a posted one moves, and one that answers a pending transfer frees as much of '
  'what that reserves. The CHECKs on the balances refuse what is not there.';
