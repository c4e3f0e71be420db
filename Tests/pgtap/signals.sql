-- What agents signal, and what outside programs want of them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'MSFT'), trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u \g /dev/null
SELECT strategy.create_agent('rules', 'main', 's', '{IBM}'), strategy.create_agent('ai', 'main', 's', '{IBM}', kind => 'ai_powered'), strategy.create_agent('both', 'main', 's', '{IBM}', kind => 'hybrid'),
       strategy.create_agent('both', 'other', 's', '{IBM}', kind => 'hybrid') \g /dev/null
SELECT strategy.start_agent(p.name, a.name, '2024-01-08') FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id) \g /dev/null

-- The runner's batches.
CREATE FUNCTION pg_temp.signal(no bigint, wanted text, reason text DEFAULT NULL, operands jsonb DEFAULT '{"ema(close, 20)": 101.5, "adx(14)": null}', client_order_id text DEFAULT NULL, code text DEFAULT NULL,
                               price float8 DEFAULT 100, at timestamptz DEFAULT '2024-01-08 15:00Z', agent text DEFAULT 'rules', symbol text DEFAULT 'IBM')
RETURNS void LANGUAGE sql AS $$
  SELECT strategy.record_signals(ARRAY[a.portfolio_id], ARRAY[a.agent_id], ARRAY[market.instrument_id(symbol)], ARRAY[no], ARRAY[signal.at], ARRAY[wanted], ARRAY[signal.reason], ARRAY[signal.price], ARRAY[signal.operands],
                                 ARRAY[signal.client_order_id], ARRAY[signal.code])
    FROM strategy.agents AS a JOIN trading.portfolios AS p USING (portfolio_id) WHERE a.name = signal.agent AND p.name = 'main'
$$;
SELECT pg_temp.signal(1, 'buy', client_order_id => 'rules-1'), pg_temp.signal(1, 'buy', client_order_id => 'rules-1'), pg_temp.signal(2, 'buy', code => 'TR522'), pg_temp.signal(3, 'exit', 'time_stop', price => NULL) \g /dev/null
SELECT results_eq($$SELECT signal_no, action::text, reason::text, operands ->> 'ema(close, 20)', client_order_id, code FROM strategy.signals ORDER BY 1$$,
  $$VALUES (1::bigint, 'buy', NULL, '101.5', 'rules-1', NULL), (2, 'buy', NULL, '101.5', NULL, 'TR522'), (3, 'exit', 'time_stop', '101.5', NULL, NULL)$$, 'signals with what they saw and what came of them; one that is known is not doubled');
SELECT pg_temp.refuses(format('SELECT pg_temp.signal(%s)', a), c, a) FROM (VALUES
  ('0, ''buy''', 'TR525'), ('NULL, ''buy''', 'TR525'), ('9, ''hold''', 'TR525'), ('9, NULL', 'TR525'), ('9, ''buy'', ''stop''', 'TR525'), ('9, ''exit'', ''boredom''', 'TR525'), ('9, ''buy'', price => ''NaN''', 'TR525'),
  ('9, ''buy'', price => 0', 'TR525'), ('9, ''buy'', operands => ''[]''', 'TR525'), ('9, ''buy'', operands => NULL', 'TR525'), ('9, ''buy'', code => ''nothing''', 'TR525'), ('9, ''buy'', at => ''infinity''', 'TR525'),
  ('9, ''buy'', symbol => ''MSFT''', 'TR503')) AS w (a, c);
SELECT pg_temp.refuses($$SELECT strategy.record_signals('{1}', '{1}', '{1}', '{1}', '{2024-01-08}', '{buy}', '{NULL}', '{1}', '{}', '{NULL}', '{NULL}')$$, 'TR604', 'arrays of one length');
SELECT pg_temp.refuses($$UPDATE strategy.signals SET price = 1$$, 'TR213', 'signals are never changed');
SELECT pg_temp.refuses($$DELETE FROM strategy.signals$$, 'TR213', 'or deleted');

