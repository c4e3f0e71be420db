-- reads strategy.agents, strategy.strategies
CREATE OR REPLACE FUNCTION trading.needs_approval(p_order trading.orders, p_portfolio trading.portfolios)
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_order.approved_by IS NOT NULL THEN
    RETURN false;
  ELSIF p_portfolio.requires_approval OR p_order.agent_id IS NULL THEN
    RETURN p_portfolio.requires_approval;
  END IF;
  RETURN EXISTS (SELECT FROM strategy.agents AS a JOIN strategy.strategies AS s USING (strategy_id)
                  WHERE a.portfolio_id = p_order.portfolio_id AND a.agent_id = p_order.agent_id AND s.requires_approval);
END
$$;
COMMENT ON FUNCTION trading.needs_approval(trading.orders, trading.portfolios) IS
  'Whether an order must wait for a second person: its portfolio or its agent''s strategy asks for it, and nobody has approved it.';
