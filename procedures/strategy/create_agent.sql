-- locks ledger.portfolio_clocks; writes strategy.agents, strategy.agent_instruments, ops.events; errors TR101, TR103,
-- TR211, TR249, TR501, TR502, TR510
CREATE OR REPLACE FUNCTION strategy.create_agent(
  name text, portfolio text, strategy text, symbols text[], version int DEFAULT NULL, params jsonb DEFAULT '{}',
  kind strategy.agent_kind DEFAULT 'rule_based', capital_per_trade numeric DEFAULT NULL,
  maximum_positions int DEFAULT NULL, schedule_days int[] DEFAULT NULL, schedule_from time DEFAULT NULL,
  schedule_until time DEFAULT NULL, at timestamptz DEFAULT now())
RETURNS strategy.agents
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(create_agent.portfolio, 'trade');
  v_version      strategy.strategy_versions := internal.find_version(create_agent.strategy, create_agent.version);
  v_symbols      text[];  -- of the legs
  v_agent        strategy.agents;
BEGIN
  PERFORM internal.require_event_time(create_agent.at);
  IF (create_agent.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'
      AND cardinality(create_agent.symbols) BETWEEN 1 AND 10000
      AND array_position(create_agent.symbols, NULL) IS NULL) IS NOT TRUE
     OR EXISTS (SELECT FROM strategy.agents AS a WHERE a.portfolio_id = v_portfolio_id AND a.name = create_agent.name)
  THEN
    RAISE EXCEPTION 'an agent needs a new name, and 1 to 10,000 symbols'
      USING ERRCODE = 'TR502',
            DETAIL = format('name %L, symbols %s.', left(create_agent.name, 64),
                            coalesce(left(create_agent.symbols::text, 100), 'NULL')),
            HINT = 'Names of agents are unique in their portfolio.';
  END IF;
  PERFORM internal.refuse_agent_terms(v_version, create_agent.kind, create_agent.capital_per_trade,
                                      create_agent.maximum_positions, create_agent.schedule_days,
                                      create_agent.schedule_from, create_agent.schedule_until);
  PERFORM internal.with_params(v_version, create_agent.params);
  v_symbols := internal.leg_symbols(v_version, create_agent.params);
  IF v_symbols <> '{}'
     AND (cardinality(create_agent.symbols) <> 1
          OR (SELECT count(DISTINCT market.instrument_id(s)) FROM unnest(create_agent.symbols || v_symbols) AS s)
             <= cardinality(v_symbols)) THEN
    RAISE EXCEPTION 'an agent of a strategy with legs trades one symbol, and others as its legs'
      USING ERRCODE = 'TR502', DETAIL = format('symbols %s, legs %s.', left(create_agent.symbols::text, 100),
                                               left(v_symbols::text, 100)),
            HINT = 'Create an agent for each pair or basket.';
  END IF;
  PERFORM internal.lock_portfolio(v_portfolio_id);
  PERFORM internal.require_tier('agents', p.owner) FROM trading.portfolios AS p WHERE p.portfolio_id = v_portfolio_id;
  INSERT INTO strategy.agents (portfolio_id, name, strategy_id, version, params, kind, capital_per_trade,
                               maximum_positions, schedule_days, schedule_from, schedule_until, changed_at)
  VALUES (v_portfolio_id, create_agent.name, v_version.strategy_id, v_version.version, create_agent.params,
          create_agent.kind, create_agent.capital_per_trade, create_agent.maximum_positions,
          create_agent.schedule_days, create_agent.schedule_from, create_agent.schedule_until, create_agent.at)
  RETURNING * INTO v_agent;
  INSERT INTO strategy.agent_instruments (portfolio_id, agent_id, instrument_id)
  SELECT DISTINCT v_portfolio_id, v_agent.agent_id, market.instrument_id(s) FROM unnest(create_agent.symbols) AS s;
  INSERT INTO strategy.agent_instruments (portfolio_id, agent_id, instrument_id, leg_no)
  SELECT v_portfolio_id, v_agent.agent_id, market.instrument_id(l.symbol), l.leg_no
    FROM unnest(v_symbols) WITH ORDINALITY AS l (symbol, leg_no);
  PERFORM internal.emit_event('agent.created', create_agent.at, v_portfolio_id,
                         p_payload => jsonb_build_object('agent', v_agent.name));
  RETURN v_agent;
END
$$;
COMMENT ON FUNCTION strategy.create_agent(
  text, text, text, text[], int, jsonb, strategy.agent_kind, numeric, int, int[], time, time, timestamptz) IS
  'Puts a strategy version (the latest unless given) to work on a portfolio and symbols, each traded by itself, or '
  'one with the legs of the version; it is idle until strategy.start_agent. On a paper portfolio it trades dry, on '
  'one with a broker live. params give values to the version''s named parameters; capital_per_trade, '
  'maximum_positions and the schedule (days 1 Monday to 7 Sunday, times of the exchange) bound its entries, never '
  'its exits. Errors TR101, TR103, TR211, TR249, TR501, TR502, TR510, TR731.';
REVOKE ALL ON FUNCTION strategy.create_agent(
  text, text, text, text[], int, jsonb, strategy.agent_kind, numeric, int, int[], time, time, timestamptz) FROM PUBLIC;
