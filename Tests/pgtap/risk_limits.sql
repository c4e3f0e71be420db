-- Each metric of a limit: its bound passes, a step more does not, what only reduces passes, and other orders are not concerned.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/verdicts.sql
SELECT market.add_instrument(symbol => 'MSFT', sector => 'Tech'), market.add_instrument(symbol => 'AAPL', sector => 'Tech'), market.add_instrument(symbol => 'XOM', sector => 'Energy'), market.add_instrument(symbol => 'NEW') \g /dev/null
SELECT pg_temp.quote('MSFT', 50), pg_temp.quote('AAPL', 20), pg_temp.quote('XOM', 10) \g /dev/null
SELECT trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02'), trading.create_portfolio(name => 'short', capital => 10000, at => '2024-01-02') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'short';
SELECT strategy.create_strategy('s', 'trend', '1 day', '{}'), strategy.create_strategy('t', 'trend', '1 day', '{}') \g /dev/null
SELECT strategy.create_agent('a', 'main', 's', '{IBM}'), strategy.create_agent('b', 'main', 's', '{IBM}'), strategy.create_agent('c', 'main', 't', '{IBM}') \g /dev/null
SELECT pg_temp.hold('ibm', 10, 100) \g /dev/null

-- Scopes that risk_rules.sql does not try: a user, a strategy, a sector, and one instrument within a scope.
SELECT pg_temp.limited('order_value', 500, 'strategy', 's'), pg_temp.limited('order_value', 400, 'sector', 'Tech') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 6, 100), pg_temp.verdict('buy', 5, 100, agent => 'a'), pg_temp.verdict('buy', 6, 100, agent => 'b'), pg_temp.verdict('buy', 6, 100, agent => 'c')),
          'accepted accepted TR302 accepted', 'a limit of a strategy concerns all of its agents');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 8, 50, 'MSFT'), pg_temp.verdict('buy', 9, 50, 'MSFT'), pg_temp.verdict('buy', 9, 50, 'AAPL', 'other'), pg_temp.verdict('buy', 9, 50, 'XOM')),
          'accepted TR302 TR302 accepted', 'a limit of a sector');
SELECT pg_temp.limited('order_value', NULL, 'strategy', 's'), pg_temp.limited('order_value', NULL, 'sector', 'Tech') \g /dev/null
CREATE ROLE risk_test_user IN ROLE bourse_trader;
SELECT risk.set_limit('order_value', 300, 'user', session_user::text), risk.set_limit('order_value', 1, 'user', 'risk_test_user') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 3, 100), pg_temp.verdict('buy', 4, 100)), 'accepted TR302', 'a limit of the user who submits');
SELECT risk.set_limit('order_value', NULL, 'user', session_user::text) \g /dev/null
SELECT is(pg_temp.verdict('buy', 4, 100), 'accepted', 'and not of another one');
SELECT risk.set_limit('order_value', 300, 'portfolio', 'main', symbol => 'MSFT') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 6, 50, 'MSFT'), pg_temp.verdict('buy', 7, 50, 'MSFT'), pg_temp.verdict('buy', 7, 50, 'MSFT', 'other'), pg_temp.verdict('buy', 7, 50)),
          'accepted TR302 accepted accepted', 'a limit of a portfolio for one instrument');
SELECT risk.set_limit('order_value', NULL, 'portfolio', 'main', symbol => 'MSFT') \g /dev/null

-- Restricted list, market hours, quotes, price collar.
SELECT pg_temp.limited('restricted', 0, 'instrument', 'IBM') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100), pg_temp.verdict('buy', 1, 50, 'MSFT'), pg_temp.verdict('sell', 10, 100), pg_temp.verdict('sell', 10, NULL)), 'TR323 accepted accepted accepted', 'restricted: only sales of what is held');
SELECT pg_temp.limited('restricted', NULL, 'instrument', 'IBM'), pg_temp.limited('market_hours', 0) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:30Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:29:59Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-08 21:00Z'),
                    pg_temp.verdict('buy', 1, 100, at => '2024-01-13 15:00Z'), pg_temp.verdict('buy', 1, NULL, tif => 'at_open', at => '2024-01-08 14:00Z'), pg_temp.verdict('sell', 1, NULL, at => '2024-01-08 14:00Z')),
          'accepted TR324 TR324 TR324 accepted accepted', 'market hours: from the open until before the close, not at the weekend; at_open may wait');
