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
SELECT is((strategy.stop_agent('main', 'bot', at => '2024-01-08 19:00Z')).status, 'stopped', 'stopped');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'bot')$$, 'TR504', 'a stopped agent is made idle first');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'none')$$, 'TR503', 'an unknown agent');
SELECT pg_temp.refuses($$SELECT strategy.start_agent('none', 'bot')$$, 'TR211', 'an unknown portfolio');
SELECT is((SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.payload ->> 'agent' = 'bot'), '{agent.created,agent.running,agent.paused,agent.error,agent.running,agent.stopped}', 'each move is in the journal');

-- Resumed.
SELECT strategy.set_agent_status('main', 'bot', 'idle', at => '2024-01-08 19:01Z'), strategy.start_agent('main', 'bot', '2024-01-08 19:02Z'), strategy.pause_agent('main', 'bot', '2024-01-08 19:03Z') \g /dev/null
SELECT is((strategy.resume_agent('main', 'bot', '2024-01-08 19:04Z')).status, 'running', 'resumed');
SELECT is((strategy.resume_agent('main', 'bot', '2024-01-08 19:05Z')).changed_at, '2024-01-08 19:04Z'::timestamptz, 'what runs stays as it is');
SELECT pg_temp.refuses($$SELECT strategy.resume_agent('main', 'old')$$, 'TR504', 'what was never started is not resumed');

-- Only rules that somebody has checked are started.
SELECT strategy.create_strategy('rules', 'swing', '1 day', '{"entry": "close > 1", "exit": "close < 1"}'), strategy.create_agent('new', 'main', 'rules', '{IBM}') \g /dev/null
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'new')$$, 'TR511', 'nobody has checked its version');
SELECT pg_temp.refuses($$SELECT strategy.set_agent_status('main', 'new', 'running')$$, 'TR511', 'nor by another door');
SELECT strategy.record_check('rules', 1, 'refused', 'entry: a number was expected') \g /dev/null
SELECT pg_temp.refuses($$SELECT strategy.start_agent('main', 'new')$$, 'TR512', 'its rules cannot run');
SELECT is((SELECT a.status FROM strategy.agents AS a WHERE a.name = 'new'), 'idle', 'it is idle');

-- Memory.
SELECT strategy.save_agent_state(a.portfolio_id, a.agent_id, market.instrument_id('IBM'), '2024-01-08', '\x0102ff') FROM strategy.agents AS a WHERE a.name = 'bot' \g /dev/null
SELECT is((SELECT (i.at, i.state)::text FROM strategy.agent_instruments AS i JOIN strategy.agents AS a USING (portfolio_id, agent_id) WHERE a.name = 'bot'), '("2024-01-08 00:00:00+00","\\x0102ff")', 'an agent''s memory');
SELECT strategy.record_warm_ups(ARRAY[a.portfolio_id], ARRAY[a.agent_id], ARRAY[market.instrument_id('IBM')], '{of another release}', '2024-01-08') FROM strategy.agents AS a WHERE a.name = 'bot' \g /dev/null
SELECT is((SELECT (e.payload ->> 'agent', e.payload ->> 'symbol', e.payload ->> 'reason')::text FROM ops.events AS e WHERE e.kind = 'agent.warmed_up'), '(bot,US:IBM,"of another release")', 'rules that were shown the past anew are journaled');
SELECT pg_temp.refuses($$SELECT strategy.record_warm_ups('{1}', '{1}', '{2,3}', '{why}', '2024-01-08')$$, 'TR604', 'arrays of different lengths');
SELECT pg_temp.refuses($$SELECT strategy.record_warm_ups('{1}', '{1000000}', '{1}', '{why}', '2024-01-08')$$, 'TR503', 'an agent that there is not');
SELECT is((SELECT (o.agent_id = a.agent_id, o.client_order_id)::text FROM strategy.agents AS a, trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'bot-1', agent => 'bot', at => '2024-01-08 15:00Z') AS o WHERE a.name = 'bot'), '(t,bot-1)', 'an order of an agent');
SELECT pg_temp.refuses($$SELECT trading.submit_order('main', 'IBM', 'buy', 1, client_order_id => 'bot-1', at => '2024-01-08 15:00Z')$$, 'TR204', 'the same key without the agent is another order');
SELECT is((SELECT agent FROM trading.open_orders WHERE client_order_id = 'bot-1'), 'bot', 'open_orders names it');
SELECT pg_temp.is_sound();

-- Bounds, kinds and legs.
SELECT market.add_instrument(symbol => 'MSFT'), market.add_instrument(symbol => 'XOM') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('MSFT'), market.instrument_id('XOM')], '{2024-01-08 14:30Z,2024-01-08 14:30Z}', '{50,20}', '{NULL,NULL}') \g /dev/null
SELECT strategy.create_strategy('outside', 'custom', '1 day', '{"exits": []}'), strategy.create_strategy('pair', 'arbitrage', '1 day', '{"entry": "close < $other.close", "params": {"other": "MSFT"}, "legs": [{"symbol": "$other", "ratio": -1}, {"symbol": "XOM", "ratio": 1}]}') \g /dev/null
SELECT is((SELECT (a.kind, a.capital_per_trade, a.maximum_positions, a.schedule_days, a.schedule_from, a.schedule_until)::text
             FROM strategy.create_agent('bounded', 'main', 'outside', '{IBM}', kind => 'ai_powered', capital_per_trade => 500, maximum_positions => 2, schedule_days => '{1,5}', schedule_from => '09:30', schedule_until => '15:00') AS a),
  '(ai_powered,500.00000000,2,"{1,5}",09:30:00,15:00:00)', 'bounds');
