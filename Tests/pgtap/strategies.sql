-- Strategies in versions: what SQL sees of their rules, and how they are checked, with and without the extension.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

SELECT is((SELECT (v.version, v.timeframe, v.status, v.checked_at)::text FROM strategy.create_strategy('s', 'custom', '1 day', '{"entry": "close > open", "exit": {"<": ["close", "open"]}}') AS v), '(1,"1 day",unchecked,)', 'rules as text or as JSON');
SELECT is((strategy.create_strategy('ticks', 'scalping', '0', '{"entry": "close > 1"}')).timeframe, interval '0', 'each tick may be a candle');
SELECT is((strategy.create_strategy('figures', 'trend', '1 day', '{"fast": 20, "slow": 50, "atr": 14, "atr_multiple": 3, "risk_percent": 1}')).status, 'checked', 'the figures of a trend strategy, in which there is nothing to parse');
SELECT is((strategy.create_strategy('late', 'custom', '1 day', '{"entry": "close > 2"}')).status, 'unchecked', 'rules that nobody has looked at');
SELECT is((strategy.create_strategy('outside', 'custom', '1 day', '{"exits": []}')).version, 1, 'a custom one may leave entries to outside programs');
SELECT pg_temp.refuses(format('SELECT strategy.create_strategy(''x'', %s)', a), 'TR502', a) FROM unnest(ARRAY['''swing'', ''1 day'', ''{}''', '''trend'', ''1 day'', ''{"fast": 20, "entries": "x"}''', '''trend'', ''1 day'', ''{"entry": "close > 1", "fast": 20}''', '''trend'', ''1 day'', ''{"fast": "20"}''', '''trend'', ''1 day'', ''{"risk_percent": 0}''', '''trend'', ''1 day'', ''{"slow": [50]}''',
  '''custom'', ''1 day'', ''{"entry": 1}''', '''custom'', ''1 day'', ''{"entry": null}''', '''custom'', ''1 day'', ''{"entry": "close > 1", "params": []}''', '''custom'', ''1 day'', ''{"entry": "close > 1", "exits": {}}''',
  '''custom'', ''1 day'', ''{"entry": "close > 1", "sizing": "big"}''', '''custom'', ''1 day'', ''[]''', '''custom'', ''-1 day'', ''{"entry": "close > 1"}''', '''custom'', ''1 day'', jsonb_build_object(''entry'', repeat(md5(random()::text), 5000))']) AS a;
SELECT pg_temp.refuses($$UPDATE strategy.strategy_versions SET parameters = '{"entry": "close > 2"}'$$, 'TR213', 'rules never change');
SELECT pg_temp.refuses($$DELETE FROM strategy.strategy_versions$$, 'TR213', 'and are never deleted');

-- Without the extension the program or a runner checks.
SELECT results_eq($$SELECT strategy, type::text, version, timeframe FROM strategy.unchecked_versions WHERE strategy = 's'$$, $$VALUES ('s', 'custom', 1, interval '1 day')$$, 'what waits for a check');
SELECT is((SELECT (v.status, v.explanation, v.normalized, v.models, v.checked_at IS NOT NULL)::text FROM strategy.record_check('s', 1, 'checked', explanation => 'buys a rise', normalized => '{"entry": "close > open"}', models => '{net}') AS v),
  '(checked,"buys a rise","{""entry"": ""close > open""}",{net},t)', 'a check');
SELECT is((SELECT (v.status, v.error)::text FROM strategy.record_check('s', 1, 'refused', 'too late') AS v), '(checked,)', 'the first check counts');
SELECT is((SELECT (v.status, v.error)::text FROM strategy.record_check('ticks', NULL, 'refused', 'line 1, column 9') AS v), '(refused,"line 1, column 9")', 'NULL is the latest version');
SELECT is((strategy.create_strategy('ticks', 'scalping', '0', '{"entry": "close > 1"}')).status, 'refused', 'the same again answers what it was told');
SELECT is_empty($$SELECT FROM strategy.unchecked_versions WHERE strategy IN ('s', 'ticks')$$, 'neither waits any more');
SELECT pg_temp.refuses($$UPDATE strategy.strategy_versions SET status = 'unchecked', error = NULL, checked_at = NULL WHERE status = 'refused'$$, 'TR213', 'a check is not taken back');
SELECT pg_temp.refuses(format('SELECT strategy.record_check(%s)', a), c, a) FROM (VALUES ('''outside'', 1, ''unchecked''', 'TR502'), ('''outside'', 1, ''refused''', 'TR502'), ('''outside'', 1, ''checked'', ''why''', 'TR502'), ('''outside'', 1, NULL', 'TR502'),
  ('''outside'', 1, ''checked'', models => NULL', 'TR502'), ('''outside'', 1, ''checked'', models => ''{NULL}''', 'TR502'), ('''outside'', 1, ''checked'', normalized => ''[]''', 'TR502'), ('''outside'', 9, ''checked''', 'TR501'), ('''none'', 1, ''checked''', 'TR501')) AS w (a, c);
SELECT is((SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.payload ->> 'name' = 's'), '{strategy.versioned,strategy.checked}', 'the journal tells of both');

-- With it the version is checked at once. Its parser is made up here: it refuses whatever says "wrong".
CREATE SCHEMA IF NOT EXISTS ta;
CREATE FUNCTION ta.check_strategy(type text, timeframe interval, parameters text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('error', CASE WHEN parameters ~ 'wrong' THEN 'entry: a number was expected' END, 'detail', CASE WHEN parameters ~ 'wrong' THEN 'entry, line 1, column 5' END, 'explanation', 'in words',
                            'normalized', parameters::jsonb, 'models', '["net"]'::jsonb)::text
$$;
SELECT is((SELECT (v.version, v.status, v.explanation, v.models)::text FROM strategy.create_strategy('t', 'custom', '1 hour', '{"entry": "close > $level", "params": {"level": 5, "other": "IBM"}}') AS v), '(1,checked,"in words",{net})', 'checked when it is made');
SELECT pg_temp.refuses($$SELECT strategy.create_strategy('t', 'custom', '1 hour', '{"entry": "wrong"}')$$, 'TR510', 'a rule that does not parse');
SELECT is((SELECT count(*) FROM strategy.strategy_versions JOIN strategy.strategies AS s USING (strategy_id) WHERE s.name = 't'), 1::bigint, 'is not stored');
SELECT is((strategy.create_strategy('late', 'custom', '1 day', '{"entry": "close > 2"}')).status, 'checked', 'one that waited is checked when it is named again');

SELECT strategy.create_agent('o', 'main', 'outside', '{IBM}', kind => 'ai_powered') \g /dev/null
SELECT is((strategy.start_agent('main', 'o')).status, 'running', 'the agent of a version from before the extension was there starts');
SELECT is((SELECT v.status FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id) WHERE s.name = 'outside'), 'checked', 'which is checked then');

-- Agents give values of their own to named parameters.
SELECT is((strategy.create_agent('a', 'main', 't', '{IBM}', params => '{"level": 7}')).params, '{"level": 7}', 'a value of its own');
SELECT pg_temp.refuses(format('SELECT strategy.create_agent(''b'', ''main'', ''t'', ''{IBM}'', params => %L)', a), c, a) FROM (VALUES ('{"levels": 7}', 'TR502'), ('{"level": "IBM"}', 'TR502'), ('{"other": 7}', 'TR502'), ('{"other": "NONE"}', 'TR101'),
  ('[]', 'TR502'), (NULL, 'TR502'), ('{"level": null}', 'TR502')) AS w (a, c);

-- What is there from the start.
SELECT market.add_instrument(symbol => 'MSFT') \g /dev/null
SELECT strategy.create_agent('pair', 'main', 'pairs_arbitrage', '{IBM}', params => '{"other": "MSFT", "far": 2.5}') \g /dev/null
SELECT results_eq($$SELECT s.name, s.type::text, v.timeframe FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id) WHERE s.strategy_id <= 8 AND s.description IS NOT NULL ORDER BY s.strategy_id$$,
  $$VALUES ('trend_following', 'trend', interval '1 day'), ('mean_reversion', 'mean_reversion', '1 day'), ('momentum', 'momentum', '1 day'), ('pairs_arbitrage', 'arbitrage', '1 day'), ('scalping', 'scalping', '0'),
           ('swing', 'swing', '1 day'), ('opening_range_breakout', 'custom', '5 minutes'), ('vwap_reversion', 'mean_reversion', '5 minutes')$$, 'eight strategies to start from');
SELECT is((SELECT array_agg(internal.parameters_fault(s.type, v.parameters)) FILTER (WHERE internal.parameters_fault(s.type, v.parameters) IS NOT NULL) FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)), NULL, 'each of the right shape');
SELECT is((SELECT string_agg(i.symbol || coalesce(' ' || n.leg_no, ''), ', ' ORDER BY n.leg_no NULLS FIRST) FROM strategy.agents AS a JOIN strategy.agent_instruments AS n USING (portfolio_id, agent_id) JOIN market.instruments AS i USING (instrument_id) WHERE a.name = 'pair'),
  'IBM, MSFT 1', 'on instruments of one''s own');

SELECT * FROM finish();
ROLLBACK;
