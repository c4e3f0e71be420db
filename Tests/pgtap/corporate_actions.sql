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
SELECT is((SELECT s.description FROM ledger.statement('short') AS s WHERE s.kind = 'dividend'), 'dividend owed on 8 US:IBM at 0.51', 'the statement says what for');
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

-- A split that is announced when its day is over: what was held and ordered before counts, what was dealt since is in the new terms.
CREATE FUNCTION pg_temp.at(symbol text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', trim_scale(p.quantity), trim_scale(p.cost), (SELECT string_agg(trim_scale(l.quantity)::text, '+' ORDER BY l.fill_id) FROM trading.lots AS l WHERE (l.portfolio_id, l.instrument_id) = (p.portfolio_id, p.instrument_id)))
    FROM pg_temp.position_row(symbol) AS p $$;
CREATE FUNCTION pg_temp.due(symbol text, after timestamptz) RETURNS SETOF text LANGUAGE sql STABLE
AS $$ SELECT concat_ws(' ', d.kind, d.effective_at, trim_scale(d.numerator)) FROM trading.due_actions(ARRAY(SELECT portfolio_id FROM trading.portfolios), ARRAY[market.instrument_id(symbol)], after) AS d $$;
SELECT ledger.deposit('main', 10000, at => '2024-01-08'), market.add_instrument(symbol => s) FROM unnest(ARRAY['LATE', 'SOLD']) AS s \g /dev/null
SELECT pg_temp.submit(s || 1, 'buy', 10, 100, s), pg_temp.fill(s || 1, 10, 100, s || 1), pg_temp.submit(s || 'old', 'sell', 4, 120, s),
       pg_temp.submit(s || 2, 'buy', 6, 50, s, at => '2024-01-10 15:00Z'), pg_temp.fill(s || 2, 6, 50, s || 2, at => '2024-01-10 15:00Z'), pg_temp.submit(s || 'new', 'sell', 3, 60, s, at => '2024-01-10 15:00Z')
  FROM unnest(ARRAY['LATE', 'SOLD']) AS s \g /dev/null
SELECT market.add_split('LATE', '2024-01-09', 2), market.add_dividend('LATE', 1, '2024-01-09'), market.add_dividend('LATE', 2, '2024-01-08') \g /dev/null
SELECT results_eq($$SELECT pg_temp.due('LATE', '2024-01-11')$$, ARRAY['dividend 2024-01-09 05:00:00+00', 'split 2024-01-09 05:00:00+00 2'], 'what portfolios still have to meet, the dividend first');
SELECT results_eq($$SELECT pg_temp.due('LATE', '2024-01-08')$$, ARRAY['dividend 2024-01-08 05:00:00+00', 'dividend 2024-01-09 05:00:00+00', 'split 2024-01-09 05:00:00+00 2'], 'and what is to come after a time, whoever holds it');
SELECT results_eq($$SELECT pg_temp.pay(d.action_id, d.effective_at) FROM trading.due_actions(ARRAY[trading.portfolio_id('main')], ARRAY[market.instrument_id('LATE')], '2024-01-11') AS d WHERE d.kind = 'dividend'$$, ARRAY['main 10 10 0'], 'the dividend of the split''s day is for the shares of before');
SELECT is((SELECT string_agg(concat_ws(' ', o.client_order_id, trim_scale(o.quantity), trim_scale(o.limit_price)), ', ') FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], (SELECT max(action_id) FROM market.corporate_actions WHERE kind = 'split'), '2024-01-11') AS o),
          'LATEold 8 60', 'the order of before is restated, the one since is not');
SELECT is(pg_temp.at('LATE'), '26 1300 20+6', 'so are the shares');
SELECT is_empty($$SELECT pg_temp.due('LATE', '2024-01-11')$$, 'nothing is due any more');
SELECT pg_temp.is_sound();
SELECT pg_temp.fill('SOLDnew', 3, 60, 'SOLDnew', at => '2024-01-10 16:00Z'), market.add_split('SOLD', '2024-01-09', 2) \g /dev/null
SELECT is_empty($$SELECT pg_temp.due('SOLD', '2024-01-11')$$, 'a split that comes when a profit was taken already is not offered');
SELECT is((SELECT count(*)::int FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], (SELECT max(action_id) FROM market.corporate_actions WHERE kind = 'split'), '2024-01-11')), 0, 'and not applied');
SELECT is((SELECT e.payload ->> 'held' FROM ops.events AS e WHERE e.kind = 'position.split_refused'), '10.00000000', 'which the journal says');
SELECT is(pg_temp.at('SOLD'), '13 1056.25 7+6', 'the position stays');
SELECT pg_temp.is_sound();

-- What the exchange corrects later is counted as it was: five of ten were bought.
SELECT market.add_instrument(symbol => 'CORR'), market.add_dividend('CORR', 1, '2024-01-09'), market.add_split('CORR', '2024-01-10', 3), market.add_dividend('CORR', 1, '2024-01-11') \g /dev/null
SELECT pg_temp.submit('c1', 'buy', 10, 100, 'CORR'), pg_temp.fill('c1', 10, 100, 'c1'), pg_temp.submit('c2', 'buy', 2, 100, 'CORR'), pg_temp.fill('c2', 2, 100, 'c2') \g /dev/null
SELECT pg_temp.submit('c3', 'buy', 1, 30, 'CORR', at => '2024-01-10 15:00Z'), pg_temp.fill('c3', 1, 30, 'c3', at => '2024-01-10 15:00Z') \g /dev/null
SELECT trading.correct_fill('main', quantity => 5, price => 100, execution_id => 'c1', new_execution_id => 'c1-right', at => '2024-01-12'), trading.bust_fill('main', execution_id => 'c2', at => '2024-01-12') \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], (SELECT max(action_id) FROM market.corporate_actions WHERE kind = 'split'), '2024-01-12') \g /dev/null
SELECT is(pg_temp.at('CORR'), '16 530 15+1', 'a late split takes what is left of the fills of before');
SELECT results_eq($$SELECT pg_temp.pay(d.action_id, '2024-01-13') FROM trading.due_actions(ARRAY[trading.portfolio_id('main')], ARRAY[market.instrument_id('CORR')], '2024-01-12') AS d$$, ARRAY['main 5 5 0', 'main 16 16 0'], 'dividends go to what was held');
SELECT pg_temp.is_sound();

-- Symbols.
SELECT market.instrument_id('IBM') AS ibm \gset
SELECT is((SELECT (a.old_symbol, a.new_symbol)::text FROM market.add_symbol_change('IBM', 'BIM', '2024-03-01', '2024-02-01') AS a), '(,BIM)', 'a change to come');
SELECT is((SELECT i.symbol FROM market.instruments AS i WHERE i.instrument_id = :ibm)::text, 'IBM', 'waits');
SELECT is_empty($$SELECT * FROM market.apply_symbol_changes('2024-03-01 04:59Z')$$, 'until its day begins');
SELECT is((SELECT i.symbol::text FROM market.apply_symbol_changes('2024-03-01 05:00Z') AS i), 'BIM', 'in New York');
SELECT is_empty($$SELECT * FROM market.apply_symbol_changes('2024-04-01')$$, 'and is made once');
SELECT is(market.instrument_id('BIM'), :ibm, 'the same instrument under its new symbol');
SELECT is(market.instrument_id('US:IBM'), :ibm, 'and its old one');
SELECT is((SELECT p.symbol FROM trading.position_pnl AS p WHERE p.portfolio = 'main' AND p.symbol LIKE '%IM'), 'US:BIM', 'positions go with it');
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