SELECT pg_temp.refuses(format('SELECT strategy.create_agent(''x'', ''main'', ''ema'', ''{IBM}'', %s)', a), 'TR502', a) FROM unnest(ARRAY['capital_per_trade => 0', 'capital_per_trade => ''NaN''', 'maximum_positions => 0', 'schedule_days => ''{}''', 'schedule_days => ''{0}''',
  'schedule_days => ''{8}''', 'schedule_from => ''9:00''', 'schedule_from => ''9:00'', schedule_until => ''9:00''', 'kind => NULL', 'params => ''{"fast": 3}''']) AS a;
SELECT pg_temp.refuses($$SELECT strategy.create_agent('x', 'main', 'outside', '{IBM}')$$, 'TR502', 'rules without an entry are for outside programs');
SELECT strategy.create_agent('pair', 'main', 'pair', '{IBM}') \g /dev/null
SELECT is((SELECT string_agg(i.symbol || coalesce(' ' || n.leg_no, ''), ', ' ORDER BY n.leg_no NULLS FIRST) FROM strategy.agents AS a JOIN strategy.agent_instruments AS n USING (portfolio_id, agent_id) JOIN market.instruments AS i USING (instrument_id) WHERE a.name = 'pair'),
  'IBM, MSFT 1, XOM 2', 'legs are traded along');
SELECT is((SELECT a.params FROM strategy.create_agent('pair-2', 'main', 'pair', '{MSFT}', params => '{"other": "IBM"}') AS a), '{"other": "IBM"}', 'an agent may name another one');
SELECT pg_temp.refuses($$SELECT strategy.create_agent('x', 'main', 'pair', '{IBM,XOM}')$$, 'TR502', 'of several symbols none knows its legs');
SELECT pg_temp.refuses($$SELECT strategy.create_agent('x', 'main', 'pair', '{MSFT}')$$, 'TR502', 'nothing is its own leg');

-- What agents own and how they do: by their own fills, whoever else trades the instrument.
SELECT trading.create_portfolio(name => 'shared', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
SELECT strategy.create_agent('a', 'shared', 'ema', '{IBM,MSFT}'), strategy.create_agent('b', 'shared', 'ema', '{IBM}', capital_per_trade => 1000, maximum_positions => 2) \g /dev/null
CREATE FUNCTION pg_temp.trade(agent text, side trading.order_side, quantity numeric, price numeric, at timestamptz, fee numeric DEFAULT 1, symbol text DEFAULT 'IBM') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_order trading.orders := trading.submit_order('shared', symbol, side, quantity, time_in_force => 'gtc', agent => agent, at => at);
BEGIN
  PERFORM trading.record_fill('shared', quantity, price, 'x-' || v_order.order_id, order_id => v_order.order_id, fee => fee, at => at);
END
$$;
SELECT pg_temp.trade('a', 'buy', 10, 100, '2024-01-08 15:00Z'), pg_temp.trade('b', 'buy', 10, 102, '2024-01-08 15:01Z'), pg_temp.trade('b', 'sell', 10, 112, '2024-01-08 15:02Z'), pg_temp.trade(NULL, 'buy', 5, 90, '2024-01-08 15:03Z'),
       pg_temp.trade('a', 'sell', 4, 110, '2024-01-09 15:00Z'), pg_temp.trade('b', 'buy', 10, 105, '2024-01-09 15:01Z'), pg_temp.trade('b', 'sell', 10, 101, '2024-01-10 15:01Z') \g /dev/null
SELECT results_eq($$SELECT agent, trade_no, direction, opened_at, closed_at, quantity, pnl, fees, net_pnl FROM strategy.agent_trades WHERE portfolio = 'shared' ORDER BY 1, 2$$,
  $$VALUES ('a', 1, 'long', timestamptz '2024-01-08 15:00Z', NULL::timestamptz, 10::numeric, 40::numeric, 2::numeric, 38::numeric),
           ('b', 1, 'long', '2024-01-08 15:01Z', '2024-01-08 15:02Z', 10, 100, 2, 98), ('b', 2, 'long', '2024-01-09 15:01Z', '2024-01-10 15:01Z', 10, -40, 2, -42)$$, 'trades from flat to flat; first in first out would have given a''s shares to b');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], '{2024-01-10 15:02Z}', '{103}', '{NULL}') \g /dev/null
