-- Trading states and what breaches do: warn, reject, reduce_only, halt; all rules that an order breaks; risk.explain.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
SELECT market.add_instrument(symbol => 'MSFT', sector => 'Tech'), trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02') \g /dev/null
SELECT pg_temp.quote('MSFT', 50), strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM}'), strategy.create_agent('b', 'main', 's', '{IBM}') \g /dev/null
SELECT pg_temp.hold('ibm', 10, 100) \g /dev/null

-- States, by scope.
CREATE FUNCTION pg_temp.verdicts(at timestamptz DEFAULT '2024-01-08 15:00Z') RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', pg_temp.verdict('buy', 1, 10, at => at), pg_temp.verdict('buy', 1, 10, agent => 'a', at => at), pg_temp.verdict('buy', 1, 10, 'MSFT', at => at), pg_temp.verdict('buy', 1, 10, portfolio => 'other', at => at),
                   pg_temp.verdict('sell', 10, 100, at => at), pg_temp.verdict('sell', 11, 100, at => at))
$$;
SELECT is((risk.set_state('reducing', at => '2024-01-08 14:00Z')).state, 'reducing', 'reducing');
SELECT is(pg_temp.verdicts(), 'TR308 TR308 TR308 TR308 accepted TR308', 'nothing opens, what reduces passes');
SELECT is((risk.halt(reason => 'worse', at => '2024-01-08 14:01Z')).state, 'halted', 'a halt is stricter');
SELECT is(pg_temp.verdicts(), 'TR301 TR301 TR301 TR301 accepted TR301', 'and says so');
SELECT is((SELECT (count(*), count(*) FILTER (WHERE h.resumed_at IS NULL))::text FROM risk.halts AS h), '(2,1)', 'one state is in force for a scope, the other is history');
SELECT is((risk.set_state('reducing', at => '2024-01-08 14:02Z')).state, 'reducing', 'a person may ask for less');
SELECT is(risk.set_state('active', at => '2024-01-08 14:03Z') IS NULL, false, 'active ends it');
SELECT is(risk.set_state('active', at => '2024-01-08 14:03Z') IS NULL, true, 'and is no error when nothing is in force');
SELECT is(pg_temp.verdicts(), 'accepted accepted accepted accepted accepted TR402', 'all pass again');
SELECT risk.halt('sector', 'Tech'), risk.halt('strategy', 's'), risk.set_state('reducing', 'portfolio', 'other') \g /dev/null
SELECT is(pg_temp.verdicts(), 'accepted TR301 TR301 TR308 accepted TR402', 'a sector, a strategy, a portfolio');
SELECT results_eq('SELECT what, scope, name FROM risk.in_force ORDER BY 2', $$VALUES ('reducing', 'portfolio', 'other'), ('halted', 'sector', 'Tech'), ('halted', 'strategy', 's')$$, 'risk.in_force names them');
SELECT risk.resume('sector', 'Tech'), risk.resume('strategy', 's'), risk.resume('portfolio', 'other'), risk.halt('user', session_user::text) \g /dev/null
SELECT is(pg_temp.verdicts(), 'TR301 TR301 TR301 TR301 accepted TR301', 'a user');
SELECT risk.resume('user', session_user::text) \g /dev/null
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT risk.set_state(NULL)$$, 'TR305'), ($$SELECT risk.set_state('halted', 'sector', 'none')$$, 'TR306'), ($$SELECT risk.halt('user', 'none')$$, 'TR306'), ($$SELECT risk.halt('strategy', 'none')$$, 'TR306'), ($$SELECT risk.halt('sector')$$, 'TR306'),
  ($$SELECT risk.set_limit('order_rate', 1)$$, 'TR305'), ($$SELECT risk.set_limit('order_value', 1, period => '1 day')$$, 'TR305'), ($$SELECT risk.set_limit('order_rate', 10001, period => '1 day')$$, 'TR305'), ($$SELECT risk.set_limit('open_orders', 10001)$$, 'TR305'),
  ($$SELECT risk.set_limit('order_rate', 1, period => '-1 day')$$, 'TR305'), ($$SELECT risk.set_limit('order_value', 1, action => NULL)$$, 'TR305'), ($$SELECT risk.set_limit('order_value', 1, symbol => 'NONE')$$, 'TR101')) AS w (s, c);

