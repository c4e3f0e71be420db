-- reads trading.portfolios, trading.positions, trading.orders, market.instruments, market.quotes, ledger.books, ledger.accounts,
-- ledger.balances, strategy.agents, strategy.strategies, risk.limits, risk.halts, risk.locks; the caller holds the portfolios' locks
CREATE OR REPLACE FUNCTION internal.order_facts(p_orders trading.orders[])
RETURNS internal.order_facts[]
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT array_agg(
             ROW (p, i, s, k.next_order_id, k.next_transfer_id, c.account_id, r.account_id, b.credits_posted - b.debits_posted - b.debits_pending,
                  q.last::numeric,
                  EXISTS (SELECT FROM trading.orders AS x WHERE x.portfolio_id = n.portfolio_id AND x.client_order_id = n.client_order_id),
                  a.strategy_id, p.requires_approval OR coalesce(g.requires_approval, false), u.subjects,
                  (SELECT array_agg(l ORDER BY l.metric, l.bound, l.limit_id) FROM risk.limits AS l
                    WHERE l.subject = ANY (u.subjects) AND (l.instrument_id IS NULL OR l.instrument_id = n.instrument_id)),
                  EXISTS (SELECT FROM risk.halts AS h WHERE h.subject = ANY (u.subjects) AND h.resumed_at IS NULL)
                    OR EXISTS (SELECT FROM risk.locks AS h WHERE h.portfolio_id = n.portfolio_id AND h.released_at IS NULL)
             )::internal.order_facts ORDER BY n.ordinality)
      FROM unnest(p_orders) WITH ORDINALITY AS n
      JOIN trading.portfolios AS p ON p.portfolio_id = n.portfolio_id
      JOIN ledger.books AS k ON k.portfolio_id = n.portfolio_id
      LEFT JOIN market.instruments AS i ON i.instrument_id = n.instrument_id
      LEFT JOIN market.quotes AS q ON q.instrument_id = n.instrument_id
      LEFT JOIN trading.positions AS s ON s.portfolio_id = n.portfolio_id AND s.instrument_id = n.instrument_id
      LEFT JOIN ledger.accounts AS c ON c.portfolio_id = n.portfolio_id AND c.currency = i.currency AND c.kind = 'cash'
      -- What is sold short or dealt on margin is backed by collateral, what is bought is paid.
      LEFT JOIN ledger.accounts AS r ON r.portfolio_id = n.portfolio_id AND r.currency = i.currency
            AND r.kind = CASE WHEN n.side = 'sell' OR i.kind = 'future' THEN 'margin' ELSE 'securities' END::ledger.account_kind
      LEFT JOIN ledger.balances AS b ON b.portfolio_id = n.portfolio_id AND b.account_id = c.account_id
      LEFT JOIN strategy.agents AS a ON a.portfolio_id = n.portfolio_id AND a.agent_id = n.agent_id
      LEFT JOIN strategy.strategies AS g ON g.strategy_id = a.strategy_id
      CROSS JOIN LATERAL (
        SELECT ARRAY['system', 'user:' || n.submitted_by, 'portfolio:' || n.portfolio_id, 'instrument:' || n.instrument_id,
                     'sector:' || i.sector, 'agent:' || n.agent_id, 'strategy:' || a.strategy_id] AS subjects) AS u);
END
$$;
COMMENT ON FUNCTION internal.order_facts(trading.orders[]) IS
  'What orders are decided by, one element for each in their order. They need portfolio_id, instrument_id, side, agent_id, client_order_id and submitted_by.';
