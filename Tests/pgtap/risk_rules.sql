-- Halts and limits: what they refuse, with code and figures, in each scope; and that nothing keeps anybody in a position.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
SELECT trading.create_portfolio(name => 'other', capital => 100000, at => '2024-01-02'), market.add_instrument(symbol => 'MSFT'), strategy.create_strategy('s', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM}'), strategy.create_agent('b', 'main', 's', '{IBM}') \g /dev/null
SELECT ledger.deposit('main', 90000, at => '2024-01-03') \g /dev/null
SELECT pg_temp.submit('hold', 'buy', 10, 100), pg_temp.fill('hold', 10, 100, 'hold') \g /dev/null

CREATE FUNCTION pg_temp.verdicts() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', pg_temp.verdict('buy', 1, 10), pg_temp.verdict('buy', 1, 10, agent => 'a'), pg_temp.verdict('buy', 1, 10, agent => 'b'), pg_temp.verdict('buy', 1, 10, 'MSFT'), pg_temp.verdict('buy', 1, 10, portfolio => 'other'))
$$;

-- Halts, by scope: IBM of main, of agent a, of agent b; MSFT of main; IBM of other.
SELECT is(pg_temp.verdicts(), 'accepted accepted accepted accepted accepted', 'without a halt all pass');
SELECT risk.halt(reason => 'drill', at => '2024-01-08 14:00Z') \g /dev/null
SELECT is(pg_temp.verdicts(), 'TR301 TR301 TR301 TR301 TR301', 'a halt of the system');
SELECT is(concat_ws(' ', pg_temp.verdict('sell', 10, 100), pg_temp.verdict('sell', 4, NULL), pg_temp.verdict('sell', 11, 100)), 'accepted accepted TR301', 'sells of what is held pass');
SELECT is((risk.halt(reason => 'again')).reason, 'drill', 'a second halt answers the first');
SELECT is((SELECT (r.resumed_at, r.resumed_by IS NOT NULL)::text FROM risk.resume(at => '2024-01-08 16:00Z') AS r), '("2024-01-08 16:00:00+00",t)', 'resuming');
SELECT pg_temp.refuses('SELECT risk.resume()', 'TR307', 'nothing to resume');
SELECT is(pg_temp.verdicts(), 'accepted accepted accepted accepted accepted', 'all pass again');
SELECT risk.halt('portfolio', 'main') \g /dev/null
SELECT is(pg_temp.verdicts(), 'TR301 TR301 TR301 TR301 accepted', 'a halt of a portfolio');
SELECT risk.resume('portfolio', 'main'), risk.halt('agent', 'main/a') \g /dev/null
SELECT is(pg_temp.verdicts(), 'accepted TR301 accepted accepted accepted', 'a halt of an agent');
SELECT risk.resume('agent', 'a'), risk.halt('instrument', 'IBM') \g /dev/null
SELECT is(pg_temp.verdicts(), 'TR301 TR301 TR301 accepted TR301', 'a halt of an instrument');
SELECT risk.resume('instrument', 'US:IBM') \g /dev/null
SELECT is((SELECT array_agg(e.kind || CASE WHEN e.portfolio_id = trading.portfolio_id('main') THEN ' of main' ELSE '' END ORDER BY e.event_id) FROM ops.events AS e WHERE e.kind LIKE 'risk.%'),
  '{risk.halted,risk.resumed,risk.halted of main,risk.resumed of main,risk.halted of main,risk.resumed of main,risk.halted,risk.resumed}', 'all of it is in the journal, under the portfolio that it concerns');

-- A rejected order is kept with its breach.
SELECT risk.halt(reason => 'drill', at => '2024-01-08 14:00Z') \g /dev/null
SELECT is((SELECT (o.status, o.reason_code)::text FROM pg_temp.submit('halted', 'buy', 1, 10) AS o), '(rejected,TR301)', 'rejected while halted');
SELECT is((SELECT (b.code, b.limit_id, b.figure)::text FROM risk.breaches AS b), '(TR301,,)', 'a breach without figures');
SELECT matches((pg_temp.order_row('halted')).reason, 'system.*2024-01-08 14:00:00.*drill', 'the reason says who, since when and why');
SELECT risk.resume() \g /dev/null

-- Limits: the bound itself passes, a step more does not; 10 IBM are held.
SELECT pg_temp.limited('order_value', 1000) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 10, 100), pg_temp.verdict('buy', 10, 100.01), pg_temp.verdict('buy', 10, NULL), pg_temp.verdict('buy', 11, NULL), pg_temp.verdict('sell', 10, 500)),
          'accepted TR302 accepted TR302 accepted', 'order value: at the limit price, or at the last price for market orders; never for what reduces');
