-- Pauses after losses: cooldown, stop-loss guard, low profit; whom they pause, until when, and that a person can end them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
SELECT market.add_instrument(symbol => 'MSFT', sector => 'Tech'), trading.create_portfolio(name => 'other', capital => 100000, at => '2024-01-02'), ledger.deposit('main', 90000, at => '2024-01-02 10:00Z') \g /dev/null
SELECT pg_temp.quote('MSFT', 50), strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM,MSFT}'), strategy.create_agent('b', 'main', 's', '{IBM}') \g /dev/null

-- Buys one at 100 and loses it: by a stop order at that price, or at the market when the stop is NULL.
CREATE SEQUENCE pg_temp.trades;
CREATE FUNCTION pg_temp.trade(at timestamptz, price numeric, stop numeric, symbol text DEFAULT 'IBM', portfolio text DEFAULT 'main', agent text DEFAULT NULL, quantity numeric DEFAULT 1, parts int DEFAULT 1) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_id    text := 'trade-' || nextval('pg_temp.trades');
  v_order trading.orders;
BEGIN
  v_order := trading.submit_order(portfolio, symbol, 'buy', quantity, 'limit', 100, time_in_force => 'gtc', client_order_id => v_id, agent => agent, at => at - interval '2 minutes');
  IF v_order.status = 'rejected' THEN
    RETURN v_order.reason_code;
  END IF;
  PERFORM trading.record_fill(portfolio, quantity, 100, v_id || '-in', client_order_id => v_id, at => at - interval '1 minute');
  PERFORM trading.submit_order(portfolio, symbol, 'sell', quantity, CASE WHEN stop IS NULL THEN 'market' ELSE 'stop' END::trading.order_type, stop_price => stop, time_in_force => 'gtc', client_order_id => v_id || '-out', agent => agent, at => at - interval '1 minute');
  PERFORM trading.record_fill(portfolio, quantity / parts, price, v_id || '-out-' || n, client_order_id => v_id || '-out', at => at) FROM generate_series(1, parts) AS n;
  RETURN 'traded';
END
$$;
CREATE FUNCTION pg_temp.pauses(at timestamptz) RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', pg_temp.verdict('buy', 1, 10, at => at), pg_temp.verdict('buy', 1, 10, agent => 'a', at => at), pg_temp.verdict('buy', 1, 10, agent => 'b', at => at), pg_temp.verdict('buy', 1, 10, 'MSFT', at => at),
                   pg_temp.verdict('buy', 1, 10, 'MSFT', agent => 'a', at => at), pg_temp.verdict('buy', 1, 10, portfolio => 'other', at => at))
$$;

-- Cooldown.
SELECT is((SELECT (p.kind, p.per, p.scope, p.pause)::text FROM risk.set_protection('cooldown', '1 hour', at => '2024-01-08') AS p), '(cooldown,instrument,system,01:00:00)', 'a cooldown of each instrument');
SELECT pg_temp.trade('2024-01-08 15:00Z', 110, 90), pg_temp.trade('2024-01-08 15:00Z', 95, NULL) \g /dev/null
SELECT is((SELECT count(*) FROM risk.locks), 0::bigint, 'neither a stop with a profit nor a loss at will');
SELECT pg_temp.trade('2024-01-08 15:00Z', 90, 90, quantity => 2, parts => 2) \g /dev/null
SELECT is((SELECT array_agg((l.instrument_id = market.instrument_id('IBM'), l.agent_id, l.code, l.expires_at)::text) FROM risk.locks AS l), '{"(t,,TR325,\"2024-01-08 16:00:00+00\")"}', 'a stop with a loss, once for an order in parts');
SELECT results_eq('SELECT what, scope, name, until FROM risk.in_force', $$VALUES ('locked (TR325)', 'instrument', 'main US:IBM', '2024-01-08 16:00Z'::timestamptz)$$, 'risk.in_force shows it');
SELECT is(pg_temp.pauses('2024-01-08 15:59Z'), 'TR325 TR325 TR325 accepted accepted accepted', 'pauses the instrument in that portfolio');
SELECT is(pg_temp.pauses('2024-01-08 16:00Z'), 'accepted accepted accepted accepted accepted accepted', 'until it expires');
SELECT pg_temp.trade('2024-01-08 17:00Z', 90, 90) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-08 17:30Z'), 'TR325', 'a pause');
SELECT is((SELECT (r.code, r.released_at)::text FROM risk.release('main', (SELECT max(l.lock_id) FROM risk.locks AS l), '2024-01-08 17:31Z') AS r), '(TR325,"2024-01-08 17:31:00+00")', 'a person ends it');
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-08 17:32Z'), 'accepted', 'before its time');
SELECT pg_temp.hold('held', 3, 100, at => '2024-01-08 18:00Z'), pg_temp.trade('2024-01-08 18:30Z', 90, 90) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 10, at => '2024-01-08 18:31Z'), pg_temp.verdict('sell', 3, 90, at => '2024-01-08 18:31Z')), 'TR325 accepted', 'what reduces is not paused');
SELECT results_eq($$SELECT rule, verdict, code FROM risk.explain('main', 'IBM', 'buy', 1, at => '2024-01-08 18:31Z') WHERE rule = 'lock'$$, $$VALUES ('lock', 'rejects', 'TR325')$$, 'risk.explain tells of it');
SELECT is((SELECT count(*) FROM risk.breaches AS b WHERE b.code = 'TR325'), 0::bigint, 'orders that were undone left nothing');
SELECT pg_temp.submit('paused', 'buy', 1, 10, at => '2024-01-08 18:32Z') \g /dev/null
SELECT is((SELECT (b.code, b.action)::text FROM risk.breaches AS b JOIN pg_temp.order_row('paused') USING (portfolio_id, order_id)), '(TR325,reject)', 'one that was refused has its breach');
SELECT trading.close_position('main', 'IBM', 'flat', at => '2024-01-08 18:33Z'), pg_temp.fill('flat', 3, 100, 'flat', at => '2024-01-08 18:34Z') \g /dev/null

