-- Dividends go to who held before the ex-date; a new symbol is the same instrument.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => 'short', capital => 1000, at => '2024-01-02 09:00Z'), trading.create_portfolio(name => 'none', capital => 1000, at => '2024-01-02 09:00Z') \g /dev/null
UPDATE trading.portfolios SET account_type = 'margin' WHERE name = 'short';
CREATE FUNCTION pg_temp.pay(action int, at timestamptz DEFAULT '2024-01-09 05:00Z') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', p.name, trim_scale(d.quantity), trim_scale(d.amount), trim_scale(d.advanced))
    FROM trading.apply_dividend(ARRAY(SELECT portfolio_id FROM trading.portfolios), action, at) AS d JOIN trading.portfolios AS p USING (portfolio_id)
$$;

SELECT is((SELECT (a.kind, a.amount, a.ex_date)::text FROM market.add_dividend('IBM', 0.51, '2024-01-09') AS a), '(dividend,0.51000000,2024-01-09)', 'a dividend is announced');
SELECT is((market.add_dividend('IBM', 0.51, '2024-01-09')).action_id, (SELECT max(action_id) FROM market.corporate_actions), 'once');
SELECT pg_temp.refuses($$SELECT market.add_dividend('IBM', 0.5, '2024-01-09')$$, 'TR106', 'another one of the same day');
SELECT max(action_id) AS dividend FROM market.corporate_actions \gset
-- Bought before, sold after the ex-date began at midnight in New York; a fill before it that is reported late counts.
SELECT pg_temp.submit('b', 'buy', 10, 100), pg_temp.fill('b', 10, 100, 'b'), pg_temp.submit('x', 'buy', 4, 100), pg_temp.fill('x', 4, 100, 'x', at => '2024-01-09 05:00Z'),
       pg_temp.submit('y', 'sell', 3, 100), pg_temp.fill('y', 3, 100, 'y', at => '2024-01-09 04:59:59Z'),
       pg_temp.submit('s', 'sell', 8, 100, portfolio => 'short'), pg_temp.fill('s', 8, 100, 's', portfolio => 'short') \g /dev/null
SELECT pg_temp.cash() AS before, pg_temp.cash('short') AS short_before \gset
SELECT pg_temp.refuses(format('SELECT pg_temp.pay(%s, ''2024-01-09 04:59Z'')', :dividend), 'TR106', 'it is not due before the ex-date');
SELECT results_eq(format('SELECT pg_temp.pay(%s)', :dividend), ARRAY['main 7 3.57 0', 'short -8 -4.08 0'], 'who held receives, who was short owes');
SELECT pg_temp.amounts_to(pg_temp.cash() - :before, 3.57, 'it is in the cash');
SELECT pg_temp.amounts_to(pg_temp.cash('short') - :short_before, -4.08, 'and out of it');
SELECT is((SELECT (v.income, v.equity = s.equity)::text FROM trading.portfolio_values AS v JOIN trading.portfolios AS p USING (portfolio_id) JOIN trading.portfolio_summary AS s ON s.portfolio = p.name WHERE p.name = 'main'), '(3.57000000,t)', 'it is income');
SELECT is_empty(format('SELECT pg_temp.pay(%s, ''2024-02-01'')', :dividend), 'once');
SELECT is((SELECT s.description FROM ledger.statement('short') AS s WHERE s.kind = 'dividend'), 'dividend on -8 IBM', 'the statement says what for');
SELECT pg_temp.is_sound();

