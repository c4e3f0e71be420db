-- reads trading.portfolios, strategy.agents, strategy.strategies, market.instruments, pg_roles; errors TR306
CREATE OR REPLACE FUNCTION internal.scope_id(p_scope risk.scope, p_target text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
DECLARE
  v_id       int;
  v_is_known boolean := false;
BEGIN
  CASE p_scope
    WHEN 'system' THEN
      v_is_known := p_target IS NULL;
    WHEN 'user' THEN
      v_is_known := EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = p_target);
    WHEN 'sector' THEN
      v_is_known := EXISTS (SELECT FROM market.instruments AS i WHERE i.sector = p_target);
    WHEN 'portfolio' THEN
      BEGIN
        v_id := trading.portfolio_id(p_target);
      EXCEPTION
        WHEN SQLSTATE 'TR211' THEN
          NULL;  -- an unknown scope, like the others
      END;
    WHEN 'strategy' THEN
      SELECT s.strategy_id INTO v_id FROM strategy.strategies AS s WHERE s.name = p_target;
    WHEN 'agent' THEN
      SELECT CASE WHEN count(*) = 1 THEN min(a.agent_id) END INTO v_id
        FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id)
       WHERE p_target IN (a.name, p.name || '/' || a.name);
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
                     'portfolio/name; instrument takes its symbol.',
            HINT = 'For example risk.halt(''portfolio'', ''main'', reason => ''...'').';
  END IF;
  RETURN v_id;
END
$$;
COMMENT ON FUNCTION internal.scope_id(risk.scope, text) IS
  'Identifier of what a limit, halt or protection concerns; NULL for the system, a user and a sector, which have none. '
  'Error TR306 when there is no such thing.';