SELECT pg_temp.limited('market_hours', 30) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:00Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-08 13:59Z')), 'accepted TR324', 'the bound is minutes before the open');
SELECT pg_temp.limited('market_hours', NULL), pg_temp.limited('quote_age', 60) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:31Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:31:01Z'), pg_temp.verdict('buy', 1, 100, at => '2024-01-08 14:00Z'),
                    pg_temp.verdict('buy', 1, 10, 'NEW'), pg_temp.verdict('sell', 1, NULL, at => '2024-01-09 14:00Z')),
          'accepted TR311 accepted TR311 accepted', 'quote age: seconds, and none at all is too old');
SELECT pg_temp.limited('quote_age', NULL), pg_temp.limited('price_collar', 5) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 105), pg_temp.verdict('buy', 1, 105.01), pg_temp.verdict('buy', 1, 1), pg_temp.verdict('buy', 1, NULL), pg_temp.verdict('buy', 1, 10, 'NEW')),
          'accepted TR310 accepted accepted TR310', 'price collar: how far a bid reaches above the last price; none is known of NEW');
SELECT is(concat_ws(' ', pg_temp.verdict('sell', 1, 95), pg_temp.verdict('sell', 1, 94.99), pg_temp.verdict('sell', 1, 300), pg_temp.verdict('sell', 10, NULL)),
          'accepted TR310 accepted accepted', 'it keeps sales from giving the position away too; a market order is open to who wants out');
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 126, type => 'stop_limit', stop => 120), pg_temp.verdict('buy', 1, 126.01, type => 'stop_limit', stop => 120), pg_temp.verdict('sell', 1, NULL, type => 'stop', stop => 50)),
          'accepted TR310 accepted', 'behind a stop it counts from the stop');
SELECT pg_temp.limited('price_collar', NULL) \g /dev/null

-- Rate: refused orders count too, and those of the period only.
SELECT risk.set_limit('order_rate', 2, period => '10 seconds'), risk.set_limit('order_rate', 3, period => '1 hour') \g /dev/null
SELECT is((SELECT count(*) FROM risk.limits), 3::bigint, 'periods are limits of their own');
SELECT pg_temp.submit('r1', 'buy', 1, 1, at => '2024-01-09 15:00:00Z') \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 1, at => '2024-01-09 15:00:05Z'), 'accepted', 'the second within ten seconds');
SELECT pg_temp.submit('r2', 'buy', 1, 1e9, at => '2024-01-09 15:00:05Z') \g /dev/null
SELECT is(concat_ws(' ', (pg_temp.order_row('r2')).reason_code, pg_temp.verdict('buy', 1, 1, at => '2024-01-09 15:00:09Z'), pg_temp.verdict('buy', 1, 1, 'MSFT', at => '2024-01-09 15:00:09Z'),
                    pg_temp.verdict('buy', 1, 1, portfolio => 'other', at => '2024-01-09 15:00:09Z'), pg_temp.verdict('buy', 1, 1, at => '2024-01-09 15:00:10Z'), pg_temp.verdict('sell', 1, NULL, at => '2024-01-09 15:00:09Z')),
          'TR401 TR309 TR309 accepted accepted accepted', 'the third is refused, in each portfolio by itself, and what reduces is not');
