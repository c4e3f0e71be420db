-- reads strategy.agents, research.backtests, research.optimizations, trading.portfolios, identity.shares
CREATE OR REPLACE FUNCTION identity.shown_strategies()
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(SELECT DISTINCT a.strategy_id FROM strategy.agents AS a
                WHERE a.portfolio_id = ANY (identity.readable_portfolios())
               UNION
               SELECT b.strategy_id FROM research.backtests AS b WHERE identity.is_shown_all()
               UNION
               SELECT o.strategy_id FROM research.optimizations AS o WHERE identity.is_shown_all());
END
$$;
COMMENT ON FUNCTION identity.shown_strategies() IS
  'Strategies that agents run on portfolios that who acts may read, or that ran in backtests or optimizations that are '
  'shown with them: their names are shown, their rules are not. Row security goes by it.';
REVOKE ALL ON FUNCTION identity.shown_strategies() FROM PUBLIC;
