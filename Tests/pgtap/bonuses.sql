-- A bonus of n for m is new shares without payment: (n + m)/m times the shares at the cost of before.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'B') \g /dev/null
SELECT market.upsert_quotes(ARRAY[market.instrument_id('B')], '{2024-01-08 21:00Z}', '{120}', '{NULL}') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (market.instrument_id('B'), '1 day', '2024-01-08 05:00Z', 120, 120, 120, 120, 1000) \g /dev/null
SELECT pg_temp.submit('hold', 'buy', 15, 100, 'B'), pg_temp.fill('hold', 15, 100, 'hold'), pg_temp.submit('limit', 'buy', 5, 90.01, 'B'), pg_temp.submit('sell', 'sell', 9, 130, 'B') \g /dev/null
SELECT s.equity AS equity FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main' \gset

-- 1:2, a new share for each two: 22.5 shares of 15 at 80 each, of which half a share is paid for.
SELECT is((SELECT (a.kind, a.numerator, a.denominator, a.ex_date)::text FROM market.add_bonus('B', '2024-01-09', 1, 2) AS a), '(bonus,3.00000000,2.00000000,2024-01-09)', 'three shares after it for two before');
SELECT is((market.add_bonus('B', '2024-01-09', 2, 4)).action_id, (market.add_bonus('B', '2024-01-09', 1, 2)).action_id, 'once; 2:4 is 1:2');
SELECT a.action_id FROM market.corporate_actions AS a \gset
SELECT results_eq($$SELECT d.kind::text, d.numerator, d.denominator FROM trading.due_actions(ARRAY[trading.portfolio_id('main')], ARRAY[market.instrument_id('B')], NULL) AS d$$, $$VALUES ('bonus', 3::numeric, 2::numeric)$$, 'it is due');
SELECT is((SELECT count(*)::int FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], :action_id, '2024-01-09 05:00Z')), 2, 'both open orders change');
SELECT is((SELECT (trim_scale(p.quantity), trim_scale(p.cost), trim_scale(p.average_price), trim_scale(p.realised_pnl))::text FROM pg_temp.position_row('B') AS p), '(22,1466.66666667,66.66666667,6.66666667)', 'half a share of 22.5 takes 33.33 of the cost and brings 40');
SELECT is((SELECT array_agg(concat_ws(' ', o.client_order_id, trim_scale(o.quantity), trim_scale(o.limit_price), o.status) ORDER BY o.order_id) FROM trading.orders AS o WHERE o.closed_at IS NULL), '{limit 7 60 accepted,sell 13 86.67 accepted}', 'orders follow as at a split');
SELECT is((SELECT q.last FROM market.quotes AS q WHERE q.instrument_id = market.instrument_id('B')), 80::float8, 'so does the quote');
SELECT pg_temp.amounts_to((SELECT s.equity FROM trading.portfolio_summary AS s WHERE s.portfolio = 'main'), :equity, 'equity does not jump');
SELECT is((SELECT e.payload ->> 'quantity' FROM ops.events AS e WHERE e.kind = 'position.bonus'), '22.00000000', 'the journal calls it a bonus');
SELECT is((SELECT s.description FROM ledger.statement('main') AS s WHERE s.kind = 'cash_in_lieu'), 'cash in lieu of 0.5 US:B at 80', 'the statement has the half share');
SELECT results_eq($$SELECT c.close, c.volume FROM market.candles('B', '1 day', '2024-01-08', '2024-01-10', adjusted => true) AS c$$, $$VALUES (80::float8, 1500::float8)$$, 'candles are adjusted as by a 3:2 split');
SELECT is((SELECT count(*)::int FROM trading.apply_split(ARRAY[trading.portfolio_id('main')], :action_id, '2024-02-09')), 0, 'once');
SELECT pg_temp.is_sound();

-- Announcements.
SELECT pg_temp.refuses(format('SELECT market.add_bonus(%L, %s, %s, %s)', 'IBM', d, n, o), 'TR106', format('%s:%s on %s', n, o, d)) FROM (VALUES
  ('''2024-01-09''', '0', '1'), ('''2024-01-09''', '-1', '1'), ('''2024-01-09''', '1', '0'), ('''2024-01-09''', 'NULL', '1'), ('''2024-01-09''', '1', 'NULL'), ('NULL', '1', '1'),
  ('''infinity''', '1', '1'), ('''2024-01-09''', '''NaN''', '1'), ('''2024-01-09''', '1000000', '1')) AS s (d, n, o);
SELECT pg_temp.refuses($$SELECT market.add_bonus('B', '2024-01-09', 1, 1)$$, 'TR106', 'another bonus of the same day');
SELECT pg_temp.refuses($$SELECT market.add_split('B', '2024-01-09', 3, 2)$$, 'TR106', 'a split of the same day');
SELECT pg_temp.refuses($$UPDATE market.corporate_actions SET numerator = 4 WHERE kind = 'bonus'$$, 'TR106', 'what was applied stays');
SELECT is((SELECT (a.kind, a.numerator)::text FROM market.add_bonus('IBM', '2024-01-09', 1) AS a), '(bonus,2.00000000)', 'a new share for each is 1:1');
SELECT pg_temp.is_sound();

SELECT * FROM finish();
ROLLBACK;
