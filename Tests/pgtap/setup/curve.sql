-- Five days of a portfolio: what it is worth is worked out by hand in the files that include this.
SELECT trading.create_portfolio(name => 'curve', capital => 1000, at => '2024-01-01 12:00Z') \g /dev/null
INSERT INTO trading.fee_schedules (name, per_order) VALUES ('one', 1);
UPDATE trading.portfolios SET fee_schedule = 'one' WHERE name = 'curve';
CREATE FUNCTION pg_temp.price(last float8, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[at], ARRAY[last], ARRAY[NULL::float8]); SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('curve')], at) $$;
DELETE FROM market.quotes;

-- Day by day: buy 5 at 100 (fee 1); price 120; deposit 500 and price 80; sell 2 at 90 (fee 1); withdraw 300; price 100.
SELECT pg_temp.price(100, '2024-01-02 21:00Z') \g /dev/null
SELECT pg_temp.submit('b', 'buy', 5, 100, portfolio => 'curve', at => '2024-01-03 15:00Z'), pg_temp.fill('b', 5, 100, 'b', portfolio => 'curve', at => '2024-01-03 15:01Z'), pg_temp.price(110, '2024-01-03 18:00Z'), pg_temp.price(120, '2024-01-03 21:00Z') \g /dev/null
SELECT ledger.deposit('curve', 500, at => '2024-01-04 10:00Z'), pg_temp.price(80, '2024-01-04 21:00Z') \g /dev/null
SELECT pg_temp.submit('s', 'sell', 2, 90, portfolio => 'curve', at => '2024-01-05 15:00Z'), pg_temp.fill('s', 2, 90, 's', portfolio => 'curve', at => '2024-01-05 15:01Z'), pg_temp.price(90, '2024-01-05 21:00Z') \g /dev/null
SELECT ledger.withdraw('curve', 300, at => '2024-01-08 10:00Z'), pg_temp.price(100, '2024-01-08 21:00Z') \g /dev/null