-- Of a user: whose portfolio it is, whoever sends the orders.
UPDATE trading.portfolios SET owner = 'ann' WHERE name = 'other';
SELECT risk.set_protection('cooldown', NULL), risk.set_protection('cooldown', '1 hour', 'user', 'ann', at => '2024-01-08') \g /dev/null
SELECT pg_temp.trade('2024-01-08 20:00Z', 90, 90), pg_temp.trade('2024-01-08 20:00Z', 90, 90, portfolio => 'other') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-08 20:01Z'), 'accepted accepted accepted accepted accepted TR325', 'the portfolio of the user alone');
SELECT risk.set_protection('cooldown', NULL, 'user', 'ann') \g /dev/null

-- Per agent: by its stop orders, and by market orders that follow its own signal to stop.
SELECT risk.set_protection('cooldown', '1 hour', 'strategy', 's', 'agent', at => '2024-01-08') \g /dev/null
SELECT pg_temp.trade('2024-01-09 15:00Z', 90, 90, agent => 'b') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-09 15:01Z'), 'accepted accepted TR325 accepted accepted accepted', 'the agent alone');
SELECT pg_temp.trade('2024-01-09 15:02Z', 95, NULL, agent => 'a') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-09 15:03Z'), 'accepted accepted TR325 accepted accepted accepted', 'an exit of the other one is no stop');
SELECT strategy.record_signals(ARRAY[p.portfolio_id], ARRAY[a.agent_id], ARRAY[market.instrument_id('IBM')], '{1}', '{2024-01-09 15:04Z}', '{exit}', '{stop}', '{90}', '{"{}"}', ARRAY['trade-' || 1 + (SELECT last_value FROM pg_temp.trades) || '-out'], '{NULL}')
  FROM trading.portfolios AS p JOIN strategy.agents AS a USING (portfolio_id) WHERE p.name = 'main' AND a.name = 'a' \g /dev/null
SELECT pg_temp.trade('2024-01-09 15:05Z', 95, NULL, agent => 'a') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-09 15:06Z'), 'accepted TR325 TR325 accepted TR325 accepted', 'unless it said so');

