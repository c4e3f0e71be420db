-- writes strategy.agents, strategy.agent_instruments, ops.events; errors TR101, TR103, TR211, TR249,
-- TR501, TR502
CREATE OR REPLACE FUNCTION strategy.create_agent(
  name text, portfolio text, strategy text, symbols text[], version int DEFAULT NULL,
  mode strategy.agent_mode DEFAULT 'dry', at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(create_agent.portfolio);
  v_version      strategy.strategy_versions;
  v_agent        strategy.agents;
BEGIN
  PERFORM internal.require_event_time(create_agent.at);
  SELECT v.* INTO v_version
    FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
   WHERE s.name = create_agent.strategy AND v.version = coalesce(create_agent.version, v.version)
   ORDER BY v.version DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown strategy "%" version %',
      left(create_agent.strategy, 64), coalesce(create_agent.version::text, 'latest')
      USING ERRCODE = 'TR501', DETAIL = format('%s strategies are known.', (SELECT count(*) FROM strategy.strategies)),
            HINT = 'Create it with strategy.create_strategy(...).';
  END IF;
  IF (create_agent.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'
      AND cardinality(create_agent.symbols) BETWEEN 1 AND 10000
      AND array_position(create_agent.symbols, NULL) IS NULL AND create_agent.mode IS NOT NULL) IS NOT TRUE
     OR EXISTS (SELECT FROM strategy.agents AS a WHERE a.portfolio_id = v_portfolio_id AND a.name = create_agent.name)
  THEN
    RAISE EXCEPTION 'an agent needs a new name, a mode, and 1 to 10,000 symbols'
      USING ERRCODE = 'TR502',
            DETAIL = format('name %L, mode %s, symbols %s.', left(create_agent.name, 64),
                            coalesce(create_agent.mode::text, 'NULL'),
                            coalesce(left(create_agent.symbols::text, 100), 'NULL')),
            HINT = 'Names of agents are unique in their portfolio.';
  END IF;
  PERFORM internal.lock_portfolio(v_portfolio_id);
  INSERT INTO strategy.agents (portfolio_id, name, strategy_id, version, mode, changed_at)
  VALUES (v_portfolio_id, create_agent.name, v_version.strategy_id, v_version.version, create_agent.mode,
          create_agent.at)
  RETURNING * INTO v_agent;
  INSERT INTO strategy.agent_instruments (portfolio_id, agent_id, instrument_id)
  SELECT DISTINCT v_portfolio_id, v_agent.agent_id, market.instrument_id(s) FROM unnest(create_agent.symbols) AS s;
  PERFORM internal.emit_event('agent.created', create_agent.at, v_portfolio_id,
                         p_payload => jsonb_build_object('agent', v_agent.name));
  RETURN v_agent;
END
$$;
COMMENT ON FUNCTION strategy.create_agent(text, text, text, text[], int, strategy.agent_mode, timestamptz) IS
  'Puts a strategy version (the latest unless given) to work on a portfolio and symbols; it is idle until '
  'strategy.start_agent. Errors TR101, TR103, TR211, TR249, TR501, TR502.';
REVOKE ALL ON FUNCTION strategy.create_agent(text, text, text, text[], int, strategy.agent_mode, timestamptz)
  FROM PUBLIC;
