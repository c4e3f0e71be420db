-- What is held short over the end of a trading day costs the rate of its lender, once for each day.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT trading.create_portfolio(name => n, capital => 10000, account_type => 'margin', at => '2024-01-02 09:00Z') FROM unnest('{short,poor}'::text[]) AS n \g /dev/null
SELECT market.add_instrument(symbol => s) FROM unnest('{NORATE,EASY,LATER,DAY,DUST}'::text[]) AS s \g /dev/null
SELECT market.add_instrument(symbol => 'BLOCK', multiplier => 10), market.add_instrument(symbol => 'FUT', kind => 'future') \g /dev/null
CREATE FUNCTION pg_temp.price(symbol text, price float8, at timestamptz) RETURNS void LANGUAGE sql
AS $$ SELECT market.upsert_quotes(ARRAY[market.instrument_id(symbol)], ARRAY[at], ARRAY[price], ARRAY[1::float8]) $$;
CREATE FUNCTION pg_temp.deal(side trading.order_side, quantity numeric, price numeric, at timestamptz, symbol text DEFAULT 'IBM', portfolio text DEFAULT 'short') RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_temp.submit(format('%s/%s', at, symbol), side, quantity, price, symbol, portfolio, at);
  RETURN (pg_temp.fill(format('%s/%s', at, symbol), quantity, price, format('%s/%s', at, symbol), portfolio => portfolio, at => at)).fill_id;
END $$;
CREATE FUNCTION pg_temp.charge(at timestamptz, day date DEFAULT NULL, portfolio text DEFAULT 'short') RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', i.symbol, c.day, c.days, trim_scale(c.quantity), trim_scale(c.price), trim_scale(c.value), trim_scale(c.percent), trim_scale(c.amount), trim_scale(nullif(c.advanced, 0)))
    FROM trading.charge_borrow(portfolio, day, at) AS c JOIN market.instruments AS i USING (instrument_id) $$;

SELECT is(internal.borrow_cost(v, p, d), w, format('%s at %s %% for %s days', v, p, d))
  FROM (VALUES (36000, 1, 1, 1), (0.00018, 1, 1, 0.00000001), (0.00017999, 1, 1, 0), (0.00000001, 10000, 14, 0.00000004), (123456789012.12345678, 9.87654321, 3, 101610525.93717421),
               (99999999999999, 9999.99999999, 14, 388888888888496.11111111)) AS x (v, p, d, w);
INSERT INTO trading.borrow_rates (instrument_id, valid_from, percent)
SELECT market.instrument_id(s), d, p
  FROM (VALUES ('IBM', date '2024-01-03', 3.6), ('IBM', '2024-01-12', 36), ('EASY', '-infinity', 0), ('LATER', '2024-01-16', 10), ('BLOCK', '-infinity', 7.2), ('DAY', '-infinity', 50), ('DUST', '-infinity', 0.00000001)) AS r (s, d, p);
SELECT pg_temp.refuses(format('INSERT INTO trading.borrow_rates (instrument_id, percent) VALUES (%s)', v), c, v)
  FROM (VALUES ('market.instrument_id(''FUT''), 1', 'TR108'), ('market.instrument_id(''LATER''), -1', '23514'), ('market.instrument_id(''LATER''), NULL', '23502'), ('market.instrument_id(''LATER''), ''NaN''', '23514'), ('-1, 1', '23503')) AS x (v, c);

-- Thursday: a long position; shorts at a rate, without one, at a rate of nothing, before its rate begins; one that is closed before the day ends.
SELECT pg_temp.deal('buy', 10, 100, '2024-01-11 15:00Z', portfolio => 'main'), pg_temp.deal('sell', 8, 100, '2024-01-11 15:00Z') \g /dev/null
SELECT pg_temp.price(s, 20, '2024-01-11 14:59Z'), pg_temp.deal('sell', 5, 20, '2024-01-11 15:00Z', s) FROM unnest('{NORATE,EASY,LATER,BLOCK,DAY,DUST}'::text[]) AS s \g /dev/null
SELECT pg_temp.deal('buy', 5, 20, '2024-01-11 20:00Z', 'DAY'), pg_temp.price('IBM', 105, '2024-01-11 20:59Z') \g /dev/null
SELECT is_empty($$SELECT pg_temp.charge('2024-01-11 20:59:59Z')$$, 'the day before nothing was held');
SELECT pg_temp.refuses($$SELECT pg_temp.charge('2024-01-11 20:59:59Z', '2024-01-11')$$, 'TR245', 'the day is not over');
SELECT pg_temp.cash('short') AS before \gset
SELECT results_eq($$SELECT pg_temp.charge('2024-01-11 21:00Z')$$, ARRAY['IBM 2024-01-11 1 -8 105 840 3.6 0.084', 'DUST 2024-01-11 1 -5 20 100 0.00000001 0', 'BLOCK 2024-01-11 1 -5 20 1000 7.2 0.2'], 'for a day, at the last price');
SELECT pg_temp.amounts_to(pg_temp.cash('short') - :before, -0.284, 'it is out of the cash');
SELECT is_empty($$SELECT pg_temp.charge('2024-01-11 21:00Z')$$, 'once');
SELECT is_empty($$SELECT pg_temp.charge('2024-01-11 21:00Z', portfolio => 'main')$$, 'who holds it long owes nothing');
SELECT is((SELECT (v.income, v.fees, v.equity = s.equity)::text FROM trading.portfolio_values AS v JOIN trading.portfolios AS p USING (portfolio_id) JOIN trading.portfolio_summary AS s ON s.portfolio = p.name WHERE p.name = 'short'), '(-0.28400000,0.00000000,t)', 'it is less income, and no fee');
SELECT results_eq($$SELECT concat_ws('|', s.kind, s.description, s.debit, s.symbol, s.quantity) FROM ledger.statement('short') AS s WHERE s.kind = 'borrow'$$,
  ARRAY['borrow|borrow of 8 US:IBM on 2024-01-11, worth 840, at 3.6 % for 1 day|0.084|US:IBM', 'borrow|borrow of 5 US:BLOCK on 2024-01-11, worth 1000, at 7.2 % for 1 day|0.2|US:BLOCK'], 'the statement says what for');
