-- reads strategy.agents; errors TR503
CREATE OR REPLACE FUNCTION internal.agent_id(p_portfolio_id int, p_agent text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_agent_id int;
BEGIN
  SELECT a.agent_id INTO v_agent_id FROM strategy.agents AS a
   WHERE a.portfolio_id = p_portfolio_id AND a.name = p_agent;
  IF v_agent_id IS NULL THEN
    RAISE EXCEPTION 'unknown agent "%"', coalesce(p_agent, 'NULL')
      USING ERRCODE = 'TR503',
            DETAIL = format('Portfolio %s has %s agents.', p_portfolio_id,
                            (SELECT count(*) FROM strategy.agents AS a WHERE a.portfolio_id = p_portfolio_id)),
            HINT = 'Create it with strategy.create_agent(...).';
  END IF;
  RETURN v_agent_id;
END
$$;
COMMENT ON FUNCTION internal.agent_id(int, text) IS 'Identifier of the portfolio''s agent with this name. Error TR503.';
