-- reads risk.limits, trading.portfolios, trading.positions, market.instruments, strategy.agents
CREATE OR REPLACE FUNCTION internal.measurable_limits(p_portfolio_id int)
RETURNS risk.limits[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_readable text[] := identity.readable_subjects();
  v_is_staff boolean := identity.is_staff();
BEGIN
  RETURN (
    SELECT array_agg(t ORDER BY t.limit_id)
      FROM risk.limits AS t
     WHERE (t.metric IN ('order_rate', 'open_orders', 'portfolio_heat')
            OR t.metric BETWEEN 'position_quantity' AND 'open_positions' OR t.metric >= 'daily_loss')
       AND t.subject IN (
         SELECT 'system'
         UNION ALL SELECT 'portfolio:' || p_portfolio_id
         -- It adds up what only that user may see.
         UNION ALL SELECT 'user:' || p.owner FROM trading.portfolios AS p
                    WHERE p.portfolio_id = p_portfolio_id AND (v_is_staff OR 'user:' || p.owner = ANY (v_readable))
         UNION ALL SELECT 'agent:' || a.agent_id FROM strategy.agents AS a WHERE a.portfolio_id = p_portfolio_id
         UNION ALL SELECT 'strategy:' || a.strategy_id FROM strategy.agents AS a
                    WHERE a.portfolio_id = p_portfolio_id
                      AND (v_is_staff OR 'strategy:' || a.strategy_id = ANY (v_readable))
         UNION ALL SELECT s.subject
                     FROM trading.positions AS n
                     JOIN market.instruments AS i USING (instrument_id)
                     CROSS JOIN LATERAL (VALUES ('instrument:' || n.instrument_id), ('sector:' || i.sector))
                       AS s (subject)
                    WHERE n.portfolio_id = p_portfolio_id));
END
$$;
COMMENT ON FUNCTION internal.measurable_limits(int) IS
  'Limits that concern a portfolio and measure what it has, not what an order asks for, as far as who acts may read '
  'them; NULL: none.';
