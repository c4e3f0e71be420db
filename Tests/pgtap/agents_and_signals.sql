-- Strategies, their versions, and the agents that run them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

SELECT is((SELECT (v.version, v.timeframe)::text FROM strategy.create_strategy('ema', 'trend', '1 day', '{"fast": 20, "slow": 50}') AS v), '(1,"1 day")', 'a strategy');
SELECT is((strategy.create_strategy('ema', 'trend', '1 day', '{"slow": 50, "fast": 20}')).version, 1, 'the same again is no new version');
SELECT is((strategy.create_strategy('ema', 'trend', '1 day', '{"fast": 21, "slow": 50}')).version, 2, 'other parameters are');
SELECT is((strategy.create_strategy('ema', 'trend', '1 hour', '{"fast": 21, "slow": 50}')).version, 3, 'another timeframe too');
SELECT is((strategy.create_strategy('ema', 'trend', '1 day', '{"fast": 20, "slow": 50}')).version, 4, 'back to the first is a version of its own');
SELECT pg_temp.refuses(format('SELECT strategy.create_strategy(%s)', a), 'TR502', a) FROM unnest(ARRAY['''ema'', ''momentum'', ''1 day'', ''{}''', 'NULL, ''trend'', ''1 day'', ''{}''', '''a b'', ''trend'', ''1 day'', ''{}''',
  '''x'', NULL, ''1 day'', ''{}''', '''x'', ''trend'', ''-1 day'', ''{}''', '''x'', ''trend'', NULL, ''{}''', '''x'', ''trend'', ''1 day'', ''[]''', '''x'', ''trend'', ''1 day'', NULL']) AS a;

SELECT is((SELECT (a.version, a.status, a.kind)::text FROM strategy.create_agent('bot', 'main', 'ema', '{IBM,IBM,US:IBM}') AS a), '(4,idle,rule_based)', 'an agent takes the latest version and is idle');
SELECT is((SELECT count(*) FROM strategy.agent_instruments), 1::bigint, 'a symbol named twice is one instrument');
SELECT is((strategy.create_agent('old', 'main', 'ema', '{IBM}', 1)).version, 1, 'or the version that is asked for');
SELECT pg_temp.refuses(format('SELECT strategy.create_agent(%s)', a), c, a) FROM (VALUES ('''bot'', ''main'', ''ema'', ''{IBM}''', 'TR502'), ('''x'', ''none'', ''ema'', ''{IBM}''', 'TR211'), ('''x'', ''main'', ''none'', ''{IBM}''', 'TR501'),
  ('''x'', ''main'', ''ema'', ''{IBM}'', 99', 'TR501'), ('''x'', ''main'', ''ema'', ''{NONE}''', 'TR101'), ('''x'', ''main'', ''ema'', ''{}''', 'TR502'), ('''x'', ''main'', ''ema'', NULL', 'TR502'), ('NULL, ''main'', ''ema'', ''{IBM}''', 'TR502'),
  ('''x'', ''main'', ''ema'', ''{NULL}''', 'TR502')) AS w (a, c);
SELECT is((SELECT count(*) FROM strategy.agents), 2::bigint, 'none of them was made');

-- Every pair of states.
CREATE FUNCTION pg_temp.try_move(from_status strategy.agent_status, to_status strategy.agent_status) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_step strategy.agent_status;
BEGIN
  BEGIN
    FOREACH v_step IN ARRAY CASE from_status WHEN 'idle' THEN '{}' WHEN 'paused' THEN '{running,paused}' ELSE ARRAY[from_status] END::strategy.agent_status[] LOOP
      PERFORM strategy.set_agent_status('main', 'bot', v_step);
    END LOOP;
    IF (SELECT a.status FROM strategy.agents AS a WHERE a.name = 'bot') <> from_status THEN
      RAISE EXCEPTION 'the test did not reach %', from_status;
    END IF;
    UPDATE strategy.agents SET status = to_status, error = CASE to_status WHEN 'error' THEN 'x' END WHERE name = 'bot';  -- by hand: the trigger is what counts
    RAISE EXCEPTION USING ERRCODE = 'P0T00';
  EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
  END;
END
$$;
SELECT is_empty($$SELECT f, t, pg_temp.try_move(f, t) FROM unnest(enum_range(NULL::strategy.agent_status)) AS f, unnest(enum_range(NULL::strategy.agent_status)) AS t
  WHERE pg_temp.try_move(f, t) <> CASE WHEN f = t OR EXISTS (SELECT FROM strategy.agent_transitions AS x WHERE x.from_status = f AND x.to_status = t) THEN 'P0T00' ELSE 'TR504' END$$,
  'an agent moves as the table says, also by hand');
SELECT is((strategy.start_agent('main', 'bot', '2024-01-08 15:00Z')).status, 'running', 'started');
SELECT is((strategy.start_agent('main', 'bot', '2024-01-09')).changed_at, '2024-01-08 15:00Z'::timestamptz, 'starting it again changes nothing');
SELECT is((strategy.pause_agent('main', 'bot', '2024-01-08 16:00Z')).status, 'paused', 'paused');
SELECT is((SELECT (a.status, a.error)::text FROM strategy.set_agent_status('main', 'bot', 'error', 'broken', '2024-01-08 17:00Z') AS a), '(error,broken)', 'an error has its words');
SELECT is((SELECT (a.status, a.error)::text FROM strategy.start_agent('main', 'bot', '2024-01-08 18:00Z') AS a), '(running,)', 'which go when it runs again');
SELECT is((strategy.stop_agent('main', 'bot', '2024-01-08 19:00Z')).status, 'stopped', 'stopped');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'bot')$$, 'TR504', 'a stopped agent is made idle first');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'none')$$, 'TR503', 'an unknown agent');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('none', 'bot')$$, 'TR211', 'an unknown portfolio');
SELECT is((SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.payload ->> 'agent' = 'bot'), '{agent.created,agent.running,agent.paused,agent.error,agent.running,agent.stopped}', 'each move is in the journal');

-- Memory.
SELECT strategy.save_agent_state(a.portfolio_id, a.agent_id, market.instrument_id('IBM'), '2024-01-08', '\x0102ff') FROM strategy.agents AS a WHERE a.name = 'bot' \g /dev/null
SELECT is((SELECT (i.at, i.state)::text FROM strategy.agent_instruments AS i JOIN strategy.agents AS a USING (portfolio_id, agent_id) WHERE a.name = 'bot'), '("2024-01-08 00:00:00+00","\\x0102ff")', 'an agent''s memory');
SELECT is((SELECT (o.agent_id = a.agent_id, o.client_order_id)::text FROM strategy.agents AS a, trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'bot-1', agent => 'bot', at => '2024-01-08 15:00Z') AS o WHERE a.name = 'bot'), '(t,bot-1)', 'an order of an agent');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'bot-1', at => '2024-01-08 15:00Z')$$, 'TR204', 'the same key without the agent is another order');
SELECT is((SELECT agent FROM trading.open_orders WHERE client_order_id = 'bot-1'), 'bot', 'open_orders names it');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
