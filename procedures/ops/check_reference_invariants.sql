-- reads ledger.*, trading.*, market.instruments
CREATE OR REPLACE FUNCTION ops.check_reference_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'both accounts of a transfer are of its currency', t.portfolio_id,
         format('transfer %s: %s from account %s (%s) to %s (%s)', t.transfer_id, t.currency,
                t.debit_account_id, coalesce(d.currency, 'unknown'), t.credit_account_id,
                coalesce(c.currency, 'unknown'))
    FROM ledger.transfers AS t
    LEFT JOIN ledger.accounts AS d ON d.portfolio_id = t.portfolio_id AND d.account_id = t.debit_account_id
    LEFT JOIN ledger.accounts AS c ON c.portfolio_id = t.portfolio_id AND c.account_id = t.credit_account_id
   WHERE t.currency IS DISTINCT FROM d.currency OR t.currency IS DISTINCT FROM c.currency
  UNION ALL
  SELECT 'what a row refers to is there', r.portfolio_id, r.detail
    FROM (
      SELECT t.portfolio_id, format('pending transfer %s of transfer %s', t.pending_id, t.transfer_id)
        FROM ledger.transfers AS t
       WHERE t.pending_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM ledger.transfers AS p
                          WHERE p.portfolio_id = t.portfolio_id AND p.transfer_id = t.pending_id)
      UNION ALL
      SELECT r.portfolio_id, format('transfer %s of a hold', r.transfer_id) FROM ledger.holds AS r
       WHERE NOT EXISTS (SELECT FROM ledger.transfers AS t
                          WHERE t.portfolio_id = r.portfolio_id AND t.transfer_id = r.transfer_id)
      UNION ALL
      SELECT b.portfolio_id, format('account %s of a balance', b.account_id) FROM ledger.balances AS b
       WHERE NOT EXISTS (SELECT FROM ledger.accounts AS a
                          WHERE a.portfolio_id = b.portfolio_id AND a.account_id = b.account_id)
      UNION ALL
      SELECT e.portfolio_id, format('order %s of an event', e.order_id) FROM trading.order_events AS e
       WHERE NOT EXISTS (SELECT FROM trading.orders AS o
                          WHERE o.portfolio_id = e.portfolio_id AND o.order_id = e.order_id)
      UNION ALL
      SELECT f.portfolio_id, format('order %s of fill %s', f.order_id, f.fill_id) FROM trading.fills AS f
       WHERE NOT EXISTS (SELECT FROM trading.orders AS o
                          WHERE o.portfolio_id = f.portfolio_id AND o.order_id = f.order_id)
      UNION ALL
      SELECT l.portfolio_id, format('fill %s of a lot', l.fill_id) FROM trading.lots AS l
       WHERE NOT EXISTS (SELECT FROM trading.fills AS f WHERE f.portfolio_id = l.portfolio_id AND f.fill_id = l.fill_id)
      UNION ALL
      SELECT o.portfolio_id, format('reservation %s of order %s', o.reservation_id, o.order_id) FROM trading.orders AS o
       WHERE o.reservation_id IS NOT NULL
         AND NOT EXISTS (SELECT FROM ledger.transfers AS t
                          WHERE t.portfolio_id = o.portfolio_id AND t.transfer_id = o.reservation_id)
      UNION ALL
      SELECT n.portfolio_id, format('instrument %s', n.instrument_id)
        FROM (SELECT o.portfolio_id, o.instrument_id FROM trading.orders AS o
              UNION SELECT s.portfolio_id, s.instrument_id FROM trading.positions AS s) AS n
       WHERE NOT EXISTS (SELECT FROM market.instruments AS i WHERE i.instrument_id = n.instrument_id)
      UNION ALL
      SELECT n.portfolio_id, 'portfolio'
        FROM (SELECT k.portfolio_id FROM ledger.portfolio_clocks AS k
              UNION SELECT v.portfolio_id FROM trading.portfolio_values AS v
              UNION SELECT s.portfolio_id FROM trading.positions AS s
              UNION SELECT o.portfolio_id FROM trading.orders AS o) AS n
       WHERE NOT EXISTS (SELECT FROM trading.portfolios AS p WHERE p.portfolio_id = n.portfolio_id)
    ) AS r (portfolio_id, detail)
$$;
COMMENT ON FUNCTION ops.check_reference_invariants() IS
  'The part of ops.check_invariants that concerns what rows refer to: the tables of the hot path look no references up '
  'when they are written.';
