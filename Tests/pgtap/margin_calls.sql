-- A portfolio on margin is called when its equity falls below what its positions require, once, until it is restored.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'short', capital => 1000, at => '2024-01-02 09:00Z'), trading.create_portfolio(name => 'mixed', capital => 1000, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name IN ('short', 'mixed');
CREATE FUNCTION pg_temp.quote(price float8, at timestamptz, symbol text DEFAULT 'IBM') RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[price], ARRAY[NULL::float8]) $$;
CREATE FUNCTION pg_temp.check_margin(at timestamptz, portfolio text DEFAULT 'short') RETURNS text LANGUAGE sql
AS $$ SELECT concat_ws(' ', trim_scale(c.requirement), trim_scale(c.equity), trim_scale(c.excess), coalesce('call ' || c.call_id, 'no call')) FROM trading.check_margin($2, $1) AS c $$;
CREATE FUNCTION pg_temp.told() RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT array_agg(e.kind ORDER BY e.event_id) FROM ops.events AS e WHERE e.kind LIKE 'margin.%' $$;

SELECT is(pg_temp.check_margin('2024-01-08 15:00Z'), '0 1000 1000 no call', 'nothing is required of who holds nothing');
SELECT pg_temp.submit('s', 'sell', 15, 100, portfolio => 'short'), pg_temp.fill('s', 15, 100, 's', portfolio => 'short') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-08 15:00Z'), '450 1000 550 no call', 'three tenths of a short of 1500');
SELECT pg_temp.quote(128, '2024-01-09 15:00Z') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09 15:00Z'), '576 580 4 no call', 'the price rises');
SELECT is(pg_temp.told(), NULL, 'and nobody is called');
SELECT pg_temp.quote(129, '2024-01-09 15:01Z') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09 15:01Z'), '580.5 565 -15.5 call 1', 'until equity is below');
SELECT pg_temp.quote(140, '2024-01-09 15:02Z') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09 15:02Z'), '630 400 -230 call 1', 'it is called once');
SELECT is((SELECT (c.requirement, c.equity, c.opened_at, c.closed_at)::text FROM trading.margin_calls AS c), '(580.50000000,565.00000000,"2024-01-09 15:01:00+00",)', 'the figures of the call are kept');
SELECT ledger.deposit('short', 229.99999999, at => '2024-01-09 16:00Z') \g /dev/null
SELECT is(pg_temp.told(), '{margin.called}', 'money that does not suffice');
SELECT ledger.deposit('short', 0.00000001, at => '2024-01-09 16:01Z') \g /dev/null
SELECT is(pg_temp.told(), '{margin.called,margin.restored}', 'a deposit restores it at once');
SELECT is((SELECT c.closed_at FROM trading.margin_calls AS c), '2024-01-09 16:01Z'::timestamptz, 'and closes the call');
SELECT pg_temp.quote(141, '2024-01-09 16:02Z') \g /dev/null
SELECT trading.update_portfolio_value('short', '2024-01-09 16:02Z') \g /dev/null
SELECT is((SELECT count(*)::int FROM trading.margin_calls AS c WHERE c.closed_at IS NULL AND c.call_id = 2), 1, 'any valuation looks');
SELECT pg_temp.submit('c', 'buy', 15, 141, portfolio => 'short', at => '2024-01-09 16:03Z'), pg_temp.fill('c', 15, 141, 'c', portfolio => 'short', at => '2024-01-09 16:03Z') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09 16:04Z'), '0 615 615 no call', 'who has closed needs nothing');
SELECT pg_temp.is_sound();

-- Shorts, futures and written options add up; what is held in full requires nothing; other currencies count at their rate.
SELECT ledger.set_exchange_rate('EUR', 'USD', 1.1, '2024-01-01') \g /dev/null
SELECT market.add_instrument(symbol => 'FUT', kind => 'future', multiplier => 10, initial_margin => 0.2, maintenance_margin => 0.1),
       market.add_instrument(symbol => 'PUT', kind => 'option', multiplier => 10, expires_on => '2024-06-21', underlying => 'IBM', strike => 50, option_right => 'put', initial_margin => 0.4, maintenance_margin => 0.2),
       market.add_instrument(symbol => 'EUS', currency => 'EUR', initial_margin => 1, maintenance_margin => 0.5), market.add_instrument(symbol => 'OWN') \g /dev/null
SELECT pg_temp.quote(20, '2024-01-08', 'FUT'), pg_temp.quote(5, '2024-01-08', 'PUT'), pg_temp.quote(10, '2024-01-08', 'EUS'), pg_temp.quote(30, '2024-01-08', 'OWN') \g /dev/null
SELECT ledger.deposit('mixed', 100, 'EUR', '2024-01-08') \g /dev/null
SELECT pg_temp.submit(x, s, 1, p, x, 'mixed'), pg_temp.fill(x, 1, p, x, portfolio => 'mixed') FROM (VALUES ('FUT', 'sell'::trading.order_side, 20), ('PUT', 'sell', 5), ('EUS', 'sell', 10), ('OWN', 'buy', 30)) AS n (x, s, p) \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09', 'mixed'), '125.5 1110 984.5 no call', '20 of the future, 100 of the strike, 5 euros of the short');
SELECT pg_temp.quote(40, '2024-01-09', 'FUT'), pg_temp.quote(20, '2024-01-09', 'EUS') \g /dev/null
SELECT is(pg_temp.check_margin('2024-01-09', 'mixed'), '151 899 748 no call', 'with the prices');
SELECT pg_temp.refuses($$SELECT * FROM trading.check_margin('none')$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
