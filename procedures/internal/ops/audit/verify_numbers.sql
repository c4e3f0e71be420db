-- reads ledger.portfolio_clocks, trading.orders, trading.fills, ledger.transfers
CREATE OR REPLACE FUNCTION internal.verify_numbers()
RETURNS TABLE (relation text, key text, fault text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  WITH given AS (
    SELECT k.portfolio_id, n.relation, n.next
      FROM ledger.portfolio_clocks AS k
      CROSS JOIN LATERAL (VALUES ('trading.orders', k.next_order_id), ('trading.fills', k.next_fill_id),
                                 ('ledger.transfers', k.next_transfer_id)) AS n (relation, next)
  ), there AS (
    SELECT 'trading.orders' AS relation, o.portfolio_id, o.order_id AS number FROM trading.orders AS o
    UNION ALL SELECT 'trading.fills', f.portfolio_id, f.fill_id FROM trading.fills AS f
    UNION ALL SELECT 'ledger.transfers', t.portfolio_id, t.transfer_id FROM ledger.transfers AS t
  ), counted AS (
    SELECT portfolio_id, relation, g.next, count(t.number) AS rows, min(t.number) AS first, max(t.number) AS last
      FROM given AS g FULL JOIN there AS t USING (portfolio_id, relation)
     GROUP BY portfolio_id, relation, g.next
    -- Numbers are unique, so that this many between these bounds are all.
    HAVING g.next IS NULL OR count(t.number) <> g.next - 1 OR min(t.number) <> 1 OR max(t.number) <> g.next - 1
  )
  SELECT c.relation, format('%s/%s', c.portfolio_id, n), 'removed: its number was given'
    FROM counted AS c CROSS JOIN LATERAL generate_series(1, c.next - 1) AS n
   WHERE NOT EXISTS (SELECT FROM there AS t
                      WHERE t.relation = c.relation AND t.portfolio_id = c.portfolio_id AND t.number = n)
  UNION ALL
  SELECT t.relation, format('%s/%s', t.portfolio_id, t.number),
         format('inserted: its number was not given, the next one is %s', coalesce(c.next::text, 'not there'))
    FROM counted AS c JOIN there AS t USING (portfolio_id, relation)
   WHERE t.number NOT BETWEEN 1 AND coalesce(c.next - 1, 0)
$$;
COMMENT ON FUNCTION internal.verify_numbers() IS
  'The part of ops.verify_audit that finds orders, fills and transfers that are missing or too many: each portfolio '
  'numbers them without gaps.';