SELECT pg_temp.submit('r3', 'buy', 1, 1, at => '2024-01-09 15:10Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 1, at => '2024-01-09 15:30Z'), pg_temp.verdict('buy', 1, 1, at => '2024-01-09 16:00Z')), 'TR309 accepted', 'the longer period counts as well');
SELECT risk.set_limit('order_rate', NULL, period => '10 seconds'), risk.set_limit('order_rate', NULL, period => '1 hour'), risk.set_limit('order_rate', 1, 'agent', 'a', period => '1 hour'),
       risk.set_limit('order_rate', 1, 'instrument', 'AAPL', period => '1 hour'), risk.set_limit('order_rate', 2, 'strategy', 't', period => '1 hour'), risk.set_limit('order_rate', 1, 'sector', 'Energy', period => '1 hour') \g /dev/null
SELECT trading.submit_order('main', 'IBM', 'buy', 1, 'limit', 1, time_in_force => 'gtc', agent => 'a', at => '2024-01-10 15:00Z'), trading.submit_order('main', 'XOM', 'buy', 1, 'limit', 1, time_in_force => 'gtc', agent => 'c', at => '2024-01-10 15:00Z') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 1, agent => 'a', at => '2024-01-10 15:01Z'), pg_temp.verdict('buy', 1, 1, agent => 'b', at => '2024-01-10 15:01Z'), pg_temp.verdict('buy', 1, 1, agent => 'c', at => '2024-01-10 15:01Z'),
                    pg_temp.verdict('buy', 1, 1, 'AAPL', at => '2024-01-10 15:01Z'), pg_temp.verdict('buy', 1, 1, 'XOM', at => '2024-01-10 15:01Z')),
          'TR309 accepted accepted accepted TR309', 'of an agent, a strategy, an instrument, a sector their own orders count');
DELETE FROM risk.limits;

-- Open orders: a of IBM and c of XOM wait, and and what else rests.
CREATE FUNCTION pg_temp.waiting() RETURNS int LANGUAGE sql AS $$SELECT count(*)::int FROM trading.orders AS o WHERE o.portfolio_id = trading.portfolio_id('main') AND o.closed_at IS NULL$$;
SELECT pg_temp.limited('open_orders', pg_temp.waiting() + 1) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 1), pg_temp.verdict('buy', 1, 1, 'MSFT'), pg_temp.verdict('buy', 1, 1, portfolio => 'other')), 'accepted accepted accepted', 'open orders: one more than wait');
SELECT pg_temp.submit('open1', 'buy', 1, 1) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 1), pg_temp.verdict('buy', 1, 1, 'MSFT'), pg_temp.verdict('buy', 1, 1, portfolio => 'other'), pg_temp.verdict('sell', 1, NULL)),
          'TR329 TR329 accepted accepted', 'and no further one, in each portfolio by itself; what reduces passes');
SELECT is((SELECT e.figure::int FROM risk.explain('main', 'IBM', 'buy', 1, 'limit', 1) AS e WHERE e.rule = 'open_orders'), pg_temp.waiting() + 1, 'risk.explain says how many there would be');
SELECT is((trading.replace_order('main', client_order_id => 'open1', new_client_order_id => 'open2', limit_price => 2, at => '2024-01-10 15:02Z')).status, 'accepted', 'an order may be replaced by another');
SELECT trading.cancel_order('main', client_order_id => 'open2', at => '2024-01-10 15:03Z') \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 1), 'accepted', 'one that is closed counts no more');
UPDATE trading.portfolios SET requires_approval = true WHERE name = 'main';
SELECT pg_temp.submit('open3', 'buy', 1, 1, at => '2024-01-10 15:04Z') \g /dev/null
UPDATE trading.portfolios SET requires_approval = false WHERE name = 'main';
SELECT is(concat_ws(' ', (pg_temp.order_row('open3')).status, pg_temp.verdict('buy', 1, 1)), 'pending_approval TR329', 'one that waits for a second person counts');
SELECT trading.cancel_order('main', client_order_id => 'open3', at => '2024-01-10 15:05Z') \g /dev/null
SELECT pg_temp.limited('open_orders', NULL), pg_temp.limited('open_orders', 1, 'agent', 'a'), pg_temp.limited('open_orders', 1, 'strategy', 't'), pg_temp.limited('open_orders', 1, 'instrument', 'AAPL'), pg_temp.limited('open_orders', 1, 'sector', 'Energy') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 1, agent => 'a'), pg_temp.verdict('buy', 1, 1, agent => 'b'), pg_temp.verdict('buy', 1, 1, agent => 'c'), pg_temp.verdict('buy', 1, 1, 'AAPL'), pg_temp.verdict('buy', 1, 1, 'XOM')),
          'TR329 accepted TR329 accepted TR329', 'of an agent, a strategy, an instrument, a sector their own orders count');
