-- reads trading.portfolios, trading.positions, trading.orders, trading.fills, market.instruments, market.quotes, ledger.books,
-- ledger.accounts, ledger.balances, risk.protections; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.fill_facts(p_reports internal.fill_report[])
RETURNS internal.fill_facts[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT array_agg(
             ROW (o, p, i, s, f, k.next_fill_id, k.next_transfer_id, a.accounts, a.available, q.last::numeric,
                  o.oco_group_id IS NOT NULL OR o.parent_order_id IS NOT NULL
                    OR EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = n.portfolio_id AND x.parent_order_id = o.order_id)
                    OR c.closes AND EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = n.portfolio_id
                                               AND x.instrument_id = o.instrument_id AND x.closed_at IS NULL AND x.reduce_only),
                  c.closes AND EXISTS (SELECT FROM risk.protections)
             )::internal.fill_facts ORDER BY n.ordinality)
      FROM unnest(p_reports) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN trading.orders AS o ON o.portfolio_id = n.portfolio_id
            AND o.order_id = coalesce(n.order_id, (SELECT x.order_id FROM trading.orders AS x
                                                    WHERE x.portfolio_id = n.portfolio_id AND x.client_order_id = n.client_order_id))
      LEFT JOIN market.instruments AS i ON i.instrument_id = o.instrument_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = o.instrument_id
      LEFT JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = o.instrument_id
      LEFT JOIN trading.fills AS f ON f.portfolio_id = n.portfolio_id AND f.broker = coalesce(n.broker, p.broker) AND f.execution_id = n.execution_id
      CROSS JOIN LATERAL (SELECT s.quantity * CASE o.side WHEN 'sell' THEN 1 ELSE -1 END > 0 AS closes) AS c
      CROSS JOIN LATERAL (
        SELECT array_agg(x.account_id ORDER BY x.kind) AS accounts,
               sum(b.credits_posted - b.debits_posted - b.debits_pending) FILTER (WHERE x.kind = 'cash') AS available
          FROM ledger.accounts AS x JOIN ledger.balances AS b USING (portfolio_id, account_id)
         WHERE x.portfolio_id = n.portfolio_id AND x.currency = i.currency) AS a);
END
$$;
COMMENT ON FUNCTION internal.fill_facts(internal.fill_report[]) IS 'What executions are decided by, one element for each in their order.';