-- A warning is recorded and lets pass; every broken rule has its row, and the first that refuses gives its code.
SELECT risk.set_limit('order_value', 500, action => 'warn'), risk.set_limit('order_value', 900), risk.set_limit('order_value', 800, 'portfolio', 'main'), risk.set_limit('position_quantity', 15, 'instrument', 'IBM') \g /dev/null
SELECT is((pg_temp.submit('warned', 'buy', 5, 110)).status, 'accepted', 'a warning lets pass');
SELECT is((SELECT array_agg((b.number, b.code, b.action, b.figure, b.bound, b.scope, b.metric)::text) FROM risk.breaches AS b JOIN pg_temp.order_row('warned') USING (portfolio_id, order_id)),
          '{"(1,TR302,warn,550.00000000,500.00000000,system,order_value)"}', 'and is kept');
SELECT is((pg_temp.submit('broken', 'buy', 10, 100)).reason_code, 'TR302', 'rejected');
SELECT is((SELECT array_agg(concat_ws(' ', b.code, b.action, b.bound::int) ORDER BY b.number) FROM risk.breaches AS b JOIN pg_temp.order_row('broken') USING (portfolio_id, order_id)),
          '{TR302 warn 500,TR302 reject 800,TR302 reject 900,TR303 reject 15}', 'by all of these');
SELECT matches((pg_temp.order_row('broken')).reason, '1000.*portfolio.*800', 'the reason has the figures');
DELETE FROM risk.limits;

-- reduce_only and halt strike the portfolio, or the agent when the limit is an agent's or a strategy's; nobody else.
SELECT risk.set_limit('order_value', 500, action => 'reduce_only') \g /dev/null
SELECT is((pg_temp.submit('strike', 'buy', 6, 100, portfolio => 'other')).reason_code, 'TR302', 'the breach itself');
SELECT is(pg_temp.verdicts(), 'accepted accepted accepted TR308 accepted TR302', 'then its portfolio only reduces');
SELECT is((SELECT (h.scope, h.scope_id = trading.portfolio_id('other'), h.metric, h.expires_at)::text FROM risk.halts AS h WHERE h.resumed_at IS NULL), '(portfolio,t,order_value,)', 'until a person ends it');
SELECT risk.resume('portfolio', 'other'), risk.set_limit('order_value', NULL, action => 'reduce_only'), risk.set_limit('order_value', 500, 'strategy', 's', action => 'halt') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'buy', 6, 'limit', 100, time_in_force => 'gtc', agent => 'a', at => '2024-01-08 15:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 10), pg_temp.verdict('buy', 1, 10, agent => 'a'), pg_temp.verdict('buy', 1, 10, agent => 'b')), 'accepted TR301 accepted', 'a halt of the agent that broke the rule of its strategy');
SELECT is((SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.kind IN ('risk.reducing', 'risk.halted') AND e.payload ? 'metric' ), '{risk.reducing,risk.halted}', 'both are in the journal');
SELECT risk.resume('agent', 'main/a'), risk.set_limit('order_value', NULL, 'strategy', 's', action => 'halt') \g /dev/null
-- A loss of the day holds until the day ends; losing more meanwhile changes nothing, and a halt by hand is not shortened.
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('main')], '2024-01-08 21:00Z'), pg_temp.quote('IBM', 90, '2024-01-09 15:00Z'), risk.set_limit('daily_loss', 50, action => 'reduce_only') \g /dev/null
SELECT is((pg_temp.submit('lost', 'buy', 1, 10, at => '2024-01-09 15:01Z')).reason_code, 'TR320', 'the loss of the day');
SELECT pg_temp.submit('more', 'buy', 1, 10, at => '2024-01-09 15:02Z'), risk.set_limit('daily_loss', NULL, action => 'reduce_only') \g /dev/null
SELECT is((SELECT array_agg(h.expires_at) FROM risk.halts AS h WHERE h.metric = 'daily_loss'), '{2024-01-10 05:00Z}', 'until local midnight');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 10, at => '2024-01-10 04:59Z'), pg_temp.verdict('buy', 1, 10, at => '2024-01-10 05:00Z')), 'TR308 accepted', 'in event time');
SELECT is((SELECT h.state || coalesce(h.expires_at::text, ' for good') FROM risk.set_state('reducing', 'portfolio', 'main', at => '2024-01-09 16:00Z') AS h), 'reducing for good', 'a person may make it last');
SELECT risk.resume('portfolio', 'main', at => '2024-01-09 17:00Z') \g /dev/null