SELECT pg_temp.limited('order_value', 2000) \g /dev/null
SELECT is((SELECT count(*) FROM risk.limits), 1::bigint, 'setting it again changes it');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 20, 100), pg_temp.verdict('buy', 21, 100)), 'accepted TR302', 'to the new bound');
SELECT pg_temp.limited('order_value', NULL) \g /dev/null
SELECT is(pg_temp.verdict('buy', 100, 100), 'accepted', 'NULL takes it away');
SELECT pg_temp.limited('position_quantity', 25) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 15, 1), pg_temp.verdict('buy', 16, 1)), 'accepted TR303', 'position quantity: what is held and the order');
SELECT pg_temp.submit('resting', 'buy', 5, 1) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 10, 1), pg_temp.verdict('buy', 11, 1), pg_temp.verdict('buy', 25, 1, 'MSFT'), pg_temp.verdict('buy', 26, 1, 'MSFT')), 'accepted TR303 accepted TR303', 'and what rests');
SELECT pg_temp.limited('position_quantity', NULL), pg_temp.limited('position_value', 3000) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 15, 100), pg_temp.verdict('buy', 16, 100), pg_temp.verdict('buy', 100, 1), pg_temp.verdict('buy', 15, NULL), pg_temp.verdict('buy', 16, NULL)),
          'accepted TR304 accepted accepted TR304', 'position value: at the order''s price');
SELECT pg_temp.limited('position_value', NULL) \g /dev/null

-- Scopes of limits, and the figures of a breach; every limit counts.
SELECT pg_temp.limited('order_value', 500, 'portfolio', 'main'), pg_temp.limited('order_value', 300, 'agent', 'a'), pg_temp.limited('order_value', 400, 'instrument', 'MSFT') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 5, 100), pg_temp.verdict('buy', 6, 100), pg_temp.verdict('buy', 3, 100, agent => 'a'), pg_temp.verdict('buy', 4, 100, agent => 'a'), pg_temp.verdict('buy', 4, 100, agent => 'b'),
                    pg_temp.verdict('buy', 4, 100, 'MSFT'), pg_temp.verdict('buy', 5, 100, 'MSFT'), pg_temp.verdict('buy', 60, 100, portfolio => 'other'), pg_temp.verdict('buy', 5, 100, 'MSFT', 'other')),
          'accepted TR302 accepted TR302 accepted accepted TR302 accepted TR302', 'limits of a portfolio, an agent, an instrument');
SELECT pg_temp.submit('breach', 'buy', 6, 100.5) \g /dev/null
SELECT is((SELECT (b.code, b.figure, b.bound, l.scope, b.at)::text FROM risk.breaches AS b JOIN pg_temp.order_row('breach') AS o USING (portfolio_id, order_id) JOIN risk.limits AS l USING (limit_id)),
          '(TR302,603.00000000,500.00000000,portfolio,"2024-01-08 15:00:00+00")', 'the breach has its figures');
SELECT pg_temp.limited('order_value', 0) \g /dev/null
SELECT is(pg_temp.verdicts(), 'TR302 TR302 TR302 TR302 TR302', 'a limit of nothing lets nothing pass');

-- What makes no sense.
SELECT pg_temp.refuses(s, c, s) FROM (VALUES
  ($$SELECT risk.halt('portfolio', 'none')$$, 'TR306'), ($$SELECT risk.halt('portfolio')$$, 'TR306'), ($$SELECT risk.halt('agent', 'none')$$, 'TR306'), ($$SELECT risk.halt('system', 'main')$$, 'TR306'),
  ($$SELECT risk.halt('instrument', 'NONE')$$, 'TR101'), ($$SELECT risk.halt(NULL)$$, 'TR306'), ($$SELECT risk.resume('portfolio', 'main')$$, 'TR307'), ($$SELECT risk.halt(reason => NULL)$$, 'TR305'),
  ($$SELECT risk.set_limit('order_value', -1)$$, 'TR305'), ($$SELECT risk.set_limit('order_value', 'NaN')$$, 'TR305'), ($$SELECT risk.set_limit('order_value', 'Infinity')$$, 'TR305'), ($$SELECT risk.set_limit(NULL, 1)$$, 'TR305'),
  ($$SELECT risk.set_limit('order_value', 1, 'agent', 'none')$$, 'TR306')) AS w (s, c);
SELECT strategy.create_agent('a', 'other', 's', '{IBM}') \g /dev/null
SELECT pg_temp.refuses($$SELECT risk.halt('agent', 'a')$$, 'TR306', 'an agent''s name in two portfolios');
SELECT lives_ok($$SELECT risk.halt('agent', 'other/a')$$, 'portfolio/name is clear');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
