-- How much to buy: each method, its figures and its refusals. That SQL and Swift agree to the last digit is a test of EngineStore.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'COIN', lot_size => 0.001, tick_size => 0.5, multiplier => 2), market.add_instrument(symbol => 'EURO', currency => 'EUR') \g /dev/null

-- 10,000 USD; IBM at 100.
CREATE FUNCTION pg_temp.size(sizing jsonb, price numeric DEFAULT NULL, stop_price numeric DEFAULT NULL, average_true_range numeric DEFAULT NULL, deviation numeric DEFAULT NULL,
                             symbol text DEFAULT 'IBM', portfolio text DEFAULT 'main', at timestamptz DEFAULT '2024-01-08 15:00Z') RETURNS numeric LANGUAGE sql AS $$
  SELECT trim_scale(trading.size_position(portfolio, symbol, sizing, price, stop_price, average_true_range, deviation, at))
$$;
SELECT is(pg_temp.size('{"method":"fixed_quantity","quantity":37.9}'), 37::numeric, 'a fixed quantity, in whole lots');
SELECT is(pg_temp.size('{"method":"fixed_quantity","quantity":370}'), 100::numeric, 'no more than the cash pays for');
SELECT is(pg_temp.size('{"method":"fixed_value","value":2599.99}'), 25::numeric, 'a fixed value at the last price');
SELECT is(pg_temp.size('{"method":"fixed_value","value":2599.99}', price => 25.999), 99::numeric, 'at another price, which goes up to the tick');
SELECT is(pg_temp.size('{"method":"fixed_fractional"}', stop_price => 96), 25::numeric, '1 percent at risk when nothing else is said');
SELECT is(pg_temp.size('{"method":"fixed_fractional","risk_percent":2.5}', price => 50, stop_price => 47), 83::numeric, 'risk to the stop');
SELECT is(pg_temp.size('{"method":"fixed_fractional","risk_percent":2.5}', price => 50, stop_price => 47.009), 83::numeric, 'the distance goes up to the tick');
SELECT is(pg_temp.size('{"method":"volatility","atr_multiple":2.5}', average_true_range => 1.6), 25::numeric, 'risk to a multiple of the true range');
SELECT is(pg_temp.size('{"method":"deviation","deviations":3,"period":30}', deviation => 0.8), 41::numeric, 'risk to some standard deviations');
SELECT is(pg_temp.size('{"method":"kelly","win_rate":0.6,"payoff":2,"fraction":0.5,"cap_percent":100}'), 20::numeric, 'half of Kelly''s 40 percent');
SELECT is(pg_temp.size('{"method":"kelly","win_rate":0.6,"payoff":2}', price => 10), 200::numeric, 'half is the standard');
SELECT is(pg_temp.size('{"method":"kelly","win_rate":0.6,"payoff":2,"fraction":1}'), 25::numeric, 'and a quarter of the equity the cap');
SELECT is(pg_temp.size('{"method":"kelly","win_rate":0.3,"payoff":2}'), 0::numeric, 'nothing without an edge');
SELECT is(pg_temp.size('{"method":"fixed_value","value":100}', symbol => 'COIN', price => 13.37), 3.703::numeric, 'lots below one, a coarse tick, a multiplier');
SELECT pg_temp.refuses($$SELECT pg_temp.size('{"method":"fixed_value","value":100}', symbol => 'EURO', price => 10)$$, 'TR407', 'another currency without a rate');
SELECT ledger.set_exchange_rate('USD', 'EUR', 0.8, at => '2024-01-02') \g /dev/null
SELECT is(pg_temp.size('{"method":"fixed_value","value":100}', symbol => 'EURO', price => 10), 0::numeric, 'nothing without cash in the currency');
SELECT ledger.deposit('main', 100000, currency => 'EUR', at => '2024-01-03'), trading.update_portfolio_value('main', '2024-01-03') \g /dev/null
SELECT is(pg_temp.size('{"method":"fixed_fractional"}', symbol => 'EURO', price => 10, stop_price => 9), 1080::numeric, 'one percent of 108,000 EUR: the equity goes by the exchange rate');

