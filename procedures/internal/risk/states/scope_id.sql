-- reads trading.portfolios, strategy.agents, strategy.strategies, market.instruments, pg_roles; errors TR306, TR701,
-- TR702
CREATE OR REPLACE FUNCTION internal.scope_id(p_scope risk.scope, p_target text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_actor    text := ops.actor();
  v_is_staff boolean := identity.is_staff();
  v_id       int;
  v_is_known boolean := false;
BEGIN
  CASE p_scope
    WHEN 'system' THEN
      v_is_known := p_target IS NULL;
    WHEN 'user' THEN
      v_is_known := internal.is_user(p_target);
    WHEN 'sector' THEN
      v_is_known := EXISTS (SELECT FROM market.instruments AS i WHERE i.sector = p_target);
    WHEN 'portfolio' THEN
      BEGIN
        v_id := trading.portfolio_id(p_target, 'trade');
      EXCEPTION
        WHEN SQLSTATE 'TR211' THEN
          NULL;  -- an unknown scope, like the others
      END;
    WHEN 'strategy' THEN
      v_id := internal.strategy_id(p_target);
    WHEN 'agent' THEN
      -- One's own first, so that what others show cannot make a name unclear.
      SELECT CASE WHEN count(*) FILTER (WHERE n.is_own) = 1 THEN min(n.agent_id) FILTER (WHERE n.is_own)
                  WHEN count(*) = 1 THEN min(n.agent_id) END INTO v_id
        FROM (SELECT a.agent_id, p.owner = v_actor AS is_own
                FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
               WHERE p.portfolio_id = ANY (identity.tradable_portfolios())
                 AND (p_target = p.owner || '/' || p.name || '/' || a.name
                      OR (p.owner = v_actor OR v_is_staff) AND p_target IN (a.name, p.name || '/' || a.name))) AS n;
    WHEN 'instrument' THEN
      v_id := market.instrument_id(p_target);
    ELSE
      NULL;  -- no scope at all
  END CASE;
  IF NOT v_is_known AND v_id IS NULL THEN
    RAISE EXCEPTION 'unknown scope: % %', coalesce(p_scope::text, 'NULL'),
      coalesce(quote_literal(p_target), 'without a name')
      USING ERRCODE = 'TR306',
            DETAIL = 'system takes no name; user, portfolio, strategy and sector take theirs; agent takes name or '
                     'portfolio/name, of others owner/portfolio/name; instrument takes its symbol.',
            HINT = 'For example risk.halt(''portfolio'', ''main'', reason => ''...'').';
  END IF;
  -- What concerns others than who acts is not theirs to halt or limit.
  IF NOT v_is_staff
     AND (p_scope IN ('system', 'sector', 'instrument')
          OR p_scope = 'strategy'
             AND NOT EXISTS (SELECT FROM strategy.strategies AS s
                              WHERE s.strategy_id = v_id AND s.owner = v_actor)) THEN
    PERFORM internal.require_staff(format('halts and limits of scope %s', p_scope));
  END IF;
  RETURN v_id;
END
$$;
COMMENT ON FUNCTION internal.scope_id(risk.scope, text) IS
  'Identifier of what a limit, halt or protection concerns, for who may set one there: for traders themselves, their '
  'portfolios, agents and strategies. NULL for the system, a user and a sector, which have none. Errors TR306 when '
  'there is no such thing that one may know of, TR701, TR702.';