DELETE FROM risk.limits;

-- Shares of the equity, 10,000: what is held, what rests and the order. 10 IBM at 100 are 10 percent.
SELECT pg_temp.limited('position_share', 20) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 7, 100), pg_temp.verdict('buy', 8, 100), pg_temp.verdict('sell', 10, 100)), 'accepted TR312 accepted', 'share of the portfolio, with the 3 IBM that rest');
SELECT pg_temp.limited('position_share', NULL) \g /dev/null
SELECT trading.cancel_order('main', o.order_id, at => '2024-01-10 16:00Z') FROM trading.orders AS o WHERE o.closed_at IS NULL AND o.portfolio_id = trading.portfolio_id('main') \g /dev/null
SELECT pg_temp.hold('msft', 20, 50, 'MSFT'), pg_temp.submit('rest', 'buy', 10, 40, 'MSFT') \g /dev/null
SELECT pg_temp.limited('sector_value', 2000) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 25, 20, 'AAPL'), pg_temp.verdict('buy', 26, 20, 'AAPL'), pg_temp.verdict('buy', 300, 10, 'XOM'), pg_temp.verdict('buy', 30, 100, 'IBM'), pg_temp.verdict('sell', 20, 50, 'MSFT')),
          'accepted TR315 TR315 accepted accepted', 'sector: 1,500 of MSFT are held and ordered; IBM has no sector');
SELECT pg_temp.limited('sector_value', NULL), pg_temp.limited('sector_share', 20, 'sector', 'Tech') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 25, 20, 'AAPL'), pg_temp.verdict('buy', 26, 20, 'AAPL'), pg_temp.verdict('buy', 300, 10, 'XOM')), 'accepted TR315 accepted', 'or its share');
SELECT pg_temp.limited('sector_share', NULL, 'sector', 'Tech'), pg_temp.limited('gross_value', 3000) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 50, 10, 'XOM'), pg_temp.verdict('buy', 51, 10, 'XOM'), pg_temp.verdict('buy', 5, 100), pg_temp.verdict('buy', 6, 100)), 'accepted TR313 accepted TR313', 'gross exposure: 1,000 IBM and 1,500 MSFT');
SELECT pg_temp.limited('gross_value', NULL), pg_temp.limited('gross_share', 30) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 50, 10, 'XOM'), pg_temp.verdict('buy', 51, 10, 'XOM')), 'accepted TR313', 'or its share');
SELECT pg_temp.limited('gross_share', NULL), pg_temp.limited('open_positions', 3) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 10, 'XOM'), pg_temp.verdict('buy', 1, 100)), 'accepted accepted', 'the third position');
SELECT pg_temp.submit('third', 'buy', 1, 5, 'XOM') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 20, 'AAPL'), pg_temp.verdict('buy', 1, 10, 'XOM')), 'TR316 accepted', 'an order that rests counts; more of what is there is no further one');
SELECT pg_temp.limited('open_positions', NULL) \g /dev/null
SELECT pg_temp.hold('s1', 10, 100, portfolio => 'short'), pg_temp.hold('s2', 20, 50, 'MSFT', 'short', 'sell') \g /dev/null
SELECT pg_temp.limited('net_value', 500) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 50, 10, 'XOM', 'short'), pg_temp.verdict('buy', 51, 10, 'XOM', 'short'), pg_temp.verdict('sell', 50, 10, 'XOM', 'short'), pg_temp.verdict('sell', 51, 10, 'XOM', 'short'), pg_temp.verdict('buy', 20, 50, 'MSFT', 'short')),
          'accepted TR314 accepted TR314 accepted', 'net exposure: long less short, in both directions');
SELECT pg_temp.limited('net_value', NULL), pg_temp.limited('net_share', 5) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 50, 10, 'XOM', 'short'), pg_temp.verdict('sell', 51, 10, 'XOM', 'short')), 'accepted TR314', 'or its share');
SELECT pg_temp.limited('net_share', NULL), pg_temp.limited('gross_value', 2500) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('sell', 50, 10, 'XOM', 'short'), pg_temp.verdict('sell', 51, 10, 'XOM', 'short')), 'accepted TR313', 'shorts add to the gross exposure');
SELECT pg_temp.limited('gross_value', NULL) \g /dev/null