-- A stop that an agent watches itself is a stop to the protections.
SELECT pg_temp.signal(4, 'exit', 'stop', client_order_id => 'rules-4'), pg_temp.signal(5, 'exit', 'rule', client_order_id => 'rules-5') \g /dev/null
SELECT is((SELECT array_agg(internal.is_stop(a.portfolio_id, a.agent_id, market.instrument_id('IBM'), 'market', k) ORDER BY k) FROM strategy.agents AS a, unnest('{rules-4,rules-5}'::text[]) AS k WHERE a.name = 'rules'), '{t,f}', 'by its signal');

-- Outside programs.
UPDATE ledger.portfolio_clocks SET stream_xid = '1';  -- as if by transactions before
CREATE TEMP TABLE before AS SELECT k.portfolio_id, k.transitions FROM ledger.portfolio_clocks AS k;
SELECT is((SELECT (e.action, e.at, e.confidence, e.price, e.note, e.handled_at IS NULL)::text FROM strategy.record_signal('ai', 'IBM', 'buy', at => '2024-01-08 15:00Z', confidence => 0.9, price => 101, note => 'news', key => 'k-1') AS e),
  '(buy,"2024-01-08 15:00:00+00",0.9,101,news,t)', 'a signal waits for its agent');
SELECT is((strategy.record_signal('ai', 'US:IBM', 'buy', at => '2024-01-08 15:00Z', confidence => 0.1, key => 'k-1')).confidence, 0.9::float8, 'the same key again answers the first');
SELECT is((SELECT count(*) FROM strategy.external_signals), 1::bigint, 'and is not doubled');
SELECT pg_temp.refuses(format('SELECT strategy.record_signal(%s)', a), c, a) FROM (VALUES
  ('''ai'', ''IBM'', ''sell'', at => ''2024-01-08 15:00Z'', key => ''k-1''', 'TR525'), ('''rules'', ''IBM'', ''buy''', 'TR525'), ('''ai'', ''MSFT'', ''buy''', 'TR525'), ('''ai'', ''NONE'', ''buy''', 'TR101'), ('''none'', ''IBM'', ''buy''', 'TR503'),
  ('''both'', ''IBM'', ''buy''', 'TR503'), ('''both'', ''IBM'', ''buy'', ''none''', 'TR211'), ('''ai'', ''IBM'', NULL', 'TR525'), ('''ai'', ''IBM'', ''buy'', confidence => 2', 'TR525'), ('''ai'', ''IBM'', ''buy'', confidence => ''NaN''', 'TR525'),
  ('''ai'', ''IBM'', ''buy'', price => -1', 'TR525'), ('''ai'', ''IBM'', ''buy'', at => ''infinity''', 'TR249'), ('''ai'', ''IBM'', ''buy'', key => ''''', 'TR525')) AS w (a, c);
SELECT is((strategy.record_signal('both', 'IBM', 'exit', 'other', at => '2024-01-08 15:00Z')).portfolio_id, trading.portfolio_id('other'), 'the portfolio says which of two agents is meant');
SELECT ok((SELECT bool_and(k.transitions > b.transitions) FROM ledger.portfolio_clocks AS k JOIN before AS b USING (portfolio_id)), 'a signal moves the clock of its portfolio, by which its runner notices');
SELECT strategy.pause_agent('main', 'ai', '2024-01-08 15:01Z') \g /dev/null
SELECT pg_temp.refuses($$SELECT strategy.record_signal('ai', 'IBM', 'buy')$$, 'TR525', 'a paused agent takes none: nothing waits to surprise anybody');
SELECT strategy.handle_external_signals(ARRAY[e.portfolio_id], ARRAY[e.external_signal_id], '{2024-01-08 15:02Z}', '{6}') FROM strategy.external_signals AS e WHERE e.key = 'k-1' \g /dev/null
SELECT is((SELECT (e.handled_at, e.signal_no)::text FROM strategy.external_signals AS e WHERE e.key = 'k-1'), '("2024-01-08 15:02:00+00",6)', 'handled, with the signal that came of it');
SELECT pg_temp.refuses($$SELECT strategy.handle_external_signals(ARRAY[e.portfolio_id], ARRAY[e.external_signal_id], '{2024-01-08 15:02Z}', '{6}') FROM strategy.external_signals AS e WHERE e.key = 'k-1'$$, 'TR525', 'once');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
