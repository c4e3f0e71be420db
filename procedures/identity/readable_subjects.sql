-- reads trading.portfolios, identity.shares, strategy.agents, strategy.strategies
CREATE OR REPLACE FUNCTION identity.readable_subjects()
RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_ids int[] := identity.readable_portfolios();
BEGIN
  RETURN ARRAY(
    SELECT 'user:' || ops.actor()
    UNION ALL SELECT 'portfolio:' || p FROM unnest(v_portfolio_ids) AS p
    UNION ALL SELECT 'agent:' || a.agent_id FROM strategy.agents AS a WHERE a.portfolio_id = ANY (v_portfolio_ids)
    UNION ALL SELECT 'strategy:' || s.strategy_id FROM strategy.strategies AS s
               WHERE s.owner = (SELECT ops.actor()) OR s.owner IS NULL);
END
$$;
COMMENT ON FUNCTION identity.readable_subjects() IS
  'Keys (risk.subject) of what concerns who acts: themselves, the portfolios that they may read and their agents, '
  'strategies of theirs and of the house. Row security of limits, halts and protections goes by it.';
REVOKE ALL ON FUNCTION identity.readable_subjects() FROM PUBLIC;