-- Risk to the stop.
SELECT pg_temp.limited('trade_risk', 1) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100), pg_temp.verdict('buy', 2, 100)), 'accepted TR318', 'without a stop all of an order is at risk');
SELECT set_config('bourse.protective_stop', '90', true) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100), pg_temp.verdict('buy', 2, 100), pg_temp.verdict('sell', 1, 80, portfolio => 'short')), 'accepted TR318 accepted', 'also when a setting claims one; a sell that reduces passes');
SELECT set_config('bourse.protective_stop', '', true) \g /dev/null
CREATE FUNCTION pg_temp.bracket(id text, quantity numeric, stop numeric, trail numeric, percent numeric) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(coalesce(o.reason_code, o.status::text), ' ') FROM trading.submit_bracket('main', 'AAPL', 'buy', quantity, 'limit', 20, stop_loss => stop, trail_amount => trail, trail_percent => percent, time_in_force => 'gtc', client_order_id => id, at => '2024-01-10 16:00Z') AS o
$$;
SELECT is(concat_ws(' ', pg_temp.bracket('b1', 50, 18, NULL, NULL), pg_temp.bracket('b2', 51, 18, NULL, NULL), pg_temp.bracket('b3', 50, NULL, 2, NULL), pg_temp.bracket('b4', 51, NULL, 2, NULL), pg_temp.bracket('b5', 50, NULL, NULL, 10), pg_temp.bracket('b6', 51, NULL, NULL, 10), pg_temp.verdict('buy', 6, 20, 'AAPL')),
          'accepted held TR318 accepted held TR318 accepted held TR318 TR318', 'a bracket is judged by its own stop, and nothing after it is');
SELECT results_eq($$SELECT e.figure, e.verdict FROM unnest('{95,NULL}'::numeric[]) AS s, risk.explain('main', 'IBM', 'buy', 10, 'limit', 100, stop_loss => s) AS e WHERE e.rule = 'trade_risk' ORDER BY 1$$, $$VALUES (0.5, 'passes'), (10, 'rejects')$$, 'risk.explain takes a stop');
SELECT trading.cancel_order('main', o.order_id, at => '2024-01-10 16:01Z') FROM trading.orders AS o WHERE o.client_order_id IN ('b1', 'b3', 'b5') \g /dev/null
SELECT pg_temp.limited('trade_risk', NULL), pg_temp.limited('portfolio_heat', 21) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100), pg_temp.verdict('buy', 2, 100), pg_temp.verdict('sell', 10, NULL)), 'accepted TR317 accepted', 'heat: 20 percent are held without a stop');
SELECT trading.submit_order('main', 'IBM', 'sell', 6, 'stop', stop_price => 90, time_in_force => 'gtc', at => '2024-01-10 16:00Z'), trading.submit_order('main', 'MSFT', 'sell', 20, 'stop_limit', 44, 45, time_in_force => 'gtc', at => '2024-01-10 16:00Z') \g /dev/null
SELECT pg_temp.limited('portfolio_heat', 6.6) \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100), pg_temp.verdict('buy', 1, 100.01)), 'accepted TR317', 'stops leave their distance, 60 and 100, and 400 uncovered');
SELECT pg_temp.limited('portfolio_heat', NULL) \g /dev/null

-- Limits are in the portfolio's currency; what cannot be converted cannot be measured.
SELECT market.add_instrument(symbol => 'SAP', currency => 'EUR'), pg_temp.limited('order_value', 110) \g /dev/null
SELECT is(pg_temp.verdict('buy', 1, 1, 'SAP'), 'TR302', 'without an exchange rate nothing is known of its value');
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01') \g /dev/null
SELECT is(concat_ws(' ', pg_temp.verdict('buy', 1, 100, 'SAP'), pg_temp.verdict('buy', 1, 100.01, 'SAP')), 'TR401 TR302', 'with one it counts; there are no euros to pay with');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