-- risk.explain: for orders that were not submitted it changes nothing; every rule has its figure.
SELECT risk.set_limit('order_value', 1000), risk.set_limit('position_quantity', 20, action => 'warn'), risk.set_limit('sector_value', 1, 'portfolio', 'main'), risk.set_limit('drawdown', 1) \g /dev/null
SELECT results_eq($$SELECT rule, figure, bound, action::text, verdict, code FROM risk.explain('main', 'IBM', 'buy', 12, 'limit', 100, at => '2024-01-08 15:30Z')$$,
  $$VALUES ('state', NULL::numeric, NULL::numeric, NULL, 'passes', NULL), ('order_value', 1200, 1000, 'reject', 'rejects', 'TR302'), ('position_quantity', 27, 20, 'warn', 'warns', 'TR303'),
           ('sector_value', NULL, 1, 'reject', 'passes: does not concern it', NULL), ('drawdown', 1, 1, 'reject', 'passes', NULL)$$, 'every rule with figure, bound and verdict: 10 are held, 5 rest');
SELECT results_eq($$SELECT rule, verdict FROM risk.explain('main', 'IBM', 'sell', 10, at => '2024-01-08 15:30Z') WHERE rule = 'order_value'$$, $$VALUES ('order_value', 'passes: only reduces')$$, 'what reduces');
SELECT is((SELECT v.limit_peak FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('main')), 1::numeric, 'nothing is written');
SELECT risk.halt(reason => 'drill', at => '2024-01-08 14:00Z') \g /dev/null
SELECT results_eq($$SELECT rule, scope::text, verdict, code FROM risk.explain('main', 'MSFT', 'buy', 1, at => '2024-01-08 15:30Z') WHERE rule = 'state'$$, $$VALUES ('state', 'system', 'rejects', 'TR301')$$, 'a halt');
SELECT risk.resume() \g /dev/null
SELECT results_eq($$SELECT rule, figure, verdict, code FROM risk.explain('main', client_order_id => 'broken') WHERE rule IN ('order_value', 'position_quantity')$$,
  $$VALUES ('order_value', 1000::numeric, 'at submission: warned', 'TR302'), ('order_value', 1000, 'at submission: rejected', 'TR302'), ('order_value', 1000, 'at submission: rejected', 'TR302'), ('position_quantity', 25, 'at submission: rejected', 'TR303'),
           ('order_value', 1000, 'passes', NULL), ('position_quantity', 25, 'warns', 'TR303')$$, 'a rejected order: what was recorded, and what the rules say now');
SELECT results_eq($$SELECT e.rule, e.figure FROM pg_temp.order_row('warned') AS o, risk.explain(o) AS e WHERE e.rule = 'position_quantity'$$, $$VALUES ('position_quantity', 15::numeric)$$, 'an open order counts once');
SELECT pg_temp.refuses(s, c, s) FROM (VALUES ($$SELECT risk.explain('main', 999)$$, 'TR205'), ($$SELECT risk.explain('none', 'IBM', 'buy', 1)$$, 'TR211'), ($$SELECT risk.explain('main', 'NONE', 'buy', 1)$$, 'TR101'),
  ($$SELECT risk.explain('main', 'IBM', 'buy', -1)$$, 'TR212'), ($$SELECT risk.explain('main', 'IBM', 'buy', 1, agent => 'none')$$, 'TR503')) AS w (s, c);
DELETE FROM risk.limits;

-- An order that waits for a second person is judged when it is approved.
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'other';
CREATE ROLE risk_test_submitter IN ROLE bourse_trader;
SELECT identity.share_portfolio('other', 'risk_test_submitter', 'trade'), session_user AS me \gset
SET SESSION AUTHORIZATION risk_test_submitter;
SELECT trading.submit_order(:'me' || '/other', 'IBM', 'buy', 1, 'limit', 10, time_in_force => 'gtc', client_order_id => 'waits', at => '2024-01-08 15:00Z') \g /dev/null
RESET SESSION AUTHORIZATION;
SELECT risk.halt('portfolio', 'other', at => '2024-01-08 16:00Z') \g /dev/null
SELECT is((SELECT (o.status, o.reason_code)::text FROM trading.approve_order('other', client_order_id => 'waits', at => '2024-01-08 16:01Z') AS o), '(rejected,TR301)', 'a halt in between refuses it');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
