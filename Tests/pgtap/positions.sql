-- Positions at average cost, realised and unrealised profit, to the last digit; what the views and functions say of them.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT ledger.deposit('main', 990000, at => '2024-01-03') \g /dev/null

CREATE FUNCTION pg_temp.deal(id text, side trading.order_side, quantity numeric, price numeric, symbol text DEFAULT 'IBM') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.submit(id, side, quantity, CASE side WHEN 'buy' THEN ceil(price) ELSE 0.01 END, symbol => symbol);
  PERFORM pg_temp.fill(id, quantity, price, id);
  RETURN (SELECT (p.quantity, p.cost, p.average_price, p.realised_pnl)::text FROM pg_temp.position_row(symbol) AS p);
END
$$;

-- Average cost over buys and sells.
SELECT is(pg_temp.deal('1', 'buy', 3, 10), '(3.00000000,30.00000000,10.00000000,0.00000000)', 'a first buy');
SELECT is(pg_temp.deal('2', 'buy', 4, 10.10), '(7.00000000,70.40000000,10.05714286,0.00000000)', 'a second one: the average is rounded, the cost is not');
SELECT is(pg_temp.deal('3', 'sell', 2, 11), '(5.00000000,50.28571429,10.05714286,1.88571429)', 'a sell takes its share of the cost: 70.40 × 2/7');
SELECT is(pg_temp.deal('4', 'sell', 1, 9), '(4.00000000,40.22857143,10.05714286,0.82857143)', 'and may lose');
SELECT is(pg_temp.deal('5', 'buy', 1, 20.12345678), '(5.00000000,60.35202821,12.07040564,0.82857143)', 'prices of eight decimals');
SELECT is(pg_temp.deal('6', 'sell', 5, 12), '(0.00000000,0.00000000,,0.47654322)', 'the last sell takes all of the cost that is left: 60 - 60.35202821');
SELECT is(pg_temp.deal('7', 'buy', 2, 7), '(2.00000000,14.00000000,7.00000000,0.47654322)', 'a new position begins at its own cost');
SELECT is((SELECT array_agg(f.realised_pnl ORDER BY f.fill_id) FROM trading.fills AS f), '{0,0,1.88571429,-1.05714286,0,-0.35202821,0}', 'each fill has its profit');
SELECT pg_temp.is_sound();

-- In parts the profit is the same as in one piece, to the last digit.
SELECT market.add_instrument(symbol => 'PARTS'), market.add_instrument(symbol => 'WHOLE'), market.add_instrument(symbol => 'FUT', multiplier => 12.5) \g /dev/null
SELECT pg_temp.deal('p0', 'buy', 7, 10.01, 'PARTS'), pg_temp.deal('w0', 'buy', 7, 10.01, 'WHOLE') \g /dev/null
SELECT pg_temp.deal('p' || n, 'sell', 1, 10.03, 'PARTS') FROM generate_series(1, 7) AS n \g /dev/null
SELECT pg_temp.deal('w1', 'sell', 7, 10.03, 'WHOLE') \g /dev/null
SELECT is((pg_temp.position_row('PARTS')).realised_pnl, (pg_temp.position_row('WHOLE')).realised_pnl, 'seven sells of one and one sell of seven');
SELECT pg_temp.amounts_to((pg_temp.position_row('PARTS')).cost, 0, 'nothing of the cost is left over');

-- A share of the cost is rounded once: 1550.2895629 × 13.65893887 / 13.65893888 is 1550.28956176499999998…
SELECT pg_temp.amounts_to(internal.prorate(1550.28956290, 13.65893887, 13.65893888), 1550.28956176, 'a hair below the tie');
SELECT pg_temp.amounts_to(internal.prorate(0.00000003, 1, 2), 0.00000002, 'the tie itself, away from zero');
SELECT pg_temp.amounts_to(internal.prorate(99999999999999999999.99999999, 9999999999.99999999, 9999999999.99999999), 99999999999999999999.99999999, 'as many digits as money has');

-- With a multiplier.
SELECT is(pg_temp.deal('m1', 'buy', 3, 100, 'FUT'), '(3.00000000,3750.00000000,100.00000000,0.00000000)', 'value is quantity × price × multiplier');
SELECT is(pg_temp.deal('m2', 'sell', 1, 101, 'FUT'), '(2.00000000,2500.00000000,100.00000000,12.50000000)', 'profit too');

-- Unrealised profit needs a price; without one a position counts at cost.
SELECT results_eq($$SELECT quantity, average_price, last_price, cost, market_value, realised_pnl, unrealised_pnl, fees FROM trading.calculate_position_pnl('main', 'IBM')$$,
  $$VALUES (2::numeric, 7::numeric, 100::numeric, 14::numeric, 200::numeric, 0.47654322, 186::numeric, 0::numeric)$$, 'calculate_position_pnl at the last price');
SELECT results_eq($$SELECT last_price, market_value, unrealised_pnl FROM trading.calculate_position_pnl('main', 'FUT')$$, $$VALUES (NULL::numeric, 2500::numeric, 0::numeric)$$, 'without a price: at cost');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('FUT')], '{2024-01-09}', '{99.3}', '{NULL}') \g /dev/null
SELECT results_eq($$SELECT market_value, unrealised_pnl FROM trading.calculate_position_pnl('main', 'FUT')$$, $$VALUES (2482.5, -17.5)$$, 'with a price: 2 × 99.3 × 12.5');
SELECT market.add_instrument(symbol => 'NEVER') \g /dev/null
SELECT is_empty($$SELECT * FROM trading.calculate_position_pnl('main', 'NEVER')$$, 'no row for what was never traded');
SELECT results_eq($$SELECT symbol, quantity, market_value, unrealised_pnl, total_pnl FROM trading.position_pnl WHERE portfolio = 'main' ORDER BY symbol$$,
  $$VALUES ('US:FUT', 2.0, 2482.5, -17.5, -5.0), ('US:IBM', 2.0, 200.0, 186.0, 186.47654322), ('US:PARTS', 0.0, 0.0, 0.0, 0.14), ('US:WHOLE', 0.0, 0.0, 0.0, 0.14)$$, 'position_pnl, closed positions included');

-- The portfolio's value follows the positions by itself, and the prices when it is told.
SELECT pg_temp.amounts_to((SELECT v.realised_pnl FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('main')), 13.25654322, 'the trigger has counted the last fill');
SELECT pg_temp.amounts_to((trading.update_portfolio_value('main', '2024-01-09 16:00Z')).unrealised_pnl, 168.5, 'update_portfolio_value knows the last prices');
SELECT is((SELECT v.equity FROM trading.portfolio_values AS v WHERE v.portfolio_id = trading.portfolio_id('main')), (SELECT s.equity::ledger.money FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main'),
          'and agrees with the summary');
SELECT pg_temp.amounts_to((SELECT s.equity FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main'), 1000000 + 13.25654322 + 168.5, 'equity is deposits and profits');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