-- Stop-loss guard: so many trades within the period, per portfolio here.
SELECT risk.set_protection('cooldown', NULL, 'strategy', 's', 'agent'), risk.set_protection('stop_loss_guard', '2 hours', per => 'portfolio', period => '1 hour', trades => 3, at => '2024-01-08') \g /dev/null
SELECT pg_temp.trade('2024-01-10 15:00Z', 90, 90), pg_temp.trade('2024-01-10 15:30Z', 90, 90, 'MSFT'), pg_temp.trade('2024-01-10 15:31Z', 90, 90, portfolio => 'other') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-10 15:32Z'), 'accepted accepted accepted accepted accepted accepted', 'two of three');
SELECT pg_temp.trade('2024-01-10 16:00Z', 90, 90) \g /dev/null
SELECT is(pg_temp.pauses('2024-01-10 16:01Z'), 'accepted accepted accepted accepted accepted accepted', 'the first is an hour old when the third comes');
SELECT pg_temp.trade('2024-01-10 16:29Z', 90, 90) \g /dev/null
SELECT is(concat_ws('; ', pg_temp.pauses('2024-01-10 18:28Z'), pg_temp.pauses('2024-01-10 18:29Z')), 'TR326 TR326 TR326 TR326 TR326 accepted; accepted accepted accepted accepted accepted accepted', 'three within the hour pause the portfolio');
SELECT risk.release('main', (SELECT l.lock_id FROM risk.locks AS l WHERE l.code = 'TR326'), '2024-01-10 16:30Z'), pg_temp.trade('2024-01-10 16:40Z', 90, 90) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-10 16:41Z'), 'accepted', 'after a release it takes three more');
SELECT risk.set_protection('stop_loss_guard', NULL, per => 'portfolio') \g /dev/null

-- What the exchange took back is no trade.
SELECT risk.set_protection('stop_loss_guard', '2 hours', 'portfolio', 'main', period => '1 hour', trades => 2, at => '2024-01-08') \g /dev/null
SELECT pg_temp.trade('2024-01-11 15:00Z', 90, 90) \g /dev/null
SELECT trading.bust_fill('main', execution_id => 'trade-' || (SELECT last_value FROM pg_temp.trades) || '-out-1', at => '2024-01-11 15:01Z') \g /dev/null
SELECT trading.close_position('main', 'IBM', 'busted', at => '2024-01-11 15:02Z'), pg_temp.fill('busted', 1, 100, 'busted', at => '2024-01-11 15:03Z'), pg_temp.trade('2024-01-11 15:30Z', 90, 90) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-11 15:31Z'), 'accepted', 'a busted stop-out does not count');
SELECT pg_temp.trade('2024-01-11 15:50Z', 90, 90) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 10, at => '2024-01-11 15:51Z'), 'TR326', 'two others do');
SELECT risk.set_protection('stop_loss_guard', NULL, 'portfolio', 'main') \g /dev/null

-- Low profit: of one instrument here.
SELECT risk.set_protection('low_profit', '1 day', 'portfolio', 'main', period => '1 day', trades => 2, least_profit => 5, at => '2024-01-08') \g /dev/null
SELECT pg_temp.trade('2024-01-16 15:00Z', 102, NULL), pg_temp.trade('2024-01-16 15:05Z', 90, NULL, 'MSFT') \g /dev/null
SELECT is(pg_temp.pauses('2024-01-16 15:06Z'), 'accepted accepted accepted accepted accepted accepted', 'one trade is too few to tell');
SELECT pg_temp.trade('2024-01-16 16:00Z', 102.99, NULL) \g /dev/null
SELECT is(pg_temp.pauses('2024-01-16 16:01Z'), 'TR327 TR327 TR327 accepted accepted accepted', 'two that made 4.99');
SELECT is(pg_temp.trade('2024-01-17 17:03Z', 108, NULL), 'traded', 'a day later it may trade again');
SELECT is((SELECT count(*) FROM risk.locks AS l WHERE l.code = 'TR327' AND l.released_at IS NULL AND l.expires_at > '2024-01-17 17:04Z'), 0::bigint, 'and one trade alone is too few again');

SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT risk.set_protection(NULL, '1 hour')$$, 'TR305'), ($$SELECT risk.set_protection('cooldown', '-1 hour')$$, 'TR305'), ($$SELECT risk.set_protection('cooldown', '1 hour', period => '1 day')$$, 'TR305'),
  ($$SELECT risk.set_protection('stop_loss_guard', '1 hour')$$, 'TR305'), ($$SELECT risk.set_protection('low_profit', '1 hour', period => '1 day')$$, 'TR305'), ($$SELECT risk.set_protection('cooldown', '1 hour', 'sector', 'none')$$, 'TR306'),
  ($$SELECT risk.set_protection('stop_loss_guard', '1 hour', period => '1 day', trades => 0)$$, 'TR305'), ($$SELECT risk.release('none', 1)$$, 'TR211')) AS w (s, c);
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