SELECT results_eq($$SELECT (e.payload ->> 'amount')::numeric FROM ops.events AS e WHERE e.kind = 'position.borrow' ORDER BY e.event_id$$, ARRAY[0.084, 0, 0.2]::numeric[], 'the journal tells it');

-- Friday before a holiday, at a new rate; runners find out that the day is to be settled, and settle it.
SELECT pg_temp.price('IBM', 110, '2024-01-12 18:00Z') \g /dev/null
SELECT results_eq($$SELECT d.ends_at FROM trading.due_settlements(ARRAY[trading.portfolio_id('short')], ARRAY[market.instrument_id('IBM')], '2024-01-12 12:00Z') AS d$$, ARRAY[timestamptz '2024-01-12 21:00Z'], 'the day is due at the exchange');
SELECT is_empty($$SELECT * FROM trading.due_settlements(ARRAY[trading.portfolio_id('short')], ARRAY[market.instrument_id('NORATE')], '2024-01-12 12:00Z')$$, 'not for what has no rate');
CREATE FUNCTION pg_temp.settle(at timestamptz) RETURNS timestamptz LANGUAGE sql AS $$ SELECT trading.settle_day(ARRAY(SELECT portfolio_id FROM trading.portfolios), market.exchange_id('US'), at) $$;
SELECT is(pg_temp.settle('2024-01-12 21:00Z'), '2024-01-16 21:00Z', 'it returns the next end');
CREATE FUNCTION pg_temp.charged(on_day date) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT concat_ws(' ', p.name, i.symbol, c.days, trim_scale(c.quantity), trim_scale(c.price), trim_scale(c.amount)) FROM trading.borrow_charges AS c JOIN trading.portfolios AS p USING (portfolio_id)
    JOIN market.instruments AS i USING (instrument_id) WHERE c.day = on_day AND c.amount > 0 ORDER BY p.name, i.instrument_id $$;
SELECT results_eq($$SELECT pg_temp.charged('2024-01-12')$$, ARRAY['short IBM 4 -8 110 3.52', 'short BLOCK 4 -5 20 0.8'], 'until the next trading day');
SELECT is(pg_temp.settle('2024-01-12 21:00Z'), '2024-01-16 21:00Z', 'again');
SELECT pg_temp.amounts_to((SELECT sum(amount) FROM trading.borrow_charges), 4.604, 'nothing twice');

-- A split between two days: the new quantity at the new price. A rate that has begun.
SELECT market.add_split('IBM', '2024-01-16', 2) \g /dev/null
SELECT count(*) FROM trading.apply_split(ARRAY(SELECT portfolio_id FROM trading.portfolios), (SELECT max(action_id) FROM market.corporate_actions), '2024-01-16 05:00Z') \g /dev/null
SELECT results_eq($$SELECT pg_temp.charge('2024-01-16 21:00Z')$$, ARRAY['IBM 2024-01-16 1 -16 55 880 36 0.88', 'LATER 2024-01-16 1 -5 20 100 10 0.02777778', 'DUST 2024-01-16 1 -5 20 100 0.00000001 0', 'BLOCK 2024-01-16 1 -5 20 1000 7.2 0.2'], 'after a split');
SELECT pg_temp.is_sound();

