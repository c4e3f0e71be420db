-- reads strategy.agents
CREATE OR REPLACE FUNCTION internal.scope_portfolio_id(p_scope risk.scope, p_scope_id int)
RETURNS int
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE p_scope WHEN 'portfolio' THEN p_scope_id
                      WHEN 'agent'
                        THEN (SELECT a.portfolio_id FROM strategy.agents AS a WHERE a.agent_id = p_scope_id) END
$$;
COMMENT ON FUNCTION internal.scope_portfolio_id(risk.scope, int) IS
  'The portfolio that a scope concerns, or whose agent it concerns; NULL for the system and for an instrument, which '
  'concern all.';