-- Fees leave less; what orders have reserved is not there.
INSERT INTO trading.fee_schedules (name, valid_from) VALUES ('later', '2030-01-01');
SELECT trading.create_portfolio(name => 'fees', capital => 1001, fee_schedule => 'us_equity', at => '2024-01-02'), trading.create_portfolio(name => 'nse', capital => 1000, fee_schedule => 'later', at => '2024-01-02') \g /dev/null
SELECT is(pg_temp.size('{"method":"fixed_quantity","quantity":100}', price => 10, portfolio => 'fees'), 100::numeric, 'with the fee it is just enough');
SELECT ledger.withdraw('fees', 0.01, at => '2024-01-03') \g /dev/null
SELECT is(pg_temp.size('{"method":"fixed_quantity","quantity":100}', price => 10, portfolio => 'fees'), 99::numeric, 'a cent less, a share less');
SELECT pg_temp.submit('open', 'buy', 5, 100, portfolio => 'fees') \g /dev/null
SELECT is(pg_temp.size('{"method":"fixed_quantity","quantity":100}', price => 10, portfolio => 'fees'), 49::numeric, 'open orders have their money');
SELECT pg_temp.refuses($$SELECT pg_temp.size('{"method":"fixed_quantity","quantity":1}', portfolio => 'nse')$$, 'TR240', 'a schedule without terms for the day');

-- Refusals.
SELECT pg_temp.refuses(format('SELECT pg_temp.size(%L, stop_price => 90, average_true_range => 1, deviation => 1)', s), 'TR242', s) FROM unnest(ARRAY[
  '{}', '[]', '1', 'null', '{"method":"martingale"}', '{"method":1}', '{"method":"fixed_quantity"}', '{"method":"fixed_quantity","quantity":0}', '{"method":"fixed_quantity","quantity":1e11}',
  '{"method":"fixed_quantity","quantity":"5"}', '{"method":"fixed_quantity","quantity":null}', '{"method":"fixed_quantity","quantity":5,"value":1}', '{"method":"fixed_fractional","risk_percent":101}',
  '{"method":"fixed_fractional","risk_percent":0.000000001}', '{"method":"deviation","period":1}', '{"method":"deviation","period":2.5}', '{"method":"kelly","payoff":2}', '{"method":"kelly","win_rate":1.1,"payoff":2}']) AS s;
SELECT pg_temp.refuses(s, 'TR242', s) FROM unnest(ARRAY[
  $$SELECT pg_temp.size(NULL)$$, $$SELECT pg_temp.size('{"method":"fixed_fractional"}')$$, $$SELECT pg_temp.size('{"method":"fixed_fractional"}', stop_price => 100)$$,
  $$SELECT pg_temp.size('{"method":"fixed_fractional"}', stop_price => -1)$$, $$SELECT pg_temp.size('{"method":"volatility"}')$$, $$SELECT pg_temp.size('{"method":"volatility"}', average_true_range => 0)$$,
  $$SELECT pg_temp.size('{"method":"deviation"}', deviation => 'NaN')$$, $$SELECT pg_temp.size('{"method":"fixed_value","value":1}', price => 0)$$, $$SELECT pg_temp.size('{"method":"fixed_value","value":1}', price => 'NaN')$$,
  $$SELECT pg_temp.size('{"method":"fixed_value","value":1}', at => 'infinity')$$]) AS s;
SELECT pg_temp.refuses($$SELECT pg_temp.size('{"method":"fixed_value","value":1}', symbol => 'COIN')$$, 'TR105', 'no price is known');
SELECT pg_temp.refuses($$SELECT pg_temp.size('{"method":"fixed_value","value":1}', symbol => 'NONE')$$, 'TR101', 'an unknown instrument');
SELECT pg_temp.refuses($$SELECT pg_temp.size('{"method":"fixed_value","value":1}', portfolio => 'none')$$, 'TR211', 'an unknown portfolio');

SELECT * FROM finish();
ROLLBACK;