-- Late: what was held then, at the price of then, whatever has been dealt since.
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (market.instrument_id('IBM'), '1 day', '2024-01-17 05:00Z', 55, 58, 55, 57, 100);
SELECT pg_temp.deal('buy', 16, 60, '2024-01-18 15:00Z') AS cover, pg_temp.price('IBM', 60, '2024-01-18 15:00Z') \gset
SELECT pg_temp.deal('buy', 5, 20, '2024-01-18 15:00Z', s) FROM unnest('{LATER,BLOCK,DUST}'::text[]) AS s \g /dev/null
SELECT results_eq($$SELECT pg_temp.charge('2024-01-18 16:00Z', '2024-01-17')$$, ARRAY['IBM 2024-01-17 1 -16 57 912 36 0.912', 'LATER 2024-01-17 1 -5 20 100 10 0.02777778', 'DUST 2024-01-17 1 -5 20 100 0.00000001 0', 'BLOCK 2024-01-17 1 -5 20 1000 7.2 0.2'], 'a day that is charged late');
SELECT is_empty($$SELECT pg_temp.charge('2024-01-18 21:00Z', '2024-01-18')$$, 'what was bought back costs nothing more');
-- A fill that is taken back, or was another: what is charged then is for what was held in truth, what was charged stays until somebody reverses it.
SELECT trading.correct_fill('short', fill_id => :cover, quantity => 12, price => 60, new_execution_id => 'twelve', reason => 'four were another''s', at => '2024-01-19 15:00Z') \g /dev/null
SELECT results_eq($$SELECT pg_temp.charge('2024-01-19 15:30Z', '2024-01-18')$$, ARRAY['IBM 2024-01-18 1 -4 60 240 36 0.24'], 'after a correction');
SELECT trading.bust_fill('short', fill_id => (SELECT max(fill_id) FROM trading.fills WHERE portfolio_id = trading.portfolio_id('short')), reason => 'nobody''s', at => '2024-01-19 16:00Z') \g /dev/null
SELECT results_eq($$SELECT pg_temp.charge('2024-01-19 21:00Z')$$, ARRAY['IBM 2024-01-19 3 -16 60 960 36 2.88'], 'after a bust');
SELECT is_empty($$SELECT pg_temp.charge('2024-01-19 21:00Z', '2024-01-18')$$, 'a day that was charged stays as it was');
-- Nobody has looked for some days: each of them is due, first the first.
SELECT results_eq($$SELECT d.ends_at FROM trading.due_settlements(ARRAY(SELECT portfolio_id FROM trading.portfolios), ARRAY[market.instrument_id('IBM')], '2024-01-24 22:00Z') AS d$$, ARRAY[timestamptz '2024-01-22 21:00Z'], 'the first day that was not charged is due');
SELECT results_eq($$SELECT c FROM pg_temp.charge('2024-01-24 22:00Z') AS c WHERE c LIKE 'IBM%'$$, ARRAY['IBM 2024-01-22 1 -16 60 960 36 0.96', 'IBM 2024-01-23 1 -16 60 960 36 0.96', 'IBM 2024-01-24 1 -16 60 960 36 0.96'], 'and all are charged');
SELECT is((SELECT r.kind::text || trim_scale(r.amount) FROM ledger.reverse_transfer('short', (SELECT max(transfer_id) FROM trading.borrow_charges WHERE day = '2024-01-18'), 'not held', at => '2024-01-20') AS r), 'adjustment0.24', 'a charge is reversed');
SELECT pg_temp.is_sound();

-- Who has no money: the margin of the short pays, then it is advanced.
SELECT pg_temp.deal('sell', 10, 60, '2024-01-25 15:00Z', portfolio => 'poor') \g /dev/null
INSERT INTO trading.borrow_rates (instrument_id, valid_from, percent) VALUES (market.instrument_id('IBM'), '2024-01-25', 10000);
SELECT is((ledger.withdraw('poor', pg_temp.available('poor'), at => '2024-01-25 16:00Z')).kind, 'withdrawal', 'no cash is left');
SELECT results_eq($$SELECT pg_temp.charge('2024-01-25 21:00Z', portfolio => 'poor')$$, ARRAY['IBM 2024-01-25 1 -10 60 600 10000 166.66666667'], 'its margin pays');
SELECT pg_temp.price('IBM', 600, '2024-01-26 15:00Z') \g /dev/null
SELECT results_eq($$SELECT pg_temp.charge('2024-01-26 21:00Z', '2024-01-26', 'poor')$$, ARRAY['IBM 2024-01-26 3 -10 600 6000 10000 5000 4266.66666667'], 'the rest is advanced');
SELECT pg_temp.amounts_to(pg_temp.cash('poor'), 0, 'cash is not negative');
SELECT pg_temp.is_sound();

SELECT pg_temp.refuses(format(s, 'trading.borrow_charges'), 'TR213', s) FROM unnest(ARRAY['UPDATE %s SET amount = amount', 'DELETE FROM %s', 'TRUNCATE %s']) AS s;
SELECT pg_temp.refuses(format('SELECT trading.charge_borrow(%s)', a), c, a) FROM (VALUES ('''nobody''', 'TR211'), ('at => NULL', 'TR104'), ('at => ''infinity''', 'TR104'), ('day => ''infinity''', 'TR104'), ('day => ''2024-03-01'', at => ''2024-02-01''', 'TR245')) AS x (a, c);
SELECT pg_temp.outcome('bourse_trader', $$INSERT INTO trading.borrow_rates (instrument_id, percent) VALUES (1, 1)$$) AS trader, pg_temp.outcome('bourse_admin', $$UPDATE trading.borrow_rates SET percent = 1$$) AS admin \gset
SELECT is(:'trader' || ' ' || :'admin', '42501 00000', 'administrators set rates');
SELECT * FROM finish();
ROLLBACK;