-- A split meanwhile does not change what was held then.
SELECT market.add_dividend('IBM', 1, '2024-01-16'), market.add_split('IBM', '2024-01-17', 2) \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY(SELECT portfolio_id FROM trading.portfolios), (SELECT max(action_id) FROM market.corporate_actions), '2024-01-17 05:00Z') \g /dev/null
SELECT results_eq($$SELECT pg_temp.pay((SELECT max(action_id) FROM market.corporate_actions WHERE kind = 'dividend'), '2024-01-18')$$, ARRAY['main 11 11 0', 'short -8 -8 0'], 'one that is paid late');
SELECT pg_temp.is_sound();
-- A fraction that rounds to nothing, a charge that the portfolio cannot pay.
SELECT market.add_dividend('IBM', 0.00000001, '2024-01-22'), market.add_dividend('IBM', 150, '2024-01-23') \g /dev/null
SELECT is((ledger.withdraw('short', pg_temp.available('short'), at => '2024-01-19')).kind, 'withdrawal', 'no cash is left');
SELECT results_eq($$SELECT pg_temp.pay((SELECT max(action_id) FROM market.corporate_actions), '2024-01-23 06:00Z')$$, ARRAY['main 22 3300 0', 'short -16 -2400 1200'], 'the margin of the short pays, the rest is advanced');
SELECT pg_temp.amounts_to(pg_temp.cash('short'), 0, 'cash is not negative');
SELECT pg_temp.is_sound();
SELECT is((SELECT count(*)::int FROM trading.margin_calls AS c WHERE c.portfolio_id = trading.portfolio_id('short')), 1, 'a margin call comes with it');
SELECT pg_temp.refuses(format('SELECT pg_temp.pay(%s)', a), 'TR106', a) FROM unnest(ARRAY['-1', 'NULL', '(SELECT max(action_id) FROM market.corporate_actions WHERE kind = ''split'')', format('%s, NULL', :dividend), format('%s, ''infinity''', :dividend)]) AS a;
SELECT pg_temp.refuses($$SELECT trading.apply_dividend(ARRAY[-1], (SELECT min(action_id) FROM market.corporate_actions WHERE kind = 'dividend'), '2024-02-01')$$, 'TR211', 'an unknown portfolio');
SELECT pg_temp.refuses(format('SELECT market.add_dividend(%s)', a), 'TR106', a) FROM unnest(ARRAY['''IBM'', 0, ''2024-02-01''', '''IBM'', -1, ''2024-02-01''', '''IBM'', ''NaN'', ''2024-02-01''', '''IBM'', NULL, ''2024-02-01''', '''IBM'', 1, NULL', '''IBM'', 1, ''infinity''', 'NULL, 1, ''2024-02-01''', '''IBM'', 0.000000001, ''2024-02-01''']) AS a;
SELECT market.add_instrument(symbol => 'FUT', kind => 'future') \g /dev/null
SELECT pg_temp.refuses($$SELECT market.add_dividend('FUT', 1, '2024-02-01')$$, 'TR106', 'a future pays none');
SELECT pg_temp.refuses($$SELECT market.add_dividend('GONE', 1, '2024-02-01')$$, 'TR101', 'an unknown instrument');

-- Symbols.
SELECT market.instrument_id('IBM') AS ibm \gset
SELECT is((SELECT (a.old_symbol, a.new_symbol)::text FROM market.add_symbol_change('IBM', 'BIM', '2024-03-01', '2024-02-01') AS a), '(,BIM)', 'a change to come');
SELECT is((SELECT i.symbol FROM market.instruments AS i WHERE i.instrument_id = :ibm)::text, 'IBM', 'waits');
SELECT is_empty($$SELECT * FROM market.apply_symbol_changes('2024-03-01 04:59Z')$$, 'until its day begins');
SELECT is((SELECT i.symbol::text FROM market.apply_symbol_changes('2024-03-01 05:00Z') AS i), 'BIM', 'in New York');
SELECT is_empty($$SELECT * FROM market.apply_symbol_changes('2024-04-01')$$, 'and is made once');
SELECT is(market.instrument_id('BIM'), :ibm, 'the same instrument under its new symbol');
SELECT is(market.instrument_id('US:IBM'), :ibm, 'and its old one');
SELECT is((SELECT p.symbol::text FROM trading.position_pnl AS p WHERE p.portfolio = 'main'), 'BIM', 'positions go with it');
SELECT is((market.add_symbol_change('IBM', 'BIM', '2024-03-01', '2024-04-01')).old_symbol::text, 'IBM', 'announced again it stays as it is');
SELECT market.add_instrument(symbol => 'IBM') \g /dev/null
SELECT isnt(market.instrument_id('IBM'), :ibm, 'the old symbol is free for another, which it finds then');
SELECT market.add_symbol_change('BIM', 'MIB', '2024-05-01', '2024-06-01') \g /dev/null
SELECT is(market.instrument_id('BIM'), :ibm, 'a chain of changes');
SELECT pg_temp.refuses(format('SELECT market.add_symbol_change(%s)', a), 'TR106', a) FROM unnest(ARRAY['''MIB'', ''IBM'', ''2024-06-01''', '''MIB'', ''XX'', ''2024-05-01''', '''MIB'', ''XX'', ''2024-04-15''', '''MIB'', ''a!'', ''2024-07-01''', '''MIB'', NULL, ''2024-07-01''', '''MIB'', ''XX'', NULL',
  '''MIB'', ''XX'', ''infinity''', 'NULL, ''XX'', ''2024-07-01''']) AS a;
SELECT pg_temp.refuses($$SELECT market.add_symbol_change('GONE', 'XX', '2024-07-01')$$, 'TR101', 'an unknown instrument');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
