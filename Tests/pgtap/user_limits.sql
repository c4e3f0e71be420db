-- Limits of a user add up all of the user's portfolios, whoever sends the order, in the currency of the order's portfolio.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'MSFT', sector => 'tech') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('MSFT')], ARRAY[timestamptz '2024-01-08 14:30Z'], ARRAY[100::float8], ARRAY[NULL::float8]) \g /dev/null
CREATE ROLE lim_ann LOGIN IN ROLE bourse_trader;
SELECT trading.create_portfolio(n, c, 10000, owner => 'lim_ann', at => '2024-01-02 09:00Z') FROM (VALUES ('one', 'USD'), ('two', 'USD'), ('eur', 'EUR')) AS x (n, c) \g /dev/null
SELECT ledger.set_exchange_rate('EUR', 'USD', 2, '2024-01-01'), ledger.deposit('lim_ann/eur', 10000, 'USD', '2024-01-02 09:00Z') \g /dev/null
CREATE FUNCTION pg_temp.sent(portfolio text, quantity numeric, symbol text DEFAULT 'IBM', side trading.order_side DEFAULT 'buy', price numeric DEFAULT 100, at timestamptz DEFAULT '2024-01-08 15:00Z') RETURNS text LANGUAGE sql
AS $$SELECT coalesce(o.reason_code, o.status::text) FROM trading.submit_order('lim_ann/' || portfolio, symbol, side, quantity, 'limit', price, time_in_force => 'gtc', at => at) AS o$$;
CREATE FUNCTION pg_temp.only(metric risk.metric, bound numeric, period interval DEFAULT NULL) RETURNS void LANGUAGE sql
AS $$DELETE FROM risk.limits; SELECT risk.set_limit(metric, bound, 'user', 'lim_ann', period => period, at => '2024-01-08')$$;

SELECT pg_temp.sent('one', 10) \g /dev/null
-- 1,000 USD are ordered in one; the bound passes and a step more does not.
SELECT pg_temp.only(m::risk.metric, b) FROM (VALUES ('gross_value', 1500)) AS x (m, b) \g /dev/null
SELECT is(pg_temp.sent('two', 6), 'TR313', 'gross_value: what another portfolio of the user has ordered counts');
SELECT is(pg_temp.sent('two', 5), 'accepted', 'up to the bound');
SELECT is(pg_temp.sent('two', 1, 'MSFT'), 'TR313', 'and no further, in whatever instrument');
SELECT is(pg_temp.sent('eur', 16), 'TR313', 'nor in another currency: 1,500 USD are 750 EUR, and 16 are 800');
SELECT pg_temp.only('position_quantity', 16) \g /dev/null
SELECT is(pg_temp.sent('one', 2), 'TR303', 'position_quantity: 15 units of IBM are ordered in both');
SELECT is(pg_temp.sent('one', 1), 'accepted', 'one more is let pass');
SELECT pg_temp.only('open_positions', 3) \g /dev/null
SELECT is(pg_temp.sent('two', 1, 'MSFT'), 'accepted', 'open_positions: IBM in both, and MSFT');
SELECT is(pg_temp.sent('one', 1, 'MSFT'), 'TR316', 'a fourth is refused');
SELECT count(*) AS waiting FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id) WHERE p.owner = 'lim_ann' AND o.closed_at IS NULL \gset
SELECT pg_temp.only('open_orders', :waiting) \g /dev/null
SELECT is(pg_temp.sent('eur', 1), 'TR329', 'open_orders: those of all portfolios');
SELECT is((SELECT count(*)::int FROM risk.breaches AS b WHERE b.code = 'TR329' AND b.figure = :waiting + 1), 1, 'and how many there would be is kept');
SELECT pg_temp.only('order_rate', 10, '1 minute') \g /dev/null
SELECT is(pg_temp.sent('one', 1), 'TR309', 'order_rate: eleven orders, refused ones too, within the minute in all portfolios');
SELECT is(pg_temp.sent('one', 1, at => '2024-01-08 15:02Z'), 'accepted', 'later it goes on');
SELECT is((SELECT e.figure::int FROM risk.explain('lim_ann/two', 'IBM', 'buy', 1, 'limit', 100, at => '2024-01-08 15:02Z') AS e WHERE e.rule = 'order_rate'), 2, 'risk.explain says the same figure');
-- Losses: one portfolio loses 300, the other makes 100.
SELECT pg_temp.only('daily_loss', 1000000) \g /dev/null
SELECT trading.record_fill('lim_ann/one', 10, 100, 'a', order_id => 1, at => '2024-01-08 15:03Z'), trading.record_fill('lim_ann/two', 5, 100, 'b', client_order_id => (SELECT o.client_order_id FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id) WHERE p.name = 'two' AND o.quantity = 5 AND o.status = 'accepted'), at => '2024-01-08 15:03Z') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[timestamptz '2024-01-08 16:00Z'], ARRAY[80::float8], ARRAY[NULL::float8]) \g /dev/null
SELECT pg_temp.only('daily_loss', 299) \g /dev/null
SELECT is(pg_temp.sent('eur', 1, 'MSFT', at => '2024-01-08 16:01Z'), 'accepted', 'daily_loss: 300 USD are 150 EUR');
SELECT is(pg_temp.sent('two', 1, 'MSFT', at => '2024-01-08 16:01Z'), 'TR320', 'and more than 299 USD, of which this portfolio lost 100');
SELECT pg_temp.only('daily_loss', 300) \g /dev/null
SELECT is(pg_temp.sent('two', 1, 'MSFT', at => '2024-01-08 16:02Z'), 'accepted', 'the bound passes');
SELECT is(pg_temp.sent('two', 5, 'IBM', 'sell', 80, '2024-01-08 16:02Z'), 'accepted', 'and what only reduces always');
-- Whom it concerns: orders in the user's portfolios, also those that others send, and what the user sends elsewhere.
SELECT pg_temp.only('order_value', 150) \g /dev/null
SELECT is(pg_temp.sent('two', 2, 'MSFT', at => '2024-01-08 16:03Z'), 'TR302', 'an administrator''s order in the user''s portfolio');
SELECT identity.share_portfolio('main', 'lim_ann', 'trade'), session_user AS me \gset
SET SESSION AUTHORIZATION lim_ann;
SELECT reason_code FROM trading.submit_order(:'me' || '/main', 'MSFT', 'buy', 2, 'limit', 100, at => '2024-01-08 16:03Z') \gset
RESET SESSION AUTHORIZATION;
SELECT is(:'reason_code'::text, 'TR302', 'and hers in another''s');
-- Books in memory have one portfolio.
SELECT strategy.create_strategy('s', 'trend', '1 day', '{"fast": 3, "slow": 5}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) SELECT market.instrument_id('IBM'), '1 day', d, 1, 2, 1, 2, 10 FROM generate_series(timestamptz '2024-01-03 05:00Z', '2024-01-10 05:00Z', '1 day') AS d;
SELECT pg_temp.only('gross_value', 1500) \g /dev/null
SELECT pg_temp.refuses($$SELECT research.backtest_specification('s', '{IBM}', '2024-01-08', '2024-01-10', 100, '{"portfolio": "lim_ann/one"}', '{"series": [{"candles": 1}], "predictions": []}')$$, 'TR531', 'a backtest does not judge them');
SELECT pg_temp.is_sound();
SELECT * FROM finish();
ROLLBACK;