SELECT results_eq($$SELECT agent, symbol, direction, quantity, average_price, last_price, unrealised_pnl FROM strategy.agent_positions WHERE portfolio = 'shared'$$, $$VALUES ('a', 'US:IBM', 'long', 6::numeric, 100::numeric, 103::numeric, 18::numeric)$$, 'a owns six of the eleven');
SELECT results_eq($$SELECT agent, day, fills, pnl, fees, profit FROM strategy.agent_daily_profit WHERE portfolio = 'shared' ORDER BY 1, 2$$,
  $$VALUES ('a', date '2024-01-08', 1::bigint, 0::numeric, 1::numeric, -1::numeric), ('a', '2024-01-09', 1, 40, 1, 39), ('b', '2024-01-08', 2, 100, 2, 98), ('b', '2024-01-09', 1, 0, 1, -1), ('b', '2024-01-10', 1, -40, 1, -41)$$, 'profit by day');
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('shared')], '2024-01-10 15:02Z') \g /dev/null
CREATE FUNCTION pg_temp.sharpe(VARIADIC returns numeric[]) RETURNS numeric LANGUAGE sql AS $$ SELECT round((avg(r::float8) / stddev_samp(r::float8) * sqrt(252))::numeric, 4) FROM unnest(returns) AS r $$;
SELECT results_eq($$SELECT agent, mode, trades, active_positions, win_rate, profit_today, realised_profit, unrealised_profit, profit_total, capital, roi, sharpe, max_drawdown FROM strategy.agent_performance WHERE portfolio = 'shared' ORDER BY 1$$,
  $$VALUES ('a', 'dry', 0::bigint, 1::bigint, NULL::numeric, 0::numeric, 38::numeric, 18::numeric, 56::numeric, 10000::numeric, 0.0056::numeric, pg_temp.sharpe(-1 / 10000.0, 39 / 9999.0, 0), -0.0001::numeric),
           ('b', 'dry', 2, 0, 0.5, -41, 56, 0, 56, 2000, 0.028, pg_temp.sharpe(98 / 2000.0, -1 / 2098.0, -41 / 2097.0), round(2056 / 2098.0 - 1, 8))$$,
  'how they did');
SELECT market.add_split('IBM', '2024-01-11', 2) \g /dev/null
SELECT trading.apply_split(ARRAY[trading.portfolio_id('shared')], (SELECT max(c.action_id) FROM market.corporate_actions AS c), '2024-01-11 14:30Z') \g /dev/null
SELECT is((SELECT (n.quantity, n.average_price)::text FROM strategy.agent_positions AS n WHERE n.portfolio = 'shared'), '(12,50)', 'a split');

-- Stopping: without flatten everything stays, with it the agent's own goes.
SELECT trading.submit_order('shared', 'IBM', 'sell', 12, 'stop', stop_price => 40, time_in_force => 'gtc', client_order_id => 'a/stop', agent => 'a', at => '2024-01-11 15:00Z'),
       trading.submit_order('shared', 'IBM', 'sell', 10, 'stop', stop_price => 40, time_in_force => 'gtc', client_order_id => 'mine', at => '2024-01-11 15:00Z'), strategy.start_agent('shared', 'a', '2024-01-11 15:00Z') \g /dev/null
SELECT is((strategy.stop_agent('shared', 'a', at => '2024-01-11 15:01Z')).status, 'stopped', 'stopped without flatten');
SELECT is((SELECT string_agg(client_order_id, ' ' ORDER BY 1) FROM trading.open_orders WHERE portfolio = 'shared'), 'a/stop mine', 'its stop goes on protecting what it has');
SELECT is((strategy.stop_agent('shared', 'a', flatten => true, at => '2024-01-11 15:02Z')).changed_at, '2024-01-11 15:01Z', 'flattened later');
SELECT results_eq($$SELECT client_order_id, side::text, type::text, quantity, agent FROM trading.open_orders WHERE portfolio = 'shared' ORDER BY 1$$,
  $$VALUES ('flatten/a/US:IBM/2024-01-11T15:02:00.000000Z', 'sell', 'market', 12::numeric, 'a'), ('mine', 'sell', 'stop', 10, NULL)$$, 'its own orders go, what it owns is closed, a person''s stays');
SELECT strategy.stop_agent('shared', 'a', flatten => true, at => '2024-01-11 15:03Z') \g /dev/null
SELECT is((SELECT count(*) FROM trading.open_orders WHERE portfolio = 'shared'), 2::bigint, 'what is under way is not done again');
SELECT trading.record_fill('shared', 12, 55, 'flat', client_order_id => 'flatten/a/US:IBM/2024-01-11T15:02:00.000000Z', fee => 0, at => '2024-01-11 15:04Z') \g /dev/null
SELECT is_empty($$SELECT * FROM strategy.agent_positions WHERE portfolio = 'shared'$$, 'nothing is left of it');
SELECT is((SELECT p.quantity FROM trading.positions AS p WHERE p.portfolio_id = trading.portfolio_id('shared')), 10::market.quantity, 'and the person''s shares are there');
SELECT is((SELECT (t.closed_at, t.net_pnl)::text FROM strategy.agent_trades AS t WHERE t.portfolio = 'shared' AND t.agent = 'a'), '("2024-01-11 15:04:00+00",98)', 'its trade is over');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
